import { test } from 'node:test';
import assert from 'node:assert/strict';
import { looksLikePicture, sniff, typeOf } from '../page/filetype.js';
import { jitter, retryAfter, sleep } from '../page/darkroom.js';
import { bytes, creditOf, problem } from '../page/words.js';

const text = (s) => Uint8Array.from(s, (c) => c.charCodeAt(0));
const box = (major, ...compatible) => text(`\0\0\0${String.fromCharCode(16 + 4 * compatible.length)}ftyp${major}\0\0\0\0${compatible.join('')}`);

test('the first bytes of a file tell its type', () => {
  for (const [head, want] of [
    [text('\xff\xd8\xff\xe1'), 'image/jpeg'], [text('\x89PNG\r\n\x1a\n'), 'image/png'], [text('GIF89a'), 'image/gif'], [text('RIFF\0\0\0\0WEBPVP8 '), 'image/webp'],
    [box('heic', 'mif1', 'heic'), 'image/heic'], [box('mif1', 'heic'), 'image/heic'], [box('mif1', 'mif1'), 'image/heif'], [box('avif', 'mif1'), 'image/avif'],
    [box('mp42', 'isom'), ''], [text('RIFF\0\0\0\0WAVE'), ''], [text('hello'), ''], [text(''), ''], [text('\0\0\0\xffftypmif1'), 'image/heif'],
  ]) assert.equal(sniff(head), want);
});

test('otherwise the type that the browser reports counts, and then the name', async () => {
  for (const [content, name, type, want] of [
    [box('heic'), 'a.jpg', '', 'image/heic'], ['x', 'A.HEIC', '', 'image/heic'], ['x', 'a', 'image/png', 'image/png'], ['x', 'a.txt', '', 'application/octet-stream'],
  ]) assert.equal(await typeOf(new File([content], name, { type })), want);
  assert.ok(looksLikePicture(new File([], 'a.heic')));
  for (const name of ['.a.jpg', 'Thumbs.db', 'a.mov']) assert.ok(!looksLikePicture(new File([], name)));
});

test('waits grow to a bound and are random', () => {
  assert.equal(jitter(1, () => 1), 1000);
  assert.equal(jitter(3, () => 0.5), 2000);
  assert.equal(jitter(30, () => 1), 20_000);
  assert.equal(retryAfter('7'), 7000);
  assert.equal(retryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000), 6000);
  for (const nothing of [null, '', 'soon']) assert.equal(retryAfter(nothing), undefined);
});

test('a wait ends with its signal', async () => {
  const c = new AbortController();
  const waiting = sleep(1e9, c.signal);
  c.abort(new Error('stop'));
  await assert.rejects(waiting, /stop/);
  await assert.rejects(sleep(1, c.signal), /stop/);
});

test('a credit names each person once', () => {
  assert.equal(creditOf({ credit: { creator: 'Ann', credit: 'Ann', copyright: '© 2026 Ann', description: 'A cat' } }), 'Ann · © 2026 Ann');
  assert.equal(creditOf({ credit: { description: 'A cat' } }), '');
  assert.equal(creditOf({}), '');
  assert.equal(creditOf({ credit: undefined }), '');
});

test('failures are described in plain words', () => {
  const of = (type, more) => problem({ type: `https://api.example/prod/problems/${type}`, ...more });
  assert.equal(of('type-not-allowed', { allowed: ['image/jpeg', 'image/webp', 'image/avif'] }), 'This kind of file is not accepted. Use JPEG, WebP or AVIF.');
  assert.equal(of('upload-too-large', { limit: 64 << 20 }), 'The file is too large. The limit is 64 MB.');
  assert.equal(of('above-quota', { limit: 5 << 20 }), 'The file is too large. The limit is 5.0 MB.');
  assert.equal(of('quota-exceeded', { status: 429, transient: true }), 'Too many photos in a short time.');
  assert.equal(of('quota-exceeded', { status: 429 }), 'No more photos can be added today. Try again tomorrow.');
  assert.equal(problem({ status: 503, transient: true }), 'The service is temporarily unavailable.');
  assert.equal(problem({ kind: 'network', transient: true }), 'The connection was lost.');
  assert.equal(problem({ type: 'https://api.example/problems/new', detail: 'No cats.' }), 'No cats.');
  assert.deepEqual([1, 5000, 3 << 20, 20 << 20].map(bytes), ['1 KB', '5 KB', '3.0 MB', '20 MB']);
});
