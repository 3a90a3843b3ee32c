import { test } from 'node:test';
import assert from 'node:assert/strict';
import { sendable } from '../page/filename.js';

test('names lose what the API refuses, and nothing else', () => {
  for (const [name, want] of [
    ['IMG_1.jpg', 'IMG_1.jpg'],
    ['写真 ❤️ 👩‍👩‍👧.jpg', '写真 ❤️ 👩‍👩‍👧.jpg'],
    ['a\nb\u0000\u007f\u009b\u2028\u2066c.jpg', 'abc.jpg'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['\n', undefined],
    ['', undefined],
    ['n'.repeat(300), 'n'.repeat(255)],
    ['猫'.repeat(300), '猫'.repeat(85)],
    ['n' + '😀'.repeat(70), 'n' + '😀'.repeat(63)],
  ]) assert.equal(sendable(name), want);
});
