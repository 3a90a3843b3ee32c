// A board: its photos, from before the upload to the outcome. It reports changes to its view and does not depend on how
// the view looks.

import { Store } from './store.js';
import { Watch, final, jitter, sleep } from './darkroom.js';
import { sendable } from './filename.js';
import { typeOf } from './filetype.js';
import { Queue } from './queue.js';

// A photo is a plain object:
//   key       a number, unique on this page
//   added     true if it was added on this page
//   board, id (once there is one), file (of those that were added here), name (of the file, untrusted text, where it is known), state (see words.js), sent (0 to 1), failure
//   order     milliseconds: the greatest is shown first
//   and what the API says about it: width, height, reason, detail, animated, damaged, thumbHash, colour, credit, uploaded, updated, variants

let keys = 0;

// staleAfter is the age in milliseconds at which the list is read again when somebody comes back to the page. No timer
// reads it: the API reads each photo of a list, which costs money.
const staleAfter = 30_000;

// createdAt returns when a photo's id was created, in milliseconds. The first nine characters of the id are that time,
// so the board has the order of the API's list. Ids of earlier releases carry no time: then it is when the photo
// arrived.
function createdAt({ id, uploaded }) {
  if (id.length === 25 || id.length === 45) return 2 ** 42 - 1 - Number.parseInt(id.slice(0, 9), 32);
  return Date.parse(uploaded) || Date.now();
}

// One page's uploads go through one queue, whatever the board.
export class Boards {
  #connect;
  #queue;
  #boards = new Map();
  #view;
  current;

