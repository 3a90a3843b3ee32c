// The API of Darkroom, as far as the page needs it. /openapi.json is its contract.

import { Failure, transientStatus } from './failure.js';
import { retryAfter } from './backoff.js';

// How long a request may take beyond what it is asked to wait, in milliseconds.
const patience = 20_000;

export class Api {
  #base;
  #session;

  // base is the URL that the API's paths are relative to.
  constructor(base, session) {
    this.#base = base;
    this.#session = session;
  }

  // order creates an upload of one file: {id, expiresAt, upload: {method, url, headers}, ...}.
  async order(board, { contentType, contentLength, sha256, name }, signal) {
    const answer = await this.#call(board, 'POST', 'uploads', { body: { contentType, contentLength, sha256, name }, signal });
    return answer.json();
  }

  // list reads a page of the board's photos: {uploads, next?}.
  async list(board, cursor, signal) {
    const query = new URLSearchParams({ limit: 100 });
    if (cursor) query.set('cursor', cursor);
    return (await this.#call(board, 'GET', 'uploads?' + query, { signal })).json();
  }

  // status reads how far a photo has come.
  async status(board, id, signal) {
    return (await this.#call(board, 'GET', `uploads/${id}`, { signal })).json();
  }

  // outcomes reads those of the photos that have an outcome. It waits for the first for so many seconds.
  async outcomes(board, ids, { wait, signal }) {
    const query = new URLSearchParams({ ids, wait });
    return (await (await this.#call(board, 'GET', 'outcomes?' + query, { signal, wait })).json()).uploads;
  }

  async remove(board, id, signal) {
    await this.#call(board, 'DELETE', `uploads/${id}`, { signal });
  }

  // #call makes a request, and makes it once more with a new bearer token if the first was not accepted.
  async #call(board, method, path, options) {
    const token = await this.#session.token();
    const answer = await this.#send(board, method, path, token, options);
    if (answer.status !== 401) return this.#checked(answer);
    this.#session.forget(token);
    return this.#checked(await this.#send(board, method, path, await this.#session.token(), options));
  }

  async #send(board, method, path, token, { body, signal, wait = 0 }) {
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers['Content-Type'] = 'application/json';
    const limit = AbortSignal.timeout(patience + wait * 1000);
    try {
      return await fetch(new URL(`v1/boards/${board}/${path}`, this.#base), {
        method, headers, body: body && JSON.stringify(body), cache: 'no-store', signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
    } catch (err) {
      signal?.throwIfAborted();
      throw new Failure(err.message, { kind: 'network', transient: true });
    }
  }

  async #checked(answer) {
    if (answer.ok) return answer;
    const { type, detail, limit, allowed } = await answer.json().catch(() => ({}));
    throw new Failure(`${answer.status} ${detail ?? ''}`, {
      status: answer.status, type, detail, limit, allowed,
      transient: transientStatus(answer.status), retryAfter: retryAfter(answer.headers.get('Retry-After')),
    });
  }
}
