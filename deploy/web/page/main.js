// The page: puts its parts together.

import { Darkroom } from './darkroom.js';
import { signIn } from './signin.js';
import { Boards } from './board.js';
import { Choice, chosen, hash } from './boards.js';
import { Grid } from './grid.js';
import { Viewer } from './viewer.js';
import { Progress } from './progress.js';
import { confirmRemoval } from './dialogs.js';
import { showSystem } from './strip.js';
import { takeFiles } from './adding.js';
import { count, problem, title } from './words.js';

const $ = (selector) => document.querySelector(selector);

const config = await fetch('config.json').then((r) => (r.ok ? r.json() : {}), () => ({}));
const session = await signIn(config.signIn, $('#sign-in'), $('#sign-out'));
const api = new URL('.', document.baseURI).href;
const choice = new Choice($('#boards'), $('#other'), config.boards ?? []);

const progress = new Progress($('#under-way'), $('#live'), (photos) => photos.forEach((p) => boards.current.again(p)));
const grid = new Grid($('#grid'), {
  open: (photo) => viewer.open(photo),
  remove,
  again: (photo) => boards.current.again(photo),
  renew,
});
const viewer = new Viewer($('#viewer'), grid, { remove, renew, more: () => wantMore() });
let whole = false; // the list is read as far as it is shown
let wantMore = () => {}; // asks for more of the list, if there is more

const boards = new Boards((board) => new Darkroom({ api, board, token }), {
  show: (store) => grid.show(store),
  put(photo) {
    grid.put(photo);
    progress.put(photo);
    viewer.changed(photo);
    empty();
  },
  drop(photo) {
    const next = viewer.neighbour(photo);
    grid.drop(photo);
    progress.drop(photo);
    viewer.gone(photo, next);
    empty();
  },
  trouble,
  read(done, rest) {
    whole = done;
    $('#reading').hidden = done || grid.photos.length > 0;
    if (done) {
      progress.say(`${boards.current.name}: ${rest ? 'the newest ' : ''}${count(grid.photos.length, 'photo')}.`);
      grid.rest = rest;
      viewer.refresh();
    }
    empty();
  },
  more,
});

// more promises that the end of the grid is near the window, or that the viewer has come near it.
function more(signal) {
  return new Promise((resolve, reject) => {
    const observer = new IntersectionObserver((entries) => { if (entries.some((e) => e.isIntersecting)) wantMore(); }, { rootMargin: '1000px' });
    const end = (settle) => {
      observer.disconnect();
      wantMore = () => {};
      settle();
    };
    wantMore = () => end(resolve);
    signal.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true });
    observer.observe($('#end'));
  });
}

// token returns a bearer token for the API, another one if the API has refused it.
async function token(refused) {
  if (refused) session.forget(refused);
  return session.token();
}

function empty() {
  $('#empty').hidden = !whole || grid.photos.length > 0;
}

// remove removes a photo, after asking unless it is not uploaded yet.
async function remove(photo) {
  const board = boards.current;
  const beside = grid.beside(photo);
  if (['waiting', 'uploading', 'failed', 'refused'].includes(photo.state)) await board.remove(photo).catch((err) => trouble(err));
  else if (await confirmRemoval($('#confirm'), photo, () => board.remove(photo))) progress.say(`${title(photo)} was removed.`);
  if (photo.state === 'removed' && !$('#viewer').open) grid.focus(beside);
}

// renew fetches new URLs for a photo, and promises whether that worked.
async function renew(photo) {
  try {
    await boards.current.renew(photo);
    return true;
  } catch {
    return false;
  }
}

// trouble shows that the board cannot be reached, and offers to try again.
function trouble(failure, again) {
  const notice = $('#trouble');
  notice.hidden = !failure;
  if (!failure) return;
  const text = failure.transient ? `${problem(failure)} Trying again.` : problem(failure);
  const paragraph = notice.querySelector('p');
  if (paragraph.textContent !== text) paragraph.textContent = text; // otherwise it would be announced again
  const button = notice.querySelector('button');
  button.hidden = !again;
  button.onclick = () => { notice.hidden = true; again(); };
}

function add({ files, left }) {
  if (files.length > 0) boards.current.add(files);
  const parts = [`${count(files.length, 'photo')} added`];
  if (left > 0) parts.push(`${count(left, 'other file')} left out`);
  progress.say(parts.join(', ') + '.');
}

function open() {
  const name = chosen() ?? config.boards?.[0];
  $('#no-board').hidden = !!name;
  $('#add').hidden = !name;
  if (!name) return choice.show();
  if (!chosen()) history.replaceState(null, '', hash(name));
  if (name === boards.current?.name) return;
  whole = false;
  $('#viewer').close();
  grid.clear();
  progress.clear();
  trouble();
  document.title = `${name} – Darkroom`;
  $('#drop p').textContent = `Drop to add to ${name}`;
  choice.show(name);
  boards.open(name);
  boards.current.seen(!document.hidden);
}

takeFiles(add, () => boards.current && !document.querySelector('dialog[open]'));
addEventListener('hashchange', open);
addEventListener('beforeunload', (e) => { if (boards.busy) e.preventDefault(); });
document.addEventListener('visibilitychange', () => boards.current?.seen(!document.hidden));
addEventListener('online', () => boards.current?.seen(true));
if (config.system) showSystem($('#system'), config.system);
open();