  // connect(board) returns the client of a board, a Darkroom. view has show(store), put(photo), drop(photo),
  // trouble(failure, again), read(done, rest) and more(signal). read says whether the list has been read as far as it is
  // shown, and whether it goes on. more promises that somebody wants to see more of it.
  constructor(connect, view) {
    this.#connect = connect;
    this.#view = view;
    this.#queue = new Queue({
      upload: (photo, options) => this.#boards.get(photo.board).upload(photo, options),
      changed: (photo) => this.#boards.get(photo.board).changed(photo),
      sent: (photo) => this.#boards.get(photo.board).sent(photo),
    });
  }

  get busy() { return this.#queue.busy; }

  // open shows a board and reads its list again. Call Board.seen to say whether anybody looks.
  open(name) {
    this.current?.hide();
    if (!this.#boards.has(name)) this.#boards.set(name, new Board(name, this.#connect(name), this.#queue));
    this.current = this.#boards.get(name);
    this.current.show(this.#view);
  }
}

class Board {
  store = new Store();
  #client;
  #queue;
  #view;
  #watch;
  #reading;
  #readAt; // when the list was last read, as far as it is shown
  #pages = 0; // how much of the list is shown

  constructor(name, client, queue) {
    this.name = name;
    this.#client = client;
    this.#queue = queue;
    this.#watch = new Watch({
      ask: (photos, options) => this.#outcomes(photos, options),
      trouble: (failure) => this.#view?.trouble(failure, () => this.#watch.wake()),
    });
  }

  get photos() { return this.store.photos; }

  show(view) {
    this.#view = view;
    view.show(this.store);
    for (const photo of this.photos) view.put(photo);
    this.read();
  }

  hide() {
    this.#reading?.abort();
    this.#watch.sleep();
    this.#view = undefined;
  }

  // seen notes whether anybody sees the page. Meanwhile others may have added and removed photos.
  seen(visible) {
    if (!visible) return this.#watch.sleep();
    this.#watch.wake();
    if (Date.now() - this.#readAt > staleAfter) this.read();
  }

  // read reads the list from its beginning, as far as it is shown, and then each further page when it is wanted. Photos that
  // are already shown stay and are updated.
  async read() {
    this.#reading?.abort();
    this.#readAt = undefined;
    const { signal } = this.#reading = new AbortController();
    const found = new Set();
    const before = new Set(this.store.ids);
    this.#view?.read(false);
    let cursor, failures = 0, pages = 0;
    do {
      try {
        const page = await this.#client.list({ cursor, signal });
        if (failures > 0) this.#view?.trouble();
        failures = 0;
        cursor = page.next;
        pages++;
        // Photos whose PUT has arrived without its answer are reported as sent later.
        const underWay = new Set(this.photos.map((p) => p.grant?.id));
        for (const status of page.uploads) found.add(status.id);
        this.#found(page.uploads.filter((status) => !underWay.has(status.id)));
      } catch (err) {
        if (signal.aborted) return;
        this.#view?.trouble(err, () => this.read());
        if (!err.transient) return;
        const pause = jitter(++failures);
        await sleep(err.retryAfter ?? pause, signal).catch(() => {});
        if (signal.aborted) return;
        cursor ??= '';
        continue;
      }
      for (const id of before) {
        const photo = this.store.byId(id);
        if (photo && !found.has(id) && (cursor === undefined || id <= cursor)) this.#forget(photo); // the list is in the order of the ids
      }
      if (cursor !== undefined && pages < this.#pages) continue;
      this.#pages = pages;
      this.#readAt = Date.now();
      this.#view?.read(true, cursor !== undefined);
      if (cursor === undefined) return;
      try {
        await this.#view?.more(signal);
      } catch {
        return; // the board is being read again, or is not shown any more
      }
      this.#view?.read(false);
    } while (cursor !== undefined);
  }

  // add takes files, in the order in which they are to be shown.
  add(files) {
    const now = Date.now();
    const photos = files.map((file, i) => ({ key: ++keys, board: this.name, file, name: file.name, added: true, order: now - i / 1000, preview: file }));
    this.store.add(photos);
    this.#queue.add(photos);
  }

  // upload sends a photo's file. The photo keeps its token, as another attempt needs it.
  async upload(photo, options) {
    const type = await typeOf(photo.file).catch(() => ''); // upload fails if the file cannot be read
    return this.#client.upload(photo.file, { ...options, type, name: sendable(photo.file.name), attempt: photo });
  }

  again(photo) { this.#queue.add([photo]); }

  // remove removes a photo for everybody, or stops its upload.
  async remove(photo) {
    if (photo.id) {
      await this.#client.remove(photo.id);
      return this.#forget(photo);
    }
    this.#queue.cancel(photo);
    this.#forget(photo);
    if (!photo.grant) return;
    try {
      await this.#client.remove(photo.grant.id); // its bytes may still be on their way
    } catch (err) {
      if (!err.type?.endsWith('not-owner')) throw err; // the API does not know yet whose photo it will be
    }
  }

  // renew reads a photo's URLs again: they expire after at most fifteen minutes.
  async renew(photo) {
    this.#apply(photo, await this.#client.status(photo.id));
  }

  changed(photo) {
    if (this.store.has(photo)) this.#view?.put(photo);
  }

  sent(photo) {
    if (!this.store.has(photo)) return; // removed just when it had arrived
    this.store.identify(photo);
    this.changed(photo);
    this.#watch.add(photo);
  }

  // #found takes the photos of a list.
  #found(statuses) {
    const unknown = statuses.filter(({ id }) => !this.store.byId(id));
    this.store.add(unknown.map((status) => ({ key: ++keys, board: this.name, id: status.id, order: createdAt(status) })));
    for (const status of statuses) {
      const photo = this.store.byId(status.id);
      this.#apply(photo, status);
      if (photo.state === 'processing') this.#watch.add(photo);
    }
  }

  // #outcomes waits for outcomes, and promises the photos that have one.
  async #outcomes(photos, options) {
    const ended = [];
    for (const status of await this.#client.outcomes(photos.map((p) => p.id), options)) {
      const photo = photos.find((p) => p.id === status.id);
      if (!photo || !final(status)) continue;
      ended.push(photo);
      if (photo.state !== 'removed') this.#apply(photo, status); // the person may have removed it while the request waited
    }
    return ended;
  }

  #apply(photo, status) {
    if (status.state === 'removed') return this.#forget(photo);
    Object.assign(photo, { animated: undefined, damaged: undefined, credit: undefined }, status); // the API may leave these out
    this.changed(photo);
  }

  #forget(photo) {
    photo.state = 'removed';
    this.store.drop(photo);
    this.#watch.drop(photo);
    this.#view?.drop(photo);
  }
}
