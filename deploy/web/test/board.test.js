import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Boards } from '../page/board.js';

// openBoard returns a board whose photos are those of ids, and what its view shows.
async function openBoard(t, ids) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  const b = { ids, lists: 0, shown: new Set(), read: undefined, rest: undefined, more: undefined };
  const api = {
    list: async ({ cursor }) => {
      b.lists++;
      const from = cursor ? b.ids.findIndex((id) => id > cursor) : 0; // two photos a page
      const uploads = b.ids.slice(from, from + 2).map((id) => ({ id, state: 'ready', uploaded: '2026-01-01T00:00:00.000Z' }));
      return { uploads, next: from + 2 < b.ids.length ? uploads.at(-1).id : undefined };
    },
  };
  b.boards = new Boards(() => api, {
    show() {},
    put: (photo) => b.shown.add(photo.id),
    drop: (photo) => b.shown.delete(photo.id),
    trouble: (failure) => assert.ifError(failure),
    read: (done, rest) => { Object.assign(b, { read: done, rest }); },
    more: (signal) => new Promise((resolve, reject) => {
      b.more = resolve;
      signal.addEventListener('abort', reject);
    }),
  });
  b.settle = () => new Promise(setImmediate);
  b.boards.open('cats');
  await b.settle();
  return b;
}

test('a person who comes back after a while sees what others have added and removed', async (t) => {
  const b = await openBoard(t, ['a', 'b', 'c']);
  b.more();
  await b.settle();
  assert.deepEqual([...b.shown], ['a', 'b', 'c']);
  assert.equal(b.lists, 2);
  b.boards.current.seen(false);
  b.ids = ['b', 'c', 'd'];
  t.mock.timers.tick(30_001);
  await b.settle();
  assert.equal(b.lists, 2, 'nobody looks, nobody asks');
  b.boards.current.seen(true);
  assert.equal(b.read, false);
  await b.settle();
  assert.equal(b.read, true);
  assert.deepEqual([...b.shown], ['b', 'c', 'd']);
});

test('a page of the list is read when it comes into view', async (t) => {
  const b = await openBoard(t, ['a', 'b', 'c', 'd', 'e', 'f']);
  assert.deepEqual([b.lists, b.read, b.rest, [...b.shown].join('')], [1, true, true, 'ab']);
  t.mock.timers.tick(10_000);
  await b.settle();
  assert.equal(b.lists, 1);
  b.more();
  assert.equal(b.read, true);
  await b.settle();
  assert.deepEqual([b.lists, b.read, b.rest, [...b.shown].join('')], [2, true, true, 'abcd']);
  // After a return as much of the list is read as before. Nothing is known of the rest.
  b.boards.current.seen(false);
  b.ids = ['0', 'b', 'd', 'e', 'f'];
  t.mock.timers.tick(30_001);
  b.boards.current.seen(true);
  assert.equal(b.read, false);
  await b.settle();
  assert.deepEqual([b.lists, b.read, b.rest, [...b.shown].sort().join('')], [4, true, true, '0bde']);
  b.more();
  await b.settle();
  assert.deepEqual([b.lists, b.read, b.rest, [...b.shown].sort().join('')], [5, true, false, '0bdef']);
});

test('photos have the order of their ids, whenever they arrived or were rendered', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-11-29T00:00:00Z') });
  const uploads = [
    { id: '2bnc589gj7eng1qt7d5151f58', state: 'ready', uploaded: '2026-11-28T10:00:00.000Z' },
    { id: '2bnc589gk7eng1qt7d5151f580093vq2qk1r0d8tlbqv6', state: 'processing', uploaded: '2026-11-28T15:59:59.000Z' },
    { id: '3a2efd732e1c1c9d8caeca255b4c2ca5', state: 'ready', uploaded: '2020-01-01T00:00:00.000Z', updated: '2026-11-28T23:00:00.000Z' },
  ];
  const orders = new Map();
  new Boards(() => ({ list: async () => ({ uploads }), outcomes: () => new Promise(() => {}) }),
    { show() {}, put: (photo) => orders.set(photo.id, photo.order), drop() {}, trouble: assert.ifError, read() {} }).open('cats');
  await new Promise(setImmediate);
  assert.equal(orders.get(uploads[0].id), Date.parse('2026-11-29T14:18:23.596Z'));
  assert.equal(orders.get(uploads[1].id), orders.get(uploads[0].id) - 1);
  assert.equal(orders.get(uploads[2].id), Date.parse('2020-01-01T00:00:00Z'));
});

test('a person who comes back at once causes no request', async (t) => {
  const b = await openBoard(t, ['a']);
  for (let i = 0; i < 10; i++) {
    b.boards.current.seen(false);
    t.mock.timers.tick(3000);
    b.boards.current.seen(true);
    await b.settle();
  }
  assert.equal(b.lists, 1);
  b.boards.current.seen(false);
  t.mock.timers.tick(1);
  b.boards.current.seen(true);
  b.boards.current.seen(true); // and online again: one reading is enough
  await b.settle();
  assert.equal(b.lists, 2);
});

test('one request waits for the outcomes of all photos that are processing', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  const asked = [];
  const states = new Map();
  let answer;
  const boards = new Boards(() => ({
    list: async () => ({ uploads: ['a', 'b', 'c', 'd'].map((id) => ({ id, state: id === 'd' ? 'ready' : 'processing' })) }),
    outcomes: (ids, { wait }) => { asked.push({ ids, wait }); return new Promise((resolve) => { answer = resolve; }); },
  }), {
    show() {},
    put: (photo) => states.set(photo.id, photo.state),
    drop: (photo) => states.delete(photo.id),
    trouble: (failure) => assert.ifError(failure),
    read() {},
  });
  const settle = () => new Promise(setImmediate);
  boards.open('cats');
  await settle();
  t.mock.timers.tick(400);
  assert.deepEqual(asked, [{ ids: ['a', 'b', 'c'], wait: 20 }]);
  // x was not asked for, and c has no outcome: an API of an earlier release lists the board.
  answer([{ id: 'b', state: 'ready', width: 3 }, { id: 'a', state: 'removed' }, { id: 'x', state: 'ready' }, { id: 'c', state: 'processing' }]);
  await settle();
  assert.deepEqual([...states], [['b', 'ready'], ['c', 'processing'], ['d', 'ready']]);
  assert.equal([...boards.current.photos.values()].find((p) => p.id === 'b').width, 3);
  t.mock.timers.tick(1000);
  assert.deepEqual(asked.at(-1).ids, ['c']);
});

test('a photo that a person removes while a request waits for it stays removed', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  const shown = new Map();
  let answer;
  const boards = new Boards(() => ({
    list: async () => ({ uploads: ['a', 'b'].map((id) => ({ id, state: 'processing' })) }),
    outcomes: () => new Promise((resolve) => { answer = resolve; }),
    remove: async () => {},
  }), { show() {}, put: (photo) => shown.set(photo.id, photo), drop: (photo) => shown.delete(photo.id), trouble: assert.ifError, read() {} });
  const settle = () => new Promise(setImmediate);
  boards.open('cats');
  await settle();
  t.mock.timers.tick(400);
  await boards.current.remove(shown.get('a'));
  answer([{ id: 'a', state: 'ready' }, { id: 'b', state: 'ready' }]);
  await settle();
  assert.deepEqual([...shown.keys()], ['b']);
});
