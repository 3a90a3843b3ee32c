// Waiting for the outcomes of photos: one request waits at the API for all of them, however many there are. Browsers open
// six connections to an origin under HTTP/1.1, and the others are needed for tokens.
//
// The photos that were sent first come first in the request, as the workers take them about in that order. An answer has
// the outcomes of about a second, so hundreds of photos make few requests.

import { jitter } from './backoff.js';

const longPoll = 20; // seconds that a request waits at the API
const most = 100; // photos in a request: the API takes no more
const youngest = 400; // milliseconds after which a photo that was just sent is asked for, at the earliest
const eldest = 2000; // and at the latest
const pace = 1000; // milliseconds between two requests for many photos
const paceOfOne = 200; // milliseconds that each photo adds to the time between two requests, up to pace
const lastPause = 5000; // longest time between two requests if the API answers early and has no outcome

export class Watch {
  #ask;
  #trouble;
  #pending = new Map(); // photo -> when it was sent, in that order
  #usual = 0; // milliseconds that photos took of late
  #asking; // {photos, begun, controller} of the request that waits
  #timer;
  #stopped = false; // nobody looks at the page, or the API refuses
  #failures = 0;
  #early = 0; // requests in a row that were answered without an outcome
  #notBefore = 0;

  // ask(photos, {wait, signal}) promises the photos that have come to their end. It waits for the first for so many seconds.
  // trouble(failure) is called when asking fails, and with nothing when it works again.
  constructor({ ask, trouble }) {
    this.#ask = ask;
    this.#trouble = trouble;
  }

  get size() { return this.#pending.size; }

  add(photo) {
    if (this.#pending.has(photo)) return;
    this.#pending.set(photo, Date.now());
    this.#turn();
  }

  drop(photo) {
    this.#pending.delete(photo);
    if (this.#pending.size === 0) this.#asking?.controller.abort();
  }

  // sleep ends all asking until wake: nobody looks at the page.
  sleep() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#asking?.controller.abort();
  }

  // wake asks anew.
  wake() {
    this.#stopped = false;
    this.#notBefore = 0;
    this.#asking?.controller.abort();
    this.#turn();
  }

  // #turn sends the next request, or sets the timer for it. A request that waits is replaced if there are photos that it does
  // not ask for.
  #turn() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const now = Date.now();
    const young = Math.min(Math.max(this.#usual / 2, youngest), eldest); // hardly any photo is ready earlier
    const due = [];
    let next = Infinity; // when the first photo is due that the waiting request does not ask for
    for (const [photo, sent] of this.#pending) {
      const at = sent + young;
      if (at <= now && due.length < most) due.push(photo);
      if (!this.#asking?.photos.has(photo)) next = Math.min(next, at);
    }
    if (this.#asking?.photos.size === most) return;
    next = Math.max(next, this.#notBefore, this.#asking ? this.#asking.begun + pace : 0);
    if (next > now) {
      if (next < Infinity) this.#timer = setTimeout(() => this.#turn(), next - now);
    } else if (this.#asking) this.#asking.controller.abort();
    else this.#one(due, now);
  }

  async #one(photos, begun) {
    const controller = new AbortController();
    this.#asking = { photos: new Set(photos), begun, controller };
    try {
      const ended = await this.#ask(photos, { wait: longPoll, signal: controller.signal });
      if (this.#failures > 0) this.#trouble();
      this.#failures = 0;
      for (const photo of ended) {
        const took = Date.now() - (this.#pending.get(photo) ?? Date.now());
        this.#usual += (took - this.#usual) / 8;
        this.#pending.delete(photo);
      }
      this.#early = ended.length > 0 ? 0 : this.#early + 1;
      const pause = Math.min(photos.length * paceOfOne, pace);
      this.#notBefore = begun + Math.min(pause * 1.6 ** this.#early, lastPause);
    } catch (err) {
      if (controller.signal.aborted) return;
      const pause = jitter(++this.#failures);
      if (err.transient) this.#notBefore = Date.now() + (err.retryAfter ?? pause);
      else this.#stopped = true;
      this.#trouble(err);
    } finally {
      this.#asking = undefined;
      this.#turn();
    }
  }
}
