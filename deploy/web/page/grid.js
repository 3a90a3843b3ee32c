// The photos of a board, newest first.

import { Tile } from './tile.js';

export class Grid {
  #list;
  #act;
  #tiles = new Map(); // photo -> Tile
  #order = []; // photos as they are shown
  rest = false; // the board has more photos

  constructor(list, act) {
    this.#list = list;
    this.#act = act;
    list.addEventListener('keydown', (e) => this.#move(e));
  }

  get photos() { return this.#order; }

  put(photo) {
    const tile = this.#tiles.get(photo);
    if (tile) return tile.update();
    const made = new Tile(photo, this.#act);
    this.#tiles.set(photo, made);
    let from = 0, to = this.#order.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (before(this.#order[middle], photo)) from = middle + 1;
      else to = middle;
    }
    this.#list.insertBefore(made.element, this.#tiles.get(this.#order[from])?.element ?? null);
    this.#order.splice(from, 0, photo);
  }

  // drop takes a photo out.
  drop(photo) {
    if (!this.#tiles.has(photo)) return;
    this.#order.splice(this.#order.indexOf(photo), 1);
    this.#tiles.get(photo).end();
    this.#tiles.delete(photo);
  }

  clear() {
    for (const tile of this.#tiles.values()) tile.end();
    this.#tiles.clear();
    this.#order = [];
    this.rest = false;
  }

  focus(photo) { this.#tiles.get(photo)?.focus(); }

  // beside is the photo that is to have the focus when this one is gone.
  beside(photo) {
    const at = this.#order.indexOf(photo);
    return this.#order[at + 1] ?? this.#order[at - 1];
  }

  // #move lets the arrow keys go from one photo to the next.
  #move(e) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step || !e.target.classList.contains('open')) return;
    const all = [...this.#list.querySelectorAll('.open:enabled')];
    all[all.indexOf(e.target) + step]?.focus();
    e.preventDefault();
  }
}

const before = (a, b) => a.order > b.order || a.order === b.order && a.key < b.key;
