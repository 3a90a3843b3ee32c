// Asking how far photos have come, without asking too much: browsers keep six connections to an origin, and hundreds of
// photos may be under way.
//
// The photos that were sent first are asked for first, as the workers take them in that order. Each is asked for again
// after a pause that grows, so that one which takes long does not hold up the others. The last few wait at the server
// instead.

import { jitter } from './backoff.js';

const few = 2; // so many may wait at the server
const longPoll = 20; // seconds
const atOnce = 4;
const spacing = 100; // milliseconds between two requests
const firstPause = 400;
const lastPause = 5000;

export class Watch {
  #ask;
  #trouble;
  #pending = new Map(); // photo -> {pause, due}, in the order they were sent
  #asking = new Map(); // photo -> AbortController
  #timer;
  #asleep = false;
  #failures = 0;
  #notBefore = 0;

  // ask(photo, {wait, signal}) promises whether the photo has come to its end. trouble(failure) is called when asking fails,
  // and with nothing when it works again.
  constructor({ ask, trouble }) {
    this.#ask = ask;
    this.#trouble = trouble;
  }

  get size() { return this.#pending.size; }

  add(photo) {
    if (this.#pending.has(photo)) return;
    this.#pending.set(photo, { pause: firstPause, due: Date.now() + firstPause });
    this.#turn();
  }

  drop(photo) {
    this.#pending.delete(photo);
    this.#asking.get(photo)?.abort();
  }

  // sleep ends all asking until wake: nobody looks at the page.
  sleep() {
    this.#asleep = true;
    clearTimeout(this.#timer);
    for (const controller of this.#asking.values()) controller.abort();
  }

  // wake asks for everything anew.
  wake() {
    this.#asleep = false;
    this.#notBefore = 0;
    for (const entry of this.#pending.values()) Object.assign(entry, { pause: firstPause, due: 0 });
    this.#turn();
  }

  #turn() {
    clearTimeout(this.#timer);
    if (this.#asleep || this.#asking.size >= atOnce) return;
    const now = Date.now();
    let next = Infinity;
    for (const [photo, entry] of this.#pending) {
      if (this.#asking.has(photo)) continue;
      const due = Math.max(entry.due, this.#notBefore);
      if (due <= now) {
        this.#one(photo, entry);
        this.#notBefore = Math.max(this.#notBefore, now + spacing);
        next = this.#notBefore;
        break;
      }
      next = Math.min(next, due);
    }
    if (next < Infinity) this.#timer = setTimeout(() => this.#turn(), Math.max(next - now, 0));
  }

  async #one(photo, entry) {
    const controller = new AbortController();
    this.#asking.set(photo, controller);
    const wait = this.#pending.size <= few ? longPoll : 0;
    try {
      const done = await this.#ask(photo, { wait, signal: controller.signal });
      if (this.#failures > 0) this.#trouble();
      this.#failures = 0;
      if (done) this.#pending.delete(photo);
      entry.due = Date.now() + entry.pause;
      entry.pause = Math.min(entry.pause * 1.6, lastPause);
    } catch (err) {
      entry.due = Date.now();
      if (controller.signal.aborted) return;
      const pause = jitter(++this.#failures);
      if (err.transient) this.#notBefore = Date.now() + (err.retryAfter ?? pause);
      else this.#pending.delete(photo);
      this.#trouble(err);
    } finally {
      this.#asking.delete(photo);
      this.#turn();
    }
  }
}
