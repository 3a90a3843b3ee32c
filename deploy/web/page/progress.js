// Progress of the photos that were added here, shown and announced to screen readers.

import { Tally } from './tally.js';
import { count } from './words.js';

export class Progress {
  #region;
  #live;
  #tally = new Tally();
  #ended = new Map(); // state -> photos that reached it since the last announcement
  #timer;
  #frame;

  // again is called with the photos that a person wants to be tried again.
  constructor(region, live, again) {
    this.#region = region;
    this.#live = live;
    region.querySelector('button').addEventListener('click', () => again(this.#tally.photos('failed')));
  }

  clear() {
    this.#tally.clear();
    this.#ended.clear();
    this.#draw();
  }

  // put takes every photo that has changed. Photos that were not added on this page are not counted.
  put(photo) {
    const ended = this.#tally.put(photo);
    if (ended) {
      this.#ended.set(ended, (this.#ended.get(ended) ?? 0) + 1);
      this.#announce();
    }
    this.#draw();
  }

  drop(photo) {
    this.#tally.drop(photo);
    this.#draw();
  }

  // say makes a screen reader announce a text at once.
  say(text) { this.#live.textContent = text; }

  // #announce announces outcomes in batches, not one by one.
  #announce() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const words = { ready: 'ready', rejected: 'cannot be used', refused: 'not accepted', failed: 'not uploaded' };
      const parts = [...this.#ended].filter(([state]) => words[state]).map(([state, n]) => `${count(n, 'photo')} ${words[state]}`);
      this.#ended.clear();
      const left = this.#tally.moving;
      if (parts.length > 0) this.say(`${parts.join(', ')}${left ? `, ${left.toLocaleString()} to go` : ''}.`);
    }, 1500);
  }

  // #draw draws once in the next frame, however many photos change.
  #draw() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const t = this.#tally;
      const failed = t.count('failed');
      this.#region.hidden = t.moving === 0 && failed === 0;
      this.#region.querySelector('button').hidden = failed === 0;
      if (this.#region.hidden) return;
      const parts = [`${t.count('ready').toLocaleString()} of ${count(t.total, 'photo')} ready`];
      for (const [n, words] of [[t.count('uploading'), 'uploading'], [t.count('waiting'), 'waiting'], [t.count('queued', 'processing'), 'processing'],
        [t.count('rejected', 'refused'), 'cannot be used'], [failed, 'not uploaded']]) {
        if (n > 0) parts.push(`${n.toLocaleString()} ${words}`);
      }
      this.#region.querySelector('p').textContent = parts.join(' · ');
      this.#region.querySelector('progress').value = t.done;
    });
  }
}
