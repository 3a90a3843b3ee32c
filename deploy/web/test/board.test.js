import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Boards } from '../page/board.js';

// opened is a board whose photos are those of ids, and what its view shows.
async function opened(t, ids) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  const b = { ids, lists: 0, shown: new Set(), read: undefined };
  const api = {
    list: async (_board, cursor) => {
      b.lists++;
      const from = cursor ? Number(cursor) : 0; // two photos a page
      const uploads = b.ids.slice(from, from + 2).map((id) => ({ id, state: 'ready', created: '2026-01-01T00:00:00Z' }));
      return { uploads, next: from + 2 < b.ids.length ? String(from + 2) : undefined };
    },
  };
  b.boards = new Boards(api, {
    put: (photo) => b.shown.add(photo.id),
    drop: (photo) => b.shown.delete(photo.id),
    trouble: (failure) => assert.ifError(failure),
    read: (done) => { b.read = done; },
  });
  b.settle = () => new Promise(setImmediate);
  b.boards.open('cats');
  await b.settle();
  return b;
}

test('who comes back after a while sees what others have added and removed', async (t) => {
  const b = await opened(t, ['a', 'b', 'c']);
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

test('who comes back at once does not ask again', async (t) => {
  const b = await opened(t, ['a']);
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
