// All ways to add photos: buttons, a drop anywhere on the page, and pasting.

import { inputFiles, transferFiles } from './files.js';

// takeFiles calls add({files, left}) with the files that a person adds. ready() reports whether there is a board to add
// them to.
export function takeFiles(add, ready) {
  for (const [button, name] of [['#add-photos', '#photos'], ['#empty button', '#photos'], ['#add-folder', '#folder'], ['#take-photo', '#camera']]) {
    document.querySelector(button).addEventListener('click', () => document.querySelector(name).click());
  }
  for (const name of ['#photos', '#folder', '#camera']) {
    const input = document.querySelector(name);
    input.addEventListener('change', () => add(inputFiles(input)));
  }

  const drop = document.querySelector('#drop');
  const hasFiles = (e) => ready() && e.dataTransfer?.types.includes('Files');
  let depth = 0; // a drag enters an element before it leaves the one around it
  const over = (change) => { depth = change === 0 ? 0 : depth + change; drop.hidden = depth <= 0; };
  addEventListener('dragenter', (e) => { if (hasFiles(e)) over(1); });
  addEventListener('dragleave', (e) => { if (hasFiles(e)) over(-1); });
  addEventListener('dragover', (e) => { if (hasFiles(e)) e.preventDefault(); });
  addEventListener('drop', (e) => {
    over(0);
    if (!hasFiles(e)) return;
    e.preventDefault();
    transferFiles(e.dataTransfer).then(add);
  });
  addEventListener('paste', (e) => {
    if (!ready() || ![...e.clipboardData.items].some((i) => i.kind === 'file')) return;
    e.preventDefault();
    transferFiles(e.clipboardData).then(add);
  });
}
