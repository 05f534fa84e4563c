// What the page does beyond its plain form: asks for a code without leaving, counts it down, copies.
(() => {
  'use strict';

  const byId = id => document.getElementById(id);
  const form = byId('issue'), button = form.querySelector('button'), issued = byId('issued'), error = byId('error');
  const PATIENCE = 20000, SECOND = 1000, MINUTE = 60 * SECOND;
  let tick = 0, again = 0, busy = false;

  const count = (number, unit) => `${number} ${unit}${number === 1 ? '' : 's'}`;
  const span = seconds => {
    if (seconds <= 90) return count(seconds, 'second');
    const minutes = Math.ceil(seconds / 60);
    if (minutes < 60) return count(minutes, 'minute');
    return count(Math.floor(minutes / 60), 'hour') + (minutes % 60 ? ` ${count(minutes % 60, 'minute')}` : '');
  };
  // In UTC, as the server says times in the page.
  const clock = (time, withSeconds) => {
    const today = new Date().toISOString().slice(0, 10) === time.toISOString().slice(0, 10);
    const day = today ? {} : { day: 'numeric', month: 'long' }, second = withSeconds ? '2-digit' : undefined;
    const format = new Intl.DateTimeFormat('en-GB', { ...day, hour: '2-digit', minute: '2-digit', second, timeZone: 'UTC' });
    return `${format.format(time).replace(' at ', ', ')} UTC`;
  };
  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  };
  const timeOf = (time, withSeconds) => {
    const made = element('time', '', clock(time, withSeconds));
    made.dateTime = time.toISOString();
    return made;
  };

  // Emptied first: a screen reader says nothing of a text that stays the same.
  const say = text => {
    byId('said').textContent = '';
    setTimeout(() => { byId('said').textContent = text; }, 50);
  };

  const offer = (text, isFirst) => {
    button.textContent = text;
    button.className = isFirst ? 'first' : 'second';
  };
  const hasLiveCode = () => !issued.hidden && !issued.classList.contains('is-expired');

  const showError = (title, ...content) => {
    error.replaceChildren(element('div', 'error', element('p', 'error-title', title), element('p', '', ...content)));
    offer('Try again', !hasLiveCode());
  };

  const showLimit = seconds => {
    if (!seconds) return showError('Limit reached', 'No more codes are issued for now. Please try again later.');
    // Rounded up to the minute, so that nobody comes too early.
    const time = new Date(Math.ceil((Date.now() + seconds * SECOND) / MINUTE) * MINUTE);
    showError('Limit reached', 'No more codes are issued for now. You may ask for another code at ', timeOf(time), ` (in ${span(seconds)}).`);
    offer('Try again', false);
    clearTimeout(again);
    again = setTimeout(() => {
      showError('You may ask again', 'The wait is over: you may ask for another code now.');
      offer('Get a new code', !hasLiveCode());
    }, seconds * SECOND);
  };

  const showRefusal = (answer, refusal) => {
    const seconds = Number.parseInt(answer.headers.get('Retry-After'), 10) || 0;
    if (answer.status === 429) return showLimit(seconds);
    if (refusal?.code === 'browser_session_required') {
      const link = element('a', '', 'Reload the page');
      link.href = location.pathname;
      showError('This page was open too long', 'Reload it and ask again. If that does not help, allow this site to keep a cookie.', document.createElement('br'), link);
      offer('Try again', false);
      return;
    }
    const wait = seconds ? ` You may try again in ${span(seconds)}.` : '';
    showError('No code was issued', (refusal?.message ?? `The server's answer was not understood (status ${answer.status}). Please try again.`) + wait);
  };

  const countDown = (end, ttl) => {
    const left = Math.max(0, end - performance.now()), seconds = Math.ceil(left / SECOND);
    byId('left').value = left / (ttl * SECOND);
    const shown = issued.querySelector('.countdown');
    shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    if (left > 0) {
      if (seconds === 60 && ttl > 60) say('The code expires in one minute.');
      tick = setTimeout(countDown, left % SECOND || SECOND, end, ttl);
      return;
    }
    issued.classList.add('is-expired');
    for (const part of ['left', 'valid']) byId(part).hidden = true;
    issued.querySelector('[data-copy]').hidden = true;
    byId('expired').hidden = false;
    say('The install code has expired.');
    if (!busy) offer('Get a new code', true);
  };

  // The time left is counted from when the code was asked for, on the clock that nobody sets: never more than there is.
  const showCode = (code, expiresAt, ttl, asked) => {
    clearTimeout(tick);
    clearTimeout(again);
    error.replaceChildren();
    issued.classList.remove('is-expired');
    byId('code').textContent = code;
    const countdown = element('span', 'countdown');
    countdown.setAttribute('role', 'timer');
    countdown.setAttribute('aria-live', 'off');
    countdown.setAttribute('aria-label', 'Time left');
    byId('valid').replaceChildren('Valid for ', countdown, ', until ', timeOf(expiresAt, true), '. It works once.');
    for (const part of ['left', 'valid']) byId(part).hidden = false;
    issued.querySelector('[data-copy]').hidden = false;
    byId('expired').hidden = true;
    issued.hidden = false;
    offer('Get a new code', false);
    say(`Your install code is ${code}. It is valid for ${span(ttl)}.`);
    countDown(asked + ttl * SECOND, ttl);
    document.dispatchEvent(new CustomEvent('code-issued', { detail: hintOf(code) }));
  };

  const hintOf = code => `${code.slice(0, 11)}...${code.slice(-6)}`;

  // What the installer has done with the code that is shown: its time is no longer what counts.
  document.addEventListener('install-step', ({ detail: step }) => {
    const code = byId('code').textContent;
    if (issued.hidden || step.event === 'issued' || step.install_code_hint !== hintOf(code)) return;
    clearTimeout(tick);
    const isFree = step.event === 'released' && step.install_code_restored, isOver = ['confirmed', 'expired', 'revoked', 'released'].includes(step.event) && !isFree;
    issued.classList.toggle('is-expired', isOver);
    byId('left').hidden = byId('expired').hidden = true;
    byId('valid').hidden = false;
    byId('valid').textContent = isFree ? 'The install was taken back: this code may be used again for a few minutes.'
      : step.event === 'confirmed' ? 'This code has been used.' : isOver ? 'This code can no longer be used.' : 'The installer has accepted this code.';
    issued.querySelector('[data-copy]').hidden = !isFree;
    if (isOver && !busy) offer('Get a new code', step.event !== 'confirmed');
  });

  const ask = async () => {
    const asked = performance.now();
    const giveUp = new AbortController(), limit = setTimeout(() => giveUp.abort(), PATIENCE);
    let answer, body;
    try {
      answer = await fetch(form.dataset.api, { method: 'POST', headers: { Accept: 'application/json' }, cache: 'no-store', signal: giveUp.signal });
      body = await answer.json().catch(() => null);
    } catch {
      return showError('The server could not be reached', 'Check your connection and try again.');
    } finally {
      clearTimeout(limit);
    }
    if (answer.status === 201 && body?.data) showCode(body.data.install_code, new Date(body.data.expires_at), body.data.ttl_seconds, asked);
    else showRefusal(answer, body?.error);
  };

  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const hadFocus = document.activeElement === button;
    button.textContent = 'Getting a code…';
    button.disabled = true;
    await ask();
    button.disabled = false;
    busy = false;
    if (hadFocus) button.focus();
  });

  const copy = async source => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      // No clipboard without HTTPS, or not allowed: the selection stays for the reader's own hands.
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return document.execCommand('copy');
    }
  };

  for (const copier of document.querySelectorAll('[data-copy]')) {
    const label = copier.textContent;
    let back = 0;
    copier.hidden = false;
    copier.addEventListener('click', async () => {
      const done = await copy(byId(copier.dataset.copy));
      copier.textContent = done ? 'Copied' : 'Press Ctrl+C';
      say(done ? 'Copied' : 'It is selected: copy it with Ctrl+C.');
      clearTimeout(back);
      back = setTimeout(() => { copier.textContent = label; }, 2 * SECOND);
    });
  }

  // The plain form was sent before this script had come: its code counts down as well.
  if (issued.dataset.ttl) showCode(byId('code').textContent, new Date(issued.querySelector('time').dateTime), Number(issued.dataset.ttl), performance.now());
})();
