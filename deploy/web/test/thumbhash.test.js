import { test } from 'node:test';
import assert from 'node:assert/strict';
import { bytesOf, decode } from '../page/thumbhash.js';

const hex = (s) => Uint8Array.from(s.match(/../g), (h) => parseInt(h, 16));

// meanDifference returns how far the decoded picture is from the drawn one, on average, in steps of 255.
function meanDifference({ width, height, rgba }, draw) {
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const want = draw((x + 0.5) / width, (y + 0.5) / height);
      want.forEach((v, i) => { sum += Math.abs(rgba[(y * width + x) * 4 + i] - v); });
    }
  }
  return sum / (width * height * 4);
}

// Hashes of these pictures by the worker's encoder and by the reference encoder. The worker's own test has the same
// ones.
const ramp = (x, y) => [255 * x, 255 * y, 128, 255];

test('hashes of the worker decode to the pictures that they were made from', () => {
  const wide = decode(hex('df070a359a8087878088778878788788808008f877'));
  assert.deepEqual([wide.width, wide.height], [32, 23]);
  assert.ok(meanDifference(wide, ramp) < 12, `off by ${meanDifference(wide, ramp)}`);
  const high = decode(hex('dff709351a8087808888887887888887807008f878'));
  assert.deepEqual([high.width, high.height], [23, 32]);
  assert.ok(meanDifference(high, ramp) < 12, `off by ${meanDifference(high, ramp)}`);
  assert.ok(meanDifference(high, (x, y) => ramp(y, x)) > 30, 'and this test would see another');
});

test('transparent pictures stay transparent', () => {
  const clear = decode(hex('000882050000'.padEnd(40, '8')));
  assert.ok(clear.rgba.every((v, i) => i % 4 !== 3 || v === 0));
});

test('without a hash there is no picture', () => {
  for (const none of [[], [0, 0], [255, 255, 255, 0, 0], [255, 255, 255, 1, 0]]) assert.equal(decode(Uint8Array.from(none)), null);
  assert.deepEqual([...bytesOf('AQID')], [1, 2, 3]);
});
