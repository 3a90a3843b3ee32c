import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Store } from '../page/store.js';
import { Tally } from '../page/tally.js';
import { Layout, ratioOf } from '../page/layout.js';

test('photos have their order, however they are added, and are found in it', () => {
  const photos = Array.from({ length: 500 }, (_, key) => ({ key, id: `id${key}`, order: (key * 7919) % 101 }));
  const store = new Store();
  for (let i = 0; i < 500; i += 50) store.add(photos.slice(i, i + 50));
  const want = photos.toSorted((a, b) => b.order - a.order || a.key - b.key);
  assert.deepEqual(store.photos, want);
  want.forEach((p, i) => assert.equal(store.indexOf(p), i));
  store.drop(want[3]);
  assert.ok(!store.has(want[3]) && store.has(want[4]));
  assert.equal(store.byId(want[3].id), undefined);
  assert.equal(store.next(want[2], 1), want[4]);
  assert.equal(store.next(want[4], -1, (p) => p === want[0]), want[0]);
  assert.equal(store.next(want.at(-1), 1), undefined);
});

test('the counts equal a recount, and a change reads no other photo', () => {
  const tally = new Tally();
  let reads = 0;
  const photos = Array.from({ length: 4000 }, () => {
    let state = 'waiting';
    return { added: true, sent: 0, get state() { reads++; return state; }, set state(s) { state = s; } };
  });
  const states = ['waiting', 'uploading', 'queued', 'processing', 'ready', 'rejected', 'failed'];
  photos.forEach((p) => tally.put(p));
  photos.forEach((p, i) => { p.state = states[(i * 31) % states.length]; p.sent = (i % 10) / 10; tally.put(p); });
  assert.ok(reads <= 8000 * 4, `${reads} reads for 8,000 changes`);
  photos.slice(0, 100).forEach((p) => tally.drop(p));
  const left = photos.slice(100);
  for (const state of states) assert.equal(tally.count(state), left.filter((p) => p.state === state).length, state);
  assert.equal(tally.total, 3900);
  const done = left.reduce((sum, p) => sum + (['ready', 'rejected'].includes(p.state) ? 1 : p.sent * 0.8), 0) / 3900;
  assert.ok(Math.abs(tally.done - done) < 1e-9);
});

test('a round begins when nothing is on its way', () => {
  const tally = new Tally();
  const [a, b] = [{ added: true, state: 'waiting' }, { added: true, state: 'waiting' }];
  assert.equal(tally.put(a), undefined);
  a.state = 'ready';
  assert.equal(tally.put(a), 'ready');
  assert.equal(tally.put(a), undefined, 'it ends once');
  assert.equal(tally.total, 1);
  tally.put(b);
  assert.equal(tally.total, 1);
  tally.put({ state: 'processing', name: "somebody else's" });
  assert.equal(tally.total, 1);
});

test('rows fill the width, in order and in proportion, and the last is not stretched', () => {
  const layout = new Layout();
  const ratios = Array.from({ length: 1000 }, (_, i) => 0.56 + ((i * 37) % 184) / 100);
  layout.lay(ratios, { width: 1000, row: 200, gap: 8 });
  let next = 0, bottom = 0;
  for (const [i, row] of layout.rows.entries()) {
    assert.equal(row.first, next);
    assert.ok(Math.abs(row.top - bottom) < 1e-6);
    const boxes = layout.boxes(row), right = boxes.at(-1).left + boxes.at(-1).width;
    boxes.forEach((b, j) => assert.ok(Math.abs(b.width / b.height - ratios[row.first + j]) < 1e-6));
    if (row.end < 1000) assert.ok(Math.abs(right - 1000) < 1e-6 && row.height >= 200);
    else assert.ok(right <= 1000 && row.height === 200);
    assert.equal(layout.rowAt(row.top + 1), i);
    for (let t = row.first; t < row.end; t++) assert.equal(layout.rowOf(t), i);
    next = row.end;
    bottom = row.top + row.height + 8;
  }
  assert.equal(next, 1000);
  assert.ok(Math.abs(layout.height - (bottom - 8)) < 1e-6);
});

test('on a phone, a tile with a message fills a row', () => {
  assert.equal(ratioOf({ state: 'rejected', width: 1, height: 9 }, 1000), 1.25);
  const layout = new Layout();
  layout.lay([1, ratioOf({ state: 'failed' }, 336), 1], { width: 336, row: 130, gap: 4 });
  assert.deepEqual(layout.rows.map((r) => r.end - r.first), [1, 1, 1]);
  assert.deepEqual(layout.boxes(layout.rows[1]), [{ left: 0, top: layout.rows[1].top, width: 336, height: 130 }]);
  layout.lay([], { width: 336, row: 130, gap: 4 });
  assert.deepEqual([layout.rows, layout.height, layout.rowAt(100)], [[], 0, 0]);
});
