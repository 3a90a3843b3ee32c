import { test, mock } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { challenge, secret } from '../page/pkce.js';
import { Issuer } from '../page/issuer.js';
import { Session } from '../page/session.js';

const issuerURL = 'https://issuer.example/pool';
const document = {
  issuer: issuerURL, authorization_endpoint: 'https://issuer.example/authorize?tenant=1', token_endpoint: 'https://tokens.example/token',
  revocation_endpoint: 'https://tokens.example/revoke', end_session_endpoint: 'https://issuer.example/logout',
};
const tokens = { access_token: 'one', token_type: 'bearer', expires_in: 600, refresh_token: 'refresh.1' };

test('the challenge is that of RFC 7636, appendix B', async () => {
  assert.equal(await challenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
});

test('secrets are long, differ and need no escape', () => {
  assert.match(secret(), /^[A-Za-z0-9_-]{43}$/);
  assert.notEqual(secret(), secret());
});

// tab is a browser's tab at the page, with an issuer that gives these answers, in order, at its token endpoint.
function tab(t, { answers = [], config = {}, discovery = document, href = 'https://photos.example/#/cats' } = {}) {
  const stored = new Map();
  const w = { asked: [], left: [], ended: 0 };
  const location = new URL(href);
  const browser = {
    storage: { getItem: (k) => stored.get(k) ?? null, setItem: (k, v) => stored.set(k, v), removeItem: (k) => stored.delete(k) },
    location,
    history: { replaceState: (_, __, url) => { location.href = url; } },
    go: (url) => w.left.push(new URL(url)),
  };
  t.mock.method(globalThis, 'fetch', async (url, { body }) => {
    if (String(url).includes('/.well-known/')) return Response.json(discovery);
    w.asked.push({ url: String(url), ...Object.fromEntries(body) });
    const answer = answers.shift() ?? [500, {}];
    if (answer instanceof Error) throw answer;
    return Response.json(answer[1], { status: answer[0] });
  });
  const load = () => new Session(new Issuer({ issuer: issuerURL, clientId: 'board', scope: 'read offline_access', ...config }), browser, () => { w.ended++; });
  return Object.assign(w, { load, location, stored, answers });
}

// back brings the tab back from the issuer, with the state of the sign-in that was begun unless query has another.
function back(w, query) {
  const state = w.left.at(-1)?.searchParams.get('state');
  w.location.href = 'https://photos.example/?' + new URLSearchParams({ state, ...query });
}

async function signedIn(t, { answers = [], ...options } = {}) {
  const w = tab(t, { answers: [[200, tokens], ...answers], ...options });
  await w.load().open();
  back(w, { code: 'c' });
  const session = w.load();
  assert.equal(await session.open(), 'in');
  return { w, session };
}

test('the page sends a person who is not signed in to the issuer, and remembers the board', async (t) => {
  const w = tab(t, { answers: [[200, tokens]], config: { resource: 'https://api.example' } });
  assert.equal(await w.load().open(), 'leaving');
  const { origin, pathname, searchParams } = w.left[0];
  assert.equal(origin + pathname, 'https://issuer.example/authorize');
  const { state, code_challenge: hashed, ...rest } = Object.fromEntries(searchParams);
  assert.deepEqual(rest, {
    tenant: '1', response_type: 'code', client_id: 'board', redirect_uri: 'https://photos.example/', code_challenge_method: 'S256', scope: 'read offline_access',
    resource: 'https://api.example', audience: 'https://api.example',
  });
  back(w, { code: 'c', iss: issuerURL });
  const session = w.load();
  assert.equal(await session.open(), 'in');
  assert.equal(w.location.href, 'https://photos.example/#/cats');
  assert.equal(await session.token(), 'one');
  const { code_verifier: verifier, ...asked } = w.asked[0];
  assert.equal(createHash('sha256').update(verifier).digest('base64url'), hashed);
  assert.deepEqual(asked, {
    url: document.token_endpoint, grant_type: 'authorization_code', code: 'c', redirect_uri: 'https://photos.example/', client_id: 'board',
    resource: 'https://api.example', audience: 'https://api.example',
  });
  assert.ok(state.length >= 43);
});

test('a reload keeps the person signed in', async (t) => {
  const { w } = await signedIn(t);
  const again = w.load();
  assert.equal(await again.open(), 'in');
  assert.equal(await again.token(), 'one');
  assert.equal(w.left.length, 1);
});

for (const [what, query, text] of [
  ['a state of another sign-in', { code: 'c', state: 'other' }, /Another page or tab/],
  ['an answer of another issuer', { code: 'c', iss: 'https://evil.example' }, /another issuer/],
  ['a refusal', { error: 'access_denied', error_description: 'not you' }, /access_denied/],
]) {
  test(`${what} signs nobody in, and leaves the address without it`, async (t) => {
    const w = tab(t);
    await w.load().open();
    back(w, query);
    const session = w.load();
    await assert.rejects(session.open(), text);
    assert.equal(w.location.search, '');
    assert.equal(w.asked.length, 0);
    await assert.rejects(session.token());
    // The sign-in is over: its state is not accepted later.
    back(w, { code: 'c' });
    await assert.rejects(w.load().open(), /Another page or tab/);
  });
}

test('an answer that nobody asked for does not sign a person out', async (t) => {
  const { w } = await signedIn(t);
  back(w, { code: 'c2', state: 'forged' });
  const session = w.load();
  assert.equal(await session.open(), 'in');
  assert.equal(await session.token(), 'one');
  assert.equal(w.asked.length, 1);
});

test('a token endpoint that refuses the code fails the sign-in', async (t) => {
  for (const answer of [[400, { error: 'invalid_grant', error_description: 'used' }], [200, { access_token: 'x', token_type: 'DPoP' }], [200, {}], new TypeError('lost')]) {
    const w = tab(t, { answers: [answer] });
    await w.load().open();
    back(w, { code: 'c' });
    await assert.rejects(w.load().open());
    assert.equal(w.stored.size, 0);
    t.mock.restoreAll();
  }
});

test('a discovery document of another issuer is refused', async (t) => {
  const w = tab(t, { discovery: { ...document, issuer: 'https://evil.example' } });
  await assert.rejects(w.load().open(), /calls itself https:\/\/evil.example/);
  assert.equal(w.left.length, 0);
});

// clock stops Date until the test moves it.
const clock = (t) => { mock.timers.enable({ apis: ['Date'], now: 1_000_000 }); t.after(() => mock.timers.reset()); };

test('a token is replaced shortly before it expires, once for all requests', async (t) => {
  clock(t);
  const { w, session } = await signedIn(t, { answers: [[200, { ...tokens, access_token: 'two', refresh_token: 'r2' }], [200, { ...tokens, access_token: 'three', refresh_token: undefined }], [200, tokens]] });
  mock.timers.tick(569_000);
  assert.equal(await session.token(), 'one');
  mock.timers.tick(2_000);
  assert.deepEqual(await Promise.all([session.token(), session.token(), session.token()]), ['two', 'two', 'two']);
  mock.timers.tick(600_000);
  assert.equal(await session.token(), 'three');
  mock.timers.tick(600_000);
  assert.equal(await session.token(), 'one');
  assert.deepEqual(w.asked.slice(1).map((a) => a.refresh_token), ['refresh.1', 'r2', 'r2']); // an issuer may keep the refresh token
});

test('while the issuer is away, a token is used to its end', async (t) => {
  clock(t);
  const { w, session } = await signedIn(t, { answers: [[503, {}], new TypeError('lost'), [200, { ...tokens, access_token: 'two' }]] });
  mock.timers.tick(580_000);
  assert.equal(await session.token(), 'one');
  mock.timers.tick(30_000);
  await assert.rejects(session.token(), (err) => err.transient);
  assert.equal(await session.token(), 'two');
  assert.equal(w.ended, 0);
});

test('the session ends when the issuer refuses the refresh token, or gave none', async (t) => {
  clock(t);
  for (const refresh of ['refresh.1', undefined]) {
    const w = tab(t, { answers: [[200, { ...tokens, refresh_token: refresh }], [400, { error: 'invalid_grant' }]] });
    await w.load().open();
    back(w, { code: 'c' });
    const session = w.load();
    await session.open();
    mock.timers.tick(599_000 * (refresh ? 0 : 1));
    assert.equal(await session.token(), 'one');
    mock.timers.tick(600_000);
    await assert.rejects(session.token(), (err) => err.type === '/problems/token-missing' && !err.transient);
    assert.equal(w.ended, 1);
    assert.equal(w.stored.size, 0);
    t.mock.restoreAll();
  }
});

test('a token that the API refuses is replaced, unless that has happened', async (t) => {
  const { w, session } = await signedIn(t, { answers: [[200, { ...tokens, access_token: 'two' }]] });
  session.forget('older');
  assert.equal(await session.token(), 'one');
  session.forget('one');
  assert.equal(await session.token(), 'two');
  session.forget('one');
  assert.equal(await session.token(), 'two');
  assert.equal(w.asked.length, 2);
});

test('signing out forgets the tokens, revokes the refresh token and tells the issuer', async (t) => {
  for (const answer of [[200, {}], [400, {}], new TypeError('lost')]) {
    const { w, session } = await signedIn(t, { answers: [answer] });
    await session.leave();
    assert.deepEqual(w.asked[1], { url: document.revocation_endpoint, token: 'refresh.1', token_type_hint: 'refresh_token', client_id: 'board' });
    assert.equal(w.left[1].href, 'https://issuer.example/logout?client_id=board&post_logout_redirect_uri=https%3A%2F%2Fphotos.example%2F');
    await assert.rejects(session.token());
    // The page does not sign in by itself again, unless asked to.
    const next = w.load();
    assert.equal(await next.open(), 'out');
    assert.equal(w.left.length, 2);
    await next.begin();
    assert.equal(w.left.length, 3);
    assert.ok(![...w.stored.values()].some((v) => v.includes('refresh.1')));
    t.mock.restoreAll();
  }
});

test('an issuer without an end of sessions brings the person back to the page', async (t) => {
  const { w, session } = await signedIn(t, { answers: [[200, {}]], discovery: { ...document, end_session_endpoint: undefined, revocation_endpoint: undefined } });
  await session.leave();
  assert.equal(w.asked.length, 1);
  assert.equal(w.left[1].href, 'https://photos.example/');
});
