// One photo in the grid.

import { jitter, sleep } from './darkroom.js';
import { paint, show } from './picture.js';
import { messageStates, widest } from './layout.js';
import { damaged, problem, reasons, states, title } from './words.js';

// How often the variants of a photo are tried.
const attempts = 6;

const template = document.querySelector('#tile').content.firstElementChild;

// Height of a row, in pixels: what the style says, and how much more a row may be stretched.
const rowHeight = 220, stretch = 1.35;

export class Tile {
  element = template.cloneNode(true);
  box; // {left, top, width, height} in the grid, in pixels
  #photo;
  #act;
  #painted; // thumbHash on the canvas
  #shown; // URL of the variants that are shown
  #preview; // object URL of the file
  #failures = 0; // failed loads of its variants in a row
  #waiting = false;

  // act has open(photo), remove(photo), again(photo), renew(photo) and shaped(photo, ratio), which gets the ratio of a
  // preview.
  constructor(photo, act) {
    this.#photo = photo;
    this.#act = act;
    this.#find('.open').addEventListener('click', () => act.open(photo));
    this.#find('.bin').addEventListener('click', () => act.remove(photo));
    this.#find('.again').addEventListener('click', () => act.again(photo));
    const img = this.#find('img');
    img.addEventListener('load', () => this.#loaded(img));
    img.addEventListener('error', () => this.#failed());
    this.update();
  }

  update() {
    const p = this.#photo;
    const name = title(p);
    this.element.dataset.state = p.state;
    this.element.toggleAttribute('data-damaged', p.state === 'ready' && p.damaged === true);
    this.#find('.name').textContent = p.name ?? '';
    this.#find('.state').textContent = this.#text();
    const bar = this.#find('progress');
    bar.value = p.sent ?? 0;
    bar.setAttribute('aria-label', `Upload of ${name}`);
    this.#find('.open').title = p.name ?? '';
    this.#find('.open').disabled = p.state !== 'ready';
    this.#find('.open').setAttribute('aria-label', p.state === 'ready' ? `Open ${name}` : name);
    this.#find('.bin').setAttribute('aria-label', `${p.state === 'waiting' || p.state === 'uploading' ? 'Cancel upload of' : 'Remove'} ${name}`);
    if (p.colour) this.element.style.setProperty('--colour', p.colour);
    if (p.state === 'ready') this.#ready();
    else if (p.preview && !messageStates.includes(p.state)) this.#show(p.preview);
  }

  // place puts the tile where it belongs. Its position counts from 1; the size of the set is -1 if it is not known.
  place(box, position, size) {
    this.element.setAttribute('aria-posinset', position);
    this.element.setAttribute('aria-setsize', size);
    if (this.box && Object.keys(box).every((side) => box[side] === this.box[side])) return;
    this.box = box;
    for (const [side, length] of Object.entries(box)) this.element.style[side] = `${length.toFixed(2)}px`;
  }

  focus() { this.#find(this.#photo.state === 'ready' ? '.open' : '.bin').focus(); }

  // end takes the tile out of the document and releases its preview.
  end() {
    this.element.remove();
    this.#releasePreview();
  }

  #find(selector) { return this.element.querySelector(selector); }

  #text() {
    const p = this.#photo;
    if (p.state === 'uploading' && p.failure) return `${problem(p.failure)} Trying again.`;
    if (p.state === 'uploading') return `${states.uploading} ${Math.floor(p.sent * 100)} %`;
    if (p.state === 'rejected') return reasons[p.reason] ?? p.detail ?? states.rejected;
    if (p.failure) return problem(p.failure);
    if (p.state === 'ready' && p.damaged) return damaged;
    return states[p.state];
  }

  #ready() {
    const p = this.#photo;
    if (this.#painted !== p.thumbHash) {
      this.#painted = p.thumbHash;
      paint(this.#find('canvas'), p);
    }
    const first = p.variants[0]?.url;
    if (!first || first === this.#shown) return;
    this.#shown = first;
    const img = this.#find('img');
    img.alt = title(p);
    img.classList.toggle('in', img.complete && img.naturalWidth > 0);
    show(this.#find('picture'), p, `auto, ${Math.ceil(Math.min(p.width / p.height, widest) * rowHeight * stretch)}px`);
  }

  // #show shows the file itself until there is a variant. Not every browser can show every file.
  #show(file) {
    if (this.#preview) return;
    this.#preview = URL.createObjectURL(file);
    this.#find('img').src = this.#preview;
  }

  async #loaded(img) {
    await img.decode().catch(() => {}); // otherwise it appears in parts
    if (!img.complete || img.naturalWidth === 0) return; // another picture has taken its place
    img.classList.add('in');
    this.element.classList.add('seen');
    this.#failures = 0;
    if (this.#shown) {
      this.#releasePreview();
      this.#photo.preview = undefined;
    } else this.#act.shaped(this.#photo, img.naturalWidth / img.naturalHeight);
  }

  // #failed gets new URLs: at once, since the current ones may have expired, and then after longer and longer pauses.
  async #failed() {
    this.#find('img').classList.remove('in');
    if (!this.#shown || this.#waiting || this.#failures === attempts) return;
    this.#waiting = true;
    if (this.#failures++ > 0) await sleep(jitter(this.#failures));
    this.#waiting = false;
    if (!this.element.isConnected) return;
    const shown = this.#shown;
    this.#shown = undefined; // the new ones may be the same
    if (await this.#act.renew(this.#photo)) return;
    this.#shown = shown;
    this.#failed();
  }

  #releasePreview() {
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.#preview = undefined;
  }
}
