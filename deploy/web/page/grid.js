// The photos of a board. Only the tiles near the window are in the document, and the one that has the focus.

import { Layout, ratioOf } from './layout.js';
import { Tile } from './tile.js';

export class Grid {
  #list;
  #act;
  #store;
  #layout = new Layout();
  #style; // {width, row, gap} in pixels
  #ratios = new Map(); // photo -> ratio of its tile when it was laid out
  #tiles = new Map(); // photo -> Tile, of those in the document
  #changed = new Set(); // photos since the last frame
  #stale = true; // the layout must be computed again
  #shown = ''; // rows in the document
  #frame;
  #rest = false;

  // act has what Tile needs.
  constructor(list, act) {
    this.#list = list;
    this.#act = { ...act, shaped: (photo, ratio) => { photo.previewRatio = ratio; this.put(photo); } };
    list.addEventListener('keydown', (e) => this.#move(e));
    addEventListener('scroll', () => this.#schedule(), { passive: true });
    new ResizeObserver(() => {
      if (this.#list.clientWidth === this.#style?.width && innerHeight === this.#style.window) return;
      this.#style = undefined;
      this.#schedule();
    }).observe(list);
    addEventListener('resize', () => this.#schedule());
  }

  get photos() { return this.#store?.photos ?? []; }

  get store() { return this.#store; }

  // rest notes whether the board has more photos than those that were read.
  get rest() { return this.#rest; }

  set rest(rest) {
    this.#rest = rest;
    this.#stale = true;
    this.#schedule();
  }

  // show shows the photos of another board.
  show(store) {
    this.clear();
    this.#store = store;
    this.#schedule();
  }

  // put takes a photo of the store that is new or has changed. It costs the same whatever the number of photos.
  put(photo) {
    this.#changed.add(photo);
    this.#schedule();
  }

  drop(photo) {
    this.#changed.delete(photo);
    this.#ratios.delete(photo);
    this.#tiles.get(photo)?.end();
    this.#tiles.delete(photo);
    this.#stale = true;
    this.#schedule();
  }

  clear() {
    for (const tile of this.#tiles.values()) tile.end();
    for (const kept of [this.#tiles, this.#changed, this.#ratios]) kept.clear();
    this.#store = undefined;
    this.#stale = true;
    this.#rest = false;
  }

  // focus gives a photo the focus, and scrolls to it.
  focus(photo) {
    if (!photo || !this.#store?.has(photo)) return;
    this.#draw();
    if (!this.#tiles.has(photo)) {
      const { top, height } = this.#layout.rows[this.#layout.rowOf(this.#store.indexOf(photo))];
      scrollTo(0, this.#top() + scrollY + top - (innerHeight - height) / 2);
      this.#draw();
    }
    this.#tiles.get(photo)?.focus();
  }

  // beside returns the photo that gets the focus when this one is gone.
  beside(photo) { return this.#store.next(photo, 1) ?? this.#store.next(photo, -1); }

  #schedule() { this.#frame ??= requestAnimationFrame(() => this.#draw()); }

  // #top returns the distance of the grid from the top of the window.
  #top() { return this.#list.getBoundingClientRect().top; }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    if (!this.#style) this.#measure();
    const top = this.#top();
    for (const photo of this.#changed) {
      if (this.#ratios.get(photo) !== ratioOf(photo, this.#style.width)) this.#stale = true;
      this.#tiles.get(photo)?.update();
    }
    this.#changed.clear();
    const moved = this.#stale ? this.#lay(top) : 0;
    this.#render(top - moved);
    if (moved !== 0) scrollBy(0, moved);
  }

  #measure() {
    const style = getComputedStyle(this.#list);
    const length = (name) => Number.parseFloat(style.getPropertyValue(name));
    this.#style = { width: this.#list.clientWidth, window: innerHeight, row: length('--row'), gap: length('--gap') };
    this.#stale = true;
  }

  // #lay makes the layout, and returns how far the photos in the window have moved.
  #lay(top) {
    const photo = top < 0 ? this.photos[0] && this.#topmost(-top) : undefined;
    const was = photo && this.#tiles.get(photo)?.box?.top;
    this.#ratios.clear();
    for (const p of this.photos) this.#ratios.set(p, ratioOf(p, this.#style.width));
    this.#layout.lay([...this.#ratios.values()], this.#style);
    this.#list.style.height = `${this.#layout.height}px`;
    this.#stale = false;
    this.#shown = '';
    if (was === undefined || !this.#store.has(photo)) return 0;
    return this.#layout.rows[this.#layout.rowOf(this.#store.indexOf(photo))].top - was;
  }

  // #topmost returns the first photo in the document that is below a distance from the top of the grid.
  #topmost(y) {
    for (const [photo, tile] of this.#tiles) if (tile.box && tile.box.top + tile.box.height > y) return photo;
    return undefined;
  }

  // #render puts the tiles into the document that are in the window or within its height of it.
  #render(top) {
    const { rows } = this.#layout;
    const first = this.#layout.rowAt(-top - innerHeight), last = this.#layout.rowAt(-top + 2 * innerHeight);
    const shown = `${first} ${last}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const wanted = new Map(); // index -> row
    const focused = this.#focused();
    if (focused !== undefined) wanted.set(focused, rows[this.#layout.rowOf(focused)]);
    for (const row of rows.slice(first, last + 1)) for (let i = row.first; i < row.end; i++) wanted.set(i, row);
    const photos = new Set([...wanted.keys()].map((i) => this.photos[i]));
    for (const [photo, tile] of this.#tiles) {
      if (photos.has(photo)) continue;
      tile.end();
      this.#tiles.delete(photo);
    }
    const tiles = new Map();
    let next = this.#list.firstElementChild;
    for (const i of [...wanted.keys()].sort((a, b) => a - b)) {
      const photo = this.photos[i];
      const tile = this.#tiles.get(photo) ?? new Tile(photo, this.#act);
      tiles.set(photo, tile);
      tile.place(this.#box(i, wanted.get(i)), i + 1, this.#rest ? -1 : this.photos.length);
      if (tile.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(tile.element, next); // the order of the tiles that are there stays
    }
    this.#tiles = tiles;
  }

  #box(i, row) { return this.#layout.boxes(row)[i - row.first]; }

  // #focused returns the index of the photo that has the focus.
  #focused() {
    const element = document.activeElement?.closest('.tile');
    if (!element) return undefined;
    for (const [photo, tile] of this.#tiles) if (tile.element === element) return this.#store.has(photo) ? this.#store.indexOf(photo) : undefined;
    return undefined;
  }

  // #move lets the arrow keys go from one photo to the next, and Home and End to the first and the last.
  #move(e) {
    if (!e.target.classList.contains('open')) return;
    const ready = (p) => p.state === 'ready';
    const to = {
      ArrowRight: () => this.#store.next(this.photos[this.#focused()], 1, ready),
      ArrowLeft: () => this.#store.next(this.photos[this.#focused()], -1, ready),
      Home: () => this.photos.find(ready),
      End: () => this.photos.findLast(ready),
    }[e.key];
    if (!to) return;
    e.preventDefault();
    this.focus(to());
  }
}
