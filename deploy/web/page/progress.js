// Progress of the photos that were added here, shown and announced to screen readers.

import { count } from './words.js';

const moving = ['waiting', 'uploading', 'queued', 'processing'];

export class Progress {
  #region;
  #live;
  #again;
  #photos = new Set(); // added photos that were not yet announced as done
  #told = new Map(); // state -> photos that reached it since the last announcement
  #timer;

  constructor(region, live, again) {
    this.#region = region;
    this.#live = live;
    this.#again = region.querySelector('button');
    this.#again.addEventListener('click', () => again([...this.#photos].filter((p) => p.state === 'failed')));
  }

  clear() {
    this.#photos.clear();
    this.#told.clear();
    this.#draw();
  }

  // put takes every photo that has changed. Photos that were not added on this page are not counted.
  put(photo) {
    if (!photo.name) return;
    const known = this.#photos.has(photo);
    if (moving.includes(photo.state)) {
      if (!known) {
        if (![...this.#photos].some((p) => moving.includes(p.state))) this.#photos.clear(); // a new round
        this.#photos.add(photo);
      }
      photo.told = false;
    } else if (known && !photo.told) {
      photo.told = true;
      this.#told.set(photo.state, (this.#told.get(photo.state) ?? 0) + 1);
      this.#soon();
    }
    this.#draw();
  }

  drop(photo) {
    this.#photos.delete(photo);
    this.#draw();
  }

  // say makes a screen reader announce a text at once.
  say(text) { this.#live.textContent = text; }

  // #soon announces outcomes in batches, not one by one.
  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const words = { ready: 'ready', rejected: 'cannot be used', refused: 'not accepted', failed: 'not uploaded' };
      const parts = [...this.#told].filter(([state]) => words[state]).map(([state, n]) => `${count(n, 'photo')} ${words[state]}`);
      this.#told.clear();
      const left = this.#count((p) => moving.includes(p.state));
      if (parts.length > 0) this.say(`${parts.join(', ')}${left ? `, ${left.toLocaleString()} to go` : ''}.`);
    }, 1500);
  }

  #count(of) { return [...this.#photos].filter(of).length; }

  #draw() {
    const all = this.#photos.size;
    const by = (...states) => this.#count((p) => states.includes(p.state));
    const failed = by('failed'), rejected = by('rejected', 'refused'), ready = by('ready');
    const open = by(...moving);
    this.#region.hidden = open === 0 && failed === 0;
    this.#again.hidden = failed === 0;
    if (this.#region.hidden) return;
    const parts = [`${ready.toLocaleString()} of ${count(all, 'photo')} ready`];
    for (const [n, words] of [[by('uploading'), 'uploading'], [by('waiting'), 'waiting'], [by('queued', 'processing'), 'processing'], [rejected, 'cannot be used'], [failed, 'not uploaded']]) {
      if (n > 0) parts.push(`${n.toLocaleString()} ${words}`);
    }
    this.#region.querySelector('p').textContent = parts.join(' · ');
    let done = 0;
    for (const p of this.#photos) done += ['ready', 'rejected', 'refused'].includes(p.state) ? 1 : (p.sent ?? 0) * 0.8;
    this.#region.querySelector('progress').value = all ? done / all : 0;
  }
}
