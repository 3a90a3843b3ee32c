import { test } from 'node:test';
import assert from 'node:assert/strict';
import { DarkroomError, Watch } from '../page/darkroom.js';

// newWatch runs a watch in a time that the test moves. answer(photos) gives the photos that have ended, a
// failure that it throws, or a promise of them. Without any it waits as the API does.
async function newWatch(t, answer) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  const w = { asked: [], troubles: [], open: 0 };
  w.watch = new Watch({
    ask: async (photos, { wait, signal }) => {
      assert.equal(++w.open, 1, 'one request waits for all');
      w.asked.push({ photos, wait, at: Date.now(), signal });
      try {
        const end = Date.now() + wait * 1000;
        for (;;) {
          const ended = await answer(photos);
          if (ended) return ended;
          if (Date.now() >= end) return [];
          await new Promise((resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            setTimeout(resolve, 50);
          });
        }
      } finally {
        w.open--;
      }
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

test('hundreds of photos cause about one request a second, which asks first for those that were sent first', async (t) => {
  const ready = new Set();
  const w = await newWatch(t, (photos) => { const ended = photos.filter((p) => ready.has(p)); return ended.length > 0 && ended; });
  const photos = Array.from({ length: 300 }, (_, i) => i);
  photos.forEach((p) => w.watch.add(p));
  for (const p of photos) {
    ready.add(p);
    await w.pass(50);
  }
  await w.pass(2000);
  assert.equal(w.watch.size, 0);
  assert.deepEqual(w.asked[0].photos, photos.slice(0, 100));
  assert.ok(w.asked.length <= 18, `${w.asked.length} requests in 17 seconds`);
  assert.ok(w.asked.every((a) => a.wait === 20 && a.photos.length <= 100));
});

test('a photo is asked for within a second, however many wait already', async (t) => {
  const w = await newWatch(t, () => undefined);
  for (const p of ['a', 'b', 'c', 'd']) {
    w.watch.add(p);
    await w.pass(300);
  }
  await w.pass(1200);
  assert.deepEqual(w.asked.at(-1).photos, ['a', 'b', 'c', 'd']);
  assert.ok(w.asked.length <= 4);
  assert.ok(w.asked.slice(0, -1).every((a) => a.signal.aborted));
  const n = w.asked.length;
  await w.pass(18_000);
  assert.equal(w.asked.length, n, 'and then they wait');
  assert.deepEqual(w.troubles, []);
});

test('the outcome of a lone photo is known at once, and then nothing is asked', async (t) => {
  let done = false;
  const w = await newWatch(t, (photos) => done && photos);
  w.watch.add('a');
  await w.pass(45_000);
  assert.ok(w.asked.length <= 3, `${w.asked.length} requests in 45 seconds`);
  done = true;
  await w.pass(100);
  assert.equal(w.watch.size, 0);
  const n = w.asked.length;
  await w.pass(60_000);
  assert.equal(w.asked.length, n);
});

test('an API that does not wait is asked after pauses that grow', async (t) => {
  let ended = [];
  const w = await newWatch(t, () => ended);
  w.watch.add('a');
  w.watch.add('b');
  await w.pass(30_000);
  assert.ok(w.asked.length >= 8 && w.asked.length <= 15, `${w.asked.length} requests in 30 seconds`);
  const pauses = w.asked.slice(1).map((a, i) => a.at - w.asked[i].at);
  assert.ok(pauses.every((p, i) => i === 0 || p >= pauses[i - 1] && p <= 5050), `${pauses}`);
  ended = ['a'];
  await w.pass(5050);
  ended = [];
  const n = w.asked.length;
  await w.pass(1000);
  assert.ok(w.asked.length > n, 'after an outcome it is asked at once');
  assert.ok(w.asked.at(-1).photos.every((p) => p === 'b'));
});

test('a page that nobody sees asks for nothing', async (t) => {
  const w = await newWatch(t, () => undefined);
  w.watch.add('a');
  await w.pass(1000);
  assert.equal(w.asked.length, 1);
  w.watch.sleep();
  assert.ok(w.asked[0].signal.aborted);
  await w.pass(60_000);
  w.watch.add('b');
  await w.pass(60_000);
  assert.equal(w.asked.length, 1);
  w.watch.wake();
  await w.pass(1000);
  assert.equal(w.asked.length, 2);
  assert.deepEqual(w.asked[1].photos, ['a', 'b']);
  w.watch.wake(); // the network is back: the request may hang
  await w.pass(100);
  assert.equal(w.asked.length, 3);
  assert.deepEqual(w.troubles, []);
});

test('no request waits for a removed photo', async (t) => {
  const w = await newWatch(t, () => undefined);
  w.watch.add('a');
  w.watch.add('b');
  await w.pass(1000);
  w.watch.drop('a');
  await w.pass(100);
  assert.ok(!w.asked[0].signal.aborted);
  w.watch.drop('b');
  await w.pass(60_000);
  assert.ok(w.asked[0].signal.aborted);
  assert.equal(w.asked.length, 1);
});

test('failures slow it down, and are reported until it works again', async (t) => {
  let down = true;
  const w = await newWatch(t, (photos) => { if (down) throw new DarkroomError('down', { transient: true, retryAfter: 5000 }); return photos; });
  w.watch.add('a');
  w.watch.add('b');
  w.watch.add('c');
  await w.pass(20_000);
  assert.ok(w.asked.length <= 5, `${w.asked.length} while it is down`);
  assert.ok(w.troubles.every((m) => m === 'down'));
  w.watch.add('d');
  await w.pass(100);
  assert.ok(w.asked.length <= 5, 'another photo does not change that');
  down = false;
  await w.pass(10_000);
  assert.equal(w.troubles.at(-1), undefined);
  assert.equal(w.watch.size, 0);
});

test('an API that refuses is asked again when a person wants to', async (t) => {
  let refuses = true;
  const w = await newWatch(t, (photos) => { if (refuses) throw new DarkroomError('403', { status: 403 }); return photos; });
  w.watch.add('a');
  await w.pass(60_000);
  w.watch.add('b');
  await w.pass(60_000);
  assert.equal(w.asked.length, 1);
  assert.deepEqual(w.troubles, ['403']);
  refuses = false;
  w.watch.wake();
  await w.pass(1000);
  assert.equal(w.watch.size, 0);
});
