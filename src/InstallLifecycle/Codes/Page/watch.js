// Shows the steps of an install as they happen: by a stream of events, where that fails by asking, and where that fails it says so.
(() => {
  'use strict';

  const SECOND = 1000, PAUSE = 3 * SECOND, LONGEST_PAUSE = 30 * SECOND, POLLS = 10, MOST_SHOWN = 100, BATCH = 100;
  const NAMES = ['issued', 'prechecked', 'activated', 'registered', 'confirmed', 'released', 'expired', 'revoked'];
  const section = document.getElementById('watch'), list = document.getElementById('steps'), following = document.getElementById('following');
  const api = section.dataset.api, live = new Set();
  let last = 0, rendered = Number(section.dataset.since), stream = null, timer = 0, pause = PAUSE, polls = 0;

  const titles = {
    issued: 'Code issued', prechecked: 'Code accepted', activated: 'Install begun', registered: 'Agent registered', confirmed: 'Installed',
    released: 'Install failed, and was taken back', expired: 'Code expired', revoked: 'Ended by an administrator',
  };
  const words = {
    issued: step => step.install_code_hint,
    prechecked: step => `From the machine whose id ends in ${step.machine} and whose SSH host key ends in ${step.ssh_key}.`,
    activated: step => `As ${step.hostname}.`,
    registered: () => 'The server has given it its token.',
    confirmed: () => 'The server checks in from now on.',
    released: step => (step.reason ? `Reason: ${/[.!?]$/.test(step.reason) ? step.reason : step.reason + '.'} ` : '')
      + (step.install_code_restored ? 'The code may be used again: run the installer once more.' : 'Get a new code to try again.'),
    expired: () => 'Get a new code to try again.',
    revoked: () => 'Get a new code, or ask why.',
  };
  const kinds = { confirmed: 'good', released: 'bad', expired: 'bad', revoked: 'bad' };

  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  };

  // In UTC, as the steps that came with the page.
  const clock = at => {
    const day = at.toISOString().slice(0, 10) === new Date().toISOString().slice(0, 10) ? {} : { day: 'numeric', month: 'long' };
    const format = new Intl.DateTimeFormat('en-GB', { ...day, hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'UTC' });
    return `${format.format(at).replace(' at ', ', ')} UTC`;
  };

  const render = step => {
    const time = element('time', 'step-time', clock(new Date(step.time)));
    time.dateTime = step.time;
    const text = element('p', 'step-text', words[step.event](step));
    if (step.activation_id) {
      const link = element('a', '', 'Download the receipt');
      link.href = `${api.replace(/events$/, 'receipt')}?activation_id=${encodeURIComponent(step.activation_id)}`;
      text.append(' ', link);
    }
    list.append(element('li', `step ${kinds[step.event] ?? ''}`.trim(), element('p', 'step-title', titles[step.event]), time, text));
    while (list.children.length > MOST_SHOWN) list.firstElementChild.remove();
    document.getElementById('nothing').hidden = true;
  };

  const say = (text, link) => {
    following.replaceChildren(text);
    if (!link) return;
    const again = element('a', '', link);
    again.href = location.pathname;
    following.append(' ', again);
  };

  const isOver = step => ['confirmed', 'expired', 'revoked'].includes(step.event) || step.event === 'released' && !step.install_code_restored;

  const take = step => {
    if (step.id <= last || !titles[step.event]) return false;
    last = step.id;
    if (isOver(step)) live.delete(step.install_code_hint);
    else live.add(step.install_code_hint);
    if (step.id > rendered) render(step);
    document.dispatchEvent(new CustomEvent('install-step', { detail: step }));
    return true;
  };

  const stop = () => {
    stream?.close();
    stream = null;
    clearTimeout(timer);
  };
  // What is over is not followed, once all that the page was made with has come again; the last word was the last step.
  const goOn = () => {
    if (live.size > 0 || last < rendered) return say('Following the install.');
    stop();
    say('');
  };

  const poll = async () => {
    let answer, body;
    try {
      answer = await fetch(`${api}?since=${last}`, { headers: { Accept: 'application/json' }, cache: 'no-store' });
      body = await answer.json();
    } catch {
      answer = null;
    }
    if (answer?.status === 403) return say('This page has been open too long to follow the install.', 'Load it again');
    if (!answer?.ok || !body?.data) {
      const wait = Number.parseInt(answer?.headers.get('Retry-After'), 10) * SECOND || pause;
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      say('The server does not answer; trying again.', 'Load the page again');
      timer = setTimeout(poll, Math.min(wait, LONGEST_PAUSE));
      return;
    }
    pause = PAUSE;
    body.data.events.forEach(take);
    goOn();
    if (live.size === 0 && last >= rendered) return;
    polls += 1;
    timer = setTimeout(polls % POLLS === 0 ? follow : poll, body.data.events.length < BATCH ? PAUSE : 0);
  };

  const follow = () => {
    stop();
    const source = stream = new EventSource(api);
    for (const name of NAMES) {
      source.addEventListener(name, event => {
        if (take(JSON.parse(event.data)) && stream === source) goOn();
      });
    }
    source.addEventListener('open', () => { if (live.size > 0) say('Following the install.'); });
    source.addEventListener('error', () => {
      if (stream !== source) return;
      // Else the browser tries by itself, and says where it had come to.
      if (source.readyState !== EventSource.CLOSED) return say('The connection is lost; trying again.');
      stream = null;
      timer = setTimeout(poll, SECOND);
    });
  };

  document.addEventListener('code-issued', ({ detail: hint }) => {
    live.add(hint);
    if (!stream) follow();
  });
  if (rendered > 0) follow();
})();
