// What the pages do beyond their plain forms: they copy.
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
      copier.textContent = done ? 'Copied' : 'Press Ctrl+C';
      say(done ? 'Copied' : 'It is selected: copy it with Ctrl+C.');
      clearTimeout(back);
      back = setTimeout(() => { copier.textContent = label; }, 2000);
    });
  }
})();
