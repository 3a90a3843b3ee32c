import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { Darkroom } from '../page/darkroom.js';

// serve is an API and a storage. Photos become ready when the third outcome is asked for.
async function serve(t) {
  const s = { log: [], refused: new Set(), puts: [409], waits: [], open: 0, mostOpen: 0 };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url, 'http://x');
    const token = request.headers.authorization?.replace('Bearer ', '');
    const answer = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    s.log.push(`${request.method} ${url.pathname}`);
    if (request.method === 'PUT') return response.writeHead(s.puts.shift() ?? 200).end();
    if (s.refused.has(token)) return answer(401, { type: '/problems/token-invalid', detail: 'no' });
    if (request.method === 'POST') {
      const id = JSON.parse(body).name;
      return answer(201, { id, expiresAt: new Date(Date.now() + 60_000), upload: { method: 'PUT', url: `${s.api}/s3/${id}`, headers: { 'if-none-match': '*' } } });
    }
    if (url.pathname.endsWith('/outcomes')) {
      const ids = url.searchParams.get('ids').split(',');
      s.waits.push(ids);
      s.mostOpen = Math.max(s.mostOpen, ++s.open);
      response.on('close', () => s.open--);
      return answer(200, { uploads: ids.map((id) => ({ id, state: 'ready', variants: [{ url: `http://cdn/${id}` }] })) });
    }
    if (request.method === 'DELETE') return answer(403, { type: '/problems/not-owner', detail: 'not yours' });
    return answer(200, { uploads: [{ id: 'a', state: 'ready' }], next: 'b' });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  s.api = `http://127.0.0.1:${server.address().port}`;
  return s;
}

const photo = (name) => new File(['photo'], name, { type: 'image/jpeg' });

// The README's example, word for word, but for the address of the API and the wait after a failure.
const [, source] = readFileSync(new URL('../README.md', import.meta.url), 'utf8').match(/```js\n(.*?)```/s);

test('the example of the README uploads photos and waits for all with one request', async (t) => {
  const s = await serve(t);
  const lines = source.split('\n').filter((l) => !l.startsWith('import ')).join('\n').replace('export function', 'return function');
  assert.ok(source.split('\n').length <= 22);
  class Quick extends Darkroom {
    constructor(options) { super({ ...options, api: s.api }, { wait: async () => {} }); }
  }
  const said = [];
  const share = new Function('Darkroom', 'token', 'console', lines)(Quick, 'secret', { log: (...words) => said.push(words.join(' ')) });
  assert.deepEqual(await share([photo('a'), photo('b'), photo('c')]), ['http://cdn/a', 'http://cdn/b', 'http://cdn/c']);
  assert.equal(s.mostOpen, 1);
  assert.equal(s.log.filter((l) => l.startsWith('PUT')).length, 4, '409 is tried again');
  assert.equal(s.log.filter((l) => l.startsWith('POST')).length, 3, 'with the same token');
  assert.ok(said.includes('a 100 %') && said.some((l) => l.includes('trying again')));
});

test('the quota of a minute is waited for, and that of a day is not', async (t) => {
  for (const [after, tries] of [['30', 2], ['86400', 1]]) {
    const waits = [];
    let asked = 0;
    const server = createServer((request, response) => {
      asked++;
      const [status, body] = asked === 1 ? [429, { type: '/problems/quota-exceeded', detail: 'too many' }] : [201, { id: 'a', expiresAt: new Date(Date.now() + 60_000) }];
      request.resume().on('end', () => response.writeHead(status, { 'retry-after': after }).end(JSON.stringify(body)));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const darkroom = new Darkroom({ api: `http://127.0.0.1:${server.address().port}`, board: 'cats', token: 'x' },
      { send: async () => {}, wait: async (ms) => waits.push(ms) });
    const upload = darkroom.upload(photo('a'));
    if (tries === 1) await assert.rejects(upload, { status: 429, transient: false });
    else assert.equal(await upload, 'a');
    assert.equal(asked, tries);
    assert.deepEqual(waits, tries === 1 ? [] : [30_000]);
  }
});

test('one request waits for all photos, and for each once', async (t) => {
  const s = await serve(t);
  const client = new Darkroom({ api: s.api, board: 'demo', token: 't' });
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  const waiting = ['a', 'b', 'c', 'a'].map((id) => client.outcome(id));
  t.mock.timers.tick(400);
  const outcomes = await Promise.all(waiting);
  assert.deepEqual(outcomes.map((u) => u.id), ['a', 'b', 'c', 'a']);
  assert.deepEqual(s.waits, [['a', 'b', 'c']]);
});

test('a refused token is replaced once, and problems become errors', async (t) => {
  const s = await serve(t);
  s.refused.add('old');
  const asked = [];
  const client = new Darkroom({ api: `${s.api}/`, board: 'demo', token: (refused) => { asked.push(refused); return refused ? 'new' : 'old'; } });
  assert.deepEqual(await client.list(), { uploads: [{ id: 'a', state: 'ready' }], next: 'b' });
  assert.deepEqual(asked, [undefined, 'old']);
  await assert.rejects(client.remove('a'), { name: 'Error', status: 403, type: '/problems/not-owner', detail: 'not yours', transient: false });
  s.refused.add('new');
  await assert.rejects(client.status('a'), { status: 401 });
  await assert.rejects(client.outcome('a'), { status: 401 });
});

test('signals end an upload and a wait', async (t) => {
  const s = await serve(t);
  const client = new Darkroom({ api: s.api, board: 'demo', token: 't' });
  await assert.rejects(client.upload(photo('a'), { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  const end = new AbortController();
  const waiting = client.outcome('a', { signal: end.signal });
  end.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.deepEqual(s.waits, []);
});
