import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Watch } from '../page/watch.js';
import { Failure } from '../page/failure.js';

// watched runs a watch in a time that only moves when it is told to.
async function watched(t, answer) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  const w = { asked: [], troubles: [] };
  w.watch = new Watch({
    ask: async (photo, { wait, signal }) => {
      w.asked.push({ photo, wait, at: Date.now(), signal });
      return answer(photo, { wait, signal });
    },
    trouble: (f) => w.troubles.push(f?.message),
  });
  w.pass = async (ms) => {
    for (let i = 0; i < ms; i += 50) {
      t.mock.timers.tick(50);
      for (let j = 0; j < 5; j++) await Promise.resolve();
      await new Promise(setImmediate);
    }
  };
  return w;
}

test('hundreds of photos make few requests, the first that were sent first', async (t) => {
  const w = await watched(t, () => false);
  const photos = Array.from({ length: 300 }, (_, i) => i);
  photos.forEach((p) => w.watch.add(p));
  await w.pass(1400);
  assert.deepEqual(w.asked.slice(0, 3).map((a) => a.photo), [0, 1, 2]);
  await w.pass(18_600);
  assert.ok(w.asked.length <= 200, `${w.asked.length} in 20 seconds`);
  assert.ok(w.asked.length > 100, `${w.asked.length} in 20 seconds`);
  assert.ok(w.asked.every((a) => a.wait === 0));
});

test('the last two wait at the server, and nothing is asked when all are done', async (t) => {
  let done = false;
  const w = await watched(t, () => done);
  w.watch.add('a');
  w.watch.add('b');
  await w.pass(1000);
  assert.ok(w.asked.length >= 2 && w.asked.every((a) => a.wait === 20));
  done = true;
  await w.pass(10_000);
  const n = w.asked.length;
  await w.pass(60_000);
  assert.equal(w.asked.length, n);
  assert.equal(w.watch.size, 0);
});

test('nobody looks, nobody asks', async (t) => {
  const w = await watched(t, (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))));
  w.watch.add('a');
  await w.pass(1000);
  assert.equal(w.asked.length, 1);
  w.watch.sleep();
  assert.ok(w.asked[0].signal.aborted);
  await w.pass(60_000);
  assert.equal(w.asked.length, 1);
  w.watch.wake();
  await w.pass(1000);
  assert.equal(w.asked.length, 2);
  assert.deepEqual(w.troubles, []);
});

test('failures slow it down and are told of until it works again', async (t) => {
  let down = true;
  const w = await watched(t, () => { if (down) throw new Failure('down', { transient: true, retryAfter: 5000 }); return true; });
  w.watch.add('a');
  w.watch.add('b');
  w.watch.add('c');
  await w.pass(20_000);
  assert.ok(w.asked.length <= 6, `${w.asked.length} while it is down`);
  assert.ok(w.troubles.every((m) => m === 'down'));
  down = false;
  await w.pass(10_000);
  assert.equal(w.troubles.at(-1), undefined);
  assert.equal(w.watch.size, 0);
});

test('one that is refused for good is not asked for again', async (t) => {
  const w = await watched(t, () => { throw new Failure('403', { status: 403 }); });
  w.watch.add('a');
  await w.pass(60_000);
  assert.equal(w.asked.length, 1);
});
