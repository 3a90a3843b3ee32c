// The photos of a board, in the order in which they are shown: the newest first. The views read them here.

const precedes = (a, b) => a.order > b.order || (a.order === b.order && a.key < b.key);

export class Store {
  #photos = [];
  #ids = new Map(); // id -> photo

  get photos() { return this.#photos; }

  has(photo) { return this.#photos[this.indexOf(photo)] === photo; }

  byId(id) { return this.#ids.get(id); }

  get ids() { return this.#ids.keys(); }

  // identify notes the id of a photo.
  identify(photo) { this.#ids.set(photo.id, photo); }

  // add merges photos into the order. It sorts them, and passes over the others once.
  add(photos) {
    const added = [...photos].sort((a, b) => (precedes(a, b) ? -1 : 1));
    for (const photo of added) if (photo.id) this.identify(photo);
    const old = this.#photos;
    const merged = [];
    let next = 0;
    for (const photo of added) {
      while (next < old.length && precedes(old[next], photo)) merged.push(old[next++]);
      merged.push(photo);
    }
    while (next < old.length) merged.push(old[next++]);
    this.#photos = merged;
  }

  drop(photo) {
    if (photo.id) this.#ids.delete(photo.id);
    if (this.has(photo)) this.#photos.splice(this.indexOf(photo), 1);
  }

  // indexOf returns where a photo is, or where it would be added.
  indexOf(photo) {
    let from = 0, to = this.#photos.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (precedes(this.#photos[middle], photo)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  // next returns the nearest photo in a direction, 1 or -1, that wanted accepts.
  next(photo, step, wanted = () => true) {
    for (let i = this.indexOf(photo) + step; i >= 0 && i < this.#photos.length; i += step) {
      if (wanted(this.#photos[i])) return this.#photos[i];
    }
    return undefined;
  }
}
