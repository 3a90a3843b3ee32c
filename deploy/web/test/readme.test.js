import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

// The example of the README of the repository, word for word, as a function of what it uses.
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const [, script, ...others] = readme.match(/```js\n(.*?)```/s);
const example = Object.getPrototypeOf(async () => {}).constructor('API', 'token', 'file', 'fetch', 'setTimeout', script);

// run runs the example with a storage that answers with these statuses, one after the other.
async function run(...statuses) {
  const puts = [];
  const waits = [];
  const file = new File(['photo'], 'a.jpg', { type: 'image/jpeg' });
  const fetch = async (url, request) => {
    if (request.method === 'POST') {
      assert.equal(url, 'http://api/v1/boards/demo/uploads');
      assert.deepEqual(JSON.parse(request.body), { contentType: 'image/jpeg', contentLength: 5 });
      return { json: async () => ({ statusUrl: 'http://api/1', outcomeUrl: 'http://api/1/outcome', upload: { method: 'PUT', url: 'http://s3/1', headers: { 'if-none-match': '*' } } }) };
    }
    assert.deepEqual(request, { method: 'PUT', headers: { 'if-none-match': '*' }, body: file });
    puts.push(url);
    const status = statuses.shift();
    return { status, ok: status < 300 };
  };
  await example('http://api', 'secret', file, fetch, (resolve, ms) => { waits.push(ms); resolve(); });
  return { puts, waits };
}

test('the README has one example for a page', () => assert.equal(others.length, 0));

test('one PUT', async () => {
  assert.deepEqual(await run(200), { puts: ['http://s3/1'], waits: [] });
});

test('after 409 the same request is sent again', async () => {
  const { puts, waits } = await run(409, 409, 200);
  assert.deepEqual(puts, Array(3).fill('http://s3/1'));
  assert.deepEqual(waits, [1000, 2000]);
});

test('412 is no failure', async () => {
  assert.equal((await run(409, 412)).puts.length, 2);
});

test('other answers are failures, and so is 409 without end', async () => {
  await assert.rejects(run(403), /S3 answered 403/);
  await assert.rejects(run(409, 409, 409, 409, 409, 200), /S3 answered 409/);
});
