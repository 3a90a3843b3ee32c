// One photo, large.

import { calm, moves, paint, show } from './picture.js';
import { creditOf, damaged, title } from './words.js';

// How many photos before the last one the viewer asks for more.
const ahead = 10;

const ready = (photo) => photo.state === 'ready';

export class Viewer {
  #dialog;
  #grid;
  #act;
  #photo;
  #retried;
  #playing; // whether the person plays an animation that does not play by itself

  // act has remove(photo), renew(photo), which promises whether it worked, and more(), which has more photos read.
  constructor(dialog, grid, act) {
    this.#dialog = dialog;
    this.#grid = grid;
    this.#act = act;
    for (const [name, does] of Object.entries({ back: () => this.#turn(-1), on: () => this.#turn(1), close: () => dialog.close(), remove: () => act.remove(this.#photo), play: () => this.#play() })) {
      dialog.querySelector(`[data-do=${name}]`).addEventListener('click', does);
    }
    dialog.addEventListener('keydown', (e) => {
      if (e.key === 'ArrowLeft') this.#turn(-1);
      if (e.key === 'ArrowRight') this.#turn(1);
    });
    dialog.addEventListener('click', (e) => { if (e.target === dialog || e.target.matches('figure')) dialog.close(); });
    dialog.addEventListener('close', () => {
      this.#grid.focus(this.#photo);
      this.#photo = undefined;
    });
    const img = dialog.querySelector('img');
    img.addEventListener('load', () => img.classList.add('in'));
    img.addEventListener('error', () => this.#failed());
  }

  open(photo) {
    this.#show(photo);
    this.#dialog.showModal();
  }

  // changed is called for every photo that has changed.
  changed(photo) {
    if (photo === this.#photo) this.#fill();
  }

  // refresh is called when the board may have more photos.
  refresh() {
    if (this.#photo) this.#fill();
  }

  // gone is called for every photo that is removed. next is the photo to show instead.
  gone(photo, next) {
    if (photo !== this.#photo) return;
    if (next) this.#show(next);
    else this.#dialog.close();
  }

  #show(photo) {
    this.#photo = photo;
    this.#retried = false;
    this.#playing = false;
    const img = this.#dialog.querySelector('img');
    img.classList.remove('in');
    img.removeAttribute('srcset'); // otherwise the last photo stays until this one has loaded
    img.removeAttribute('src');
    this.#fill();
  }

  #fill() {
    const p = this.#photo;
    const find = (selector) => this.#dialog.querySelector(selector);
    const ratio = p.width / p.height;
    find('figure').style.setProperty('--ratio', ratio.toFixed(4));
    const most = Math.max(...p.variants.map((v) => v.width));
    find('figure').style.setProperty('--most', `${Math.max(most, 240)}px`);
    find('.fault').hidden = true;
    find('canvas').hidden = !paint(find('canvas'), p);
    find('img').alt = title(p);
    show(find('picture'), p, `min(100vw, calc(100vh * ${ratio.toFixed(4)}))`, this.#playing);
    find('[data-do=play]').hidden = !calm() || !moves(p);
    find('[data-do=play]').textContent = this.#playing ? 'Stop' : 'Play';
    const all = this.#grid.photos.filter(ready);
    const about = [`${all.indexOf(p) + 1} of ${all.length}${this.#grid.rest ? '+' : ''}`, title(p), `${p.width} × ${p.height}`];
    if (p.animated) about.push('animated');
    find('.bar p').textContent = about.join(' · ');
    const credit = creditOf(p);
    Object.assign(find('.credit'), { textContent: credit, title: credit, hidden: !credit });
    find('.damage').textContent = damaged;
    find('.damage').hidden = !p.damaged;
    find('[data-do=back]').disabled = all[0] === p;
    find('[data-do=on]').disabled = all.at(-1) === p;
    if (all.length - all.indexOf(p) <= ahead) this.#act.more();
  }

  #play() {
    this.#playing = !this.#playing;
    this.#fill();
  }

  #turn(step) {
    const next = this.#grid.store.next(this.#photo, step, ready);
    if (next) this.#show(next);
  }

  // neighbour returns the photo to show when this one is gone, if it is the one that is shown.
  neighbour(photo) {
    if (photo !== this.#photo) return undefined;
    const { store } = this.#grid;
    return store.next(photo, 1, ready) ?? store.next(photo, -1, ready);
  }

  async #failed() {
    const img = this.#dialog.querySelector('img');
    img.classList.remove('in');
    if (!this.#photo) return;
    if (!this.#retried) {
      this.#retried = true;
      if (await this.#act.renew(this.#photo)) return;
    }
    this.#dialog.querySelector('.fault').hidden = false;
  }
}
