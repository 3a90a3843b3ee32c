// The photos that are still to be sent, four at a time. A photo gets its token when its turn has come, and no earlier:
// tokens live for minutes, and a folder may take an hour.

const parallel = 4;

export class Queue {
  #waiting = [];
  #running = new Map(); // photo -> AbortController
  #changed;
  #sent;
  #upload;

  // upload(photo, {signal, progress}) promises the id under which a photo has arrived. changed(photo) is called when
  // anything about it has changed, and sent(photo) when it has arrived.
  constructor({ upload, changed, sent }) {
    this.#changed = changed;
    this.#sent = sent;
    this.#upload = upload;
  }

  // busy reports whether leaving the page would lose something.
  get busy() { return this.#running.size + this.#waiting.length > 0; }

  add(photos) {
    for (const photo of photos) {
      Object.assign(photo, { state: 'waiting', sent: 0, failure: undefined });
      this.#waiting.push(photo);
      this.#changed(photo);
    }
    this.#next();
  }

  // cancel takes a photo out.
  cancel(photo) {
    this.#waiting = this.#waiting.filter((p) => p !== photo);
    this.#running.get(photo)?.abort();
  }

  #next() {
    while (this.#running.size < parallel && this.#waiting.length > 0) this.#run(this.#waiting.shift());
  }

  async #run(photo) {
    const controller = new AbortController();
    this.#running.set(photo, controller);
    Object.assign(photo, { state: 'uploading', sent: 0 });
    this.#changed(photo);
    try {
      photo.id = await this.#upload(photo, {
        signal: controller.signal,
        progress: (sent, failure) => { Object.assign(photo, { sent, failure }); this.#changed(photo); },
      });
      Object.assign(photo, { state: 'queued', sent: 1, failure: undefined, file: undefined, grant: undefined });
      this.#sent(photo);
    } catch (err) {
      if (controller.signal.aborted) return;
      // The API will refuse the same file again.
      const final = err.status === 400 || err.status === 413;
      Object.assign(photo, { state: final ? 'refused' : 'failed', failure: err });
      if (final) photo.file = undefined;
      this.#changed(photo);
    } finally {
      this.#running.delete(photo);
      this.#next();
    }
  }
}
