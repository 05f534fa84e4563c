// What the pages do beyond their plain forms: they copy, do not send a form a second time while its answer comes, lead to the field that
// is wrong, and say times as here and now.
(() => {
  'use strict';

  const said = document.getElementById('said');
  // Emptied first: a screen reader says nothing of a text that stays the same.
  const say = text => {
    said.textContent = '';
    setTimeout(() => { said.textContent = text; }, 50);
  };

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
      const done = await copy(document.getElementById(copier.dataset.copy));
      copier.textContent = done ? said.dataset.copied : said.dataset.press;
      say(done ? said.dataset.copied : said.dataset.selected);
      clearTimeout(back);
      back = setTimeout(() => { copier.textContent = label; }, 2000);
    });
  }

  const PATIENCE = 5000, sent = new Set();
  document.addEventListener('submit', event => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post') return;
    if (sent.has(form)) return event.preventDefault();
    sent.add(form);
    setTimeout(() => sent.delete(form), PATIENCE);
  });
  addEventListener('pageshow', () => sent.clear());

  const error = document.getElementById('error');
  const wrong = error && (document.getElementById(error.dataset.field) ?? document.getElementsByName(error.dataset.field)[0]);
  if (wrong) {
    wrong.setAttribute('aria-invalid', 'true');
    wrong.setAttribute('aria-errormessage', 'error');
    wrong.focus();
  }

  // The page says UTC; the reader's own time takes its place, with UTC in the title, and what is near is told by how near.
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const near = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto', style: 'short' });
  const moments = [...document.querySelectorAll('time[data-moment]')];
  for (const moment of moments) moment.title = moment.textContent;
  const tell = () => {
    for (const moment of moments) {
      const at = new Date(moment.dateTime), seconds = Math.round((at - Date.now()) / 1000), far = Math.abs(seconds);
      moment.textContent = far < 60 ? near.format(seconds, 'second')
        : far < 3600 ? near.format(Math.trunc(seconds / 60), 'minute') : local.format(at);
    }
  };
  tell();
  setInterval(tell, 30000);
})();
