// Signing in and out, as the person sees it.

import { DarkroomError } from './darkroom.js';
import { Issuer } from './issuer.js';
import { Session } from './session.js';
import { problem } from './words.js';

// signIn promises the session of a person who has signed in. Until then, the browser is at the issuer, or dialog asks
// the person to sign in.
export async function signIn(config, dialog, out) {
  if (!config) {
    await ask(dialog, 'You cannot sign in', new DarkroomError('config.json names no issuer. Load the page again.'), async () => location.reload());
  }
  const browser = { storage: sessionStorage, location, history, go: (url) => location.assign(url) };
  const begin = () => session.begin();
  const session = new Session(new Issuer(config), browser, () => ask(dialog, 'Your session has ended', undefined, begin));
  const state = await session.open().catch((err) => ask(dialog, 'You are not signed in', err, begin));
  if (state === 'leaving') await new Promise(() => {});
  if (state === 'out') await ask(dialog, 'Sign in to see the photos', undefined, begin);
  out.hidden = false;
  out.onclick = () => session.leave();
  return session;
}

// ask shows a question that can only be answered by signing in, which leaves the page.
function ask(dialog, title, failure, begin) {
  const fault = dialog.querySelector('.fault');
  const say = (err) => {
    fault.hidden = !err;
    if (err) fault.textContent = problem(err);
  };
  dialog.querySelector('h2').textContent = title;
  say(failure);
  dialog.querySelector('button').onclick = () => begin().catch(say);
  dialog.oncancel = (e) => e.preventDefault();
  if (!dialog.open) dialog.showModal();
  return new Promise(() => {});
}
