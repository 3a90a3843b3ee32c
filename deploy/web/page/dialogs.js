// Questions that the page asks.

import { problem, title } from './words.js';

// confirmRemoval asks once, and promises whether the photo was removed. While that fails the question stays.
export function confirmRemoval(dialog, photo, remove) {
  const fault = dialog.querySelector('.fault');
  const choice = { keep: dialog.querySelector('[data-do=keep]'), remove: dialog.querySelector('[data-do=remove]') };
  dialog.querySelector('h2').textContent = `Remove ${photo.name ? title(photo) : 'this photo'}?`;
  fault.hidden = true;
  return new Promise((resolve) => {
    let removed = false;
    choice.keep.onclick = () => dialog.close();
    choice.remove.onclick = async () => {
      choice.remove.disabled = true;
      try {
        await remove();
        removed = true;
        dialog.close();
      } catch (err) {
        fault.textContent = `${problem(err)} Try again.`;
        fault.hidden = false;
      } finally {
        choice.remove.disabled = false;
      }
    };
    dialog.onclose = () => resolve(removed);
    dialog.showModal();
    choice.keep.focus();
  });
}
