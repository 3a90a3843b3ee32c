import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Darkroom, DarkroomError } from '../page/darkroom.js';
import { Queue } from '../page/queue.js';

const file = new File([Uint8Array.of(0xff, 0xd8, 0xff, 1, 2, 3)], 'a.jpg', { type: 'image/jpeg' });
const later = () => new Date(Date.now() + 60_000).toISOString();
const lost = () => new DarkroomError('lost', { kind: 'network', transient: true });

// world is an API and a storage that give the listed failures, one after the other, and record their requests.
function world({ orders = [], sends = [], state = 'awaiting', expiresAt = later() } = {}) {
  const log = [];
  let ids = 0;
  const next = (failures) => { const f = failures.shift(); if (f) throw f; };
  return {
    log,
    async create(what) { log.push(`create ${what.contentType} ${what.contentLength} ${what.sha256}`); next(orders); return { id: `id${++ids}`, expiresAt }; },
    async status(id) { log.push(`status ${id}`); return { state }; },
    send: async (grant) => { log.push(`send ${grant.id}`); next(sends); },
    wait: async (ms) => { log.push('wait'); assert.ok(ms >= 0); },
  };
}

// run uploads a file to a world.
function run({ create, status, ...environment }, attempt = {}, photo = file) {
  const client = new Darkroom({ api: 'http://api', board: 'cats', token: 't' }, environment);
  return Object.assign(client, { create, status }).upload(photo, { attempt });
}

const order = `create image/jpeg 6 ${createHash('sha256').update(Buffer.from([0xff, 0xd8, 0xff, 1, 2, 3])).digest('base64')}`;

test('a token is asked for with type, length and digest', async () => {
  const w = world();
  assert.equal(await run(w), 'id1');
  assert.deepEqual(w.log, [order, 'send id1']);
});

test('a lost connection is tried again with the same token, which cannot store a photo twice', async () => {
  const w = world({ sends: [lost(), lost()] });
  assert.equal(await run(w), 'id1');
  assert.deepEqual(w.log, [order, 'send id1', 'wait', 'send id1', 'wait', 'send id1']);
});

test('an expired token is replaced, unless the photo has arrived', async () => {
  const expired = () => new DarkroomError('403', { status: 403, transient: true, expired: true });
  for (const state of ['awaiting', 'expired']) {
    const w = world({ sends: [expired()], state });
    assert.equal(await run(w), 'id2');
    assert.deepEqual(w.log, [order, 'send id1', 'wait', 'status id1', order, 'send id2']);
  }
  const arrived = world({ sends: [expired()], state: 'processing' });
  assert.equal(await run(arrived), 'id1');
  assert.deepEqual(arrived.log, [order, 'send id1', 'wait', 'status id1']);
  const late = world({ sends: [lost()], expiresAt: new Date(0).toISOString() });
  assert.equal(await run(late), 'id2');
});

test('an error that no retry can mend is not retried', async () => {
  const w = world({ orders: [new DarkroomError('413', { status: 413 })] });
  await assert.rejects(run(w), { status: 413 });
  assert.deepEqual(w.log, [order]);
  const always = world({ sends: Array.from({ length: 20 }, lost) });
  const job = {};
  await assert.rejects(run(always, job), { kind: 'network' });
  assert.equal(always.log.filter((l) => l === 'send id1').length, 6);
  assert.equal(await run(world(), job), 'id1', 'and a person who tries again goes on with the same token');
});

test('no try is used up without a network, and the upload goes on as soon as there is one', async () => {
  const w = world({ sends: Array.from({ length: 20 }, lost) });
  let gone = 20;
  w.network = { gone: () => gone > 0, back: async () => { gone--; w.log.push('back'); } };
  assert.equal(await run(w), 'id1');
  assert.deepEqual(w.log.filter((l) => l !== 'send id1'), [order, ...Array(20).fill('back')]);
});

test('the server says when to try again', async () => {
  const w = world({ orders: [new DarkroomError('503', { status: 503, transient: true, retryAfter: 7000 })] });
  const waits = [];
  w.wait = async (ms) => waits.push(ms);
  await run(w);
  assert.deepEqual(waits, [7000]);
});

test('a file that is gone is reported', async () => {
  const gone = { size: 1, name: 'a', slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadable')) }), arrayBuffer: () => Promise.reject(new Error('NotReadable')) };
  await assert.rejects(run(world(), {}, gone), { kind: 'unread' });
});

// queue returns a queue whose uploads end when the test says so.
function queue() {
  const q = { under: [], sent: [], states: new Map() };
  q.queue = new Queue({
    changed: (p) => q.states.set(p.key, p.state),
    sent: (p) => q.sent.push(p.key),
    upload: (photo, { signal }) => new Promise((resolve, reject) => {
      q.under.push({ photo, resolve, reject });
      signal.addEventListener('abort', () => reject(signal.reason));
    }),
  });
  return q;
}
const turn = () => new Promise(setImmediate);

test('four are sent at a time, in their order', async () => {
  const q = queue();
  q.queue.add(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key })));
  assert.deepEqual(q.under.map((u) => u.photo.key), ['a', 'b', 'c', 'd']);
  q.under[1].resolve('id');
  q.under[2].reject(new DarkroomError('x', { status: 400 }));
  q.under[3].reject(lost());
  await turn();
  assert.deepEqual(q.under.map((u) => u.photo.key), ['a', 'b', 'c', 'd', 'e', 'f']);
  assert.deepEqual(q.sent, ['b']);
  assert.equal(q.under[1].photo.id, 'id');
  assert.equal(q.states.get('c'), 'refused');
  assert.equal(q.states.get('d'), 'failed');
  assert.ok(q.queue.busy);
  q.under.forEach((u) => u.resolve('id'));
  await turn();
  assert.ok(!q.queue.busy);
});

test('a cancelled upload is not sent, and makes room for another', async () => {
  const q = queue();
  const photos = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key }));
  q.queue.add(photos);
  q.queue.cancel(photos[4]);
  q.queue.cancel(photos[0]);
  await turn();
  assert.deepEqual(q.under.map((u) => u.photo.key), ['a', 'b', 'c', 'd', 'f']);
  assert.deepEqual(q.sent, []);
  assert.equal(q.states.get('a'), 'uploading', 'whoever cancels knows');
});
