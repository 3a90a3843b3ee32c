// All ways to add photos: buttons, a drop anywhere on the page, and pasting.

import { ofInput, ofTransfer } from './files.js';

// takeFiles calls add({files, left}) with what a person brings. ready() tells whether there is a board to add it to.
export function takeFiles(add, ready) {
  for (const [button, name] of [['#add-photos', '#photos'], ['#empty button', '#photos'], ['#add-folder', '#folder'], ['#take-photo', '#camera']]) {
    document.querySelector(button).addEventListener('click', () => document.querySelector(name).click());
  }
  for (const name of ['#photos', '#folder', '#camera']) {
    const input = document.querySelector(name);
    input.addEventListener('change', () => add(ofInput(input)));
  }

  const drop = document.querySelector('#drop');
  const brings = (e) => ready() && e.dataTransfer?.types.includes('Files');
  let depth = 0; // a drag enters an element before it leaves the one around it
  const over = (change) => { depth = change === 0 ? 0 : depth + change; drop.hidden = depth <= 0; };
  addEventListener('dragenter', (e) => { if (brings(e)) over(1); });
  addEventListener('dragleave', (e) => { if (brings(e)) over(-1); });
  addEventListener('dragover', (e) => { if (brings(e)) e.preventDefault(); });
  addEventListener('drop', (e) => {
    over(0);
    if (!brings(e)) return;
    e.preventDefault();
    ofTransfer(e.dataTransfer).then(add);
  });
  addEventListener('paste', (e) => {
    if (!ready() || ![...e.clipboardData.items].some((i) => i.kind === 'file')) return;
    e.preventDefault();
    ofTransfer(e.clipboardData).then(add);
  });
}
