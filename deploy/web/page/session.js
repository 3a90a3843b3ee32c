// Bearer tokens, held in memory only.

import { Failure, transientStatus } from './failure.js';
import { retryAfter } from './backoff.js';

// How long before its end a token is replaced, in milliseconds.
const early = 30_000;

// Session gets tokens from the sign-in of the page's configuration or, where there is none, from the person.
export class Session {
  #signIn;
  #ask;
  #tokens = new Map(); // by board: a promise of {token, expires}

  // ask is called with a board and promises a token that the person gives.
  constructor(signIn, ask) {
    this.#signIn = signIn;
    this.#ask = ask;
  }

  // token promises a token that is good for the board.
  async token(board) {
    let kept = this.#tokens.get(board);
    if (kept && (await kept).expires - early < Date.now()) kept = undefined;
    if (!kept) {
      kept = this.#fetch(board);
      this.#tokens.set(board, kept);
      kept.catch(() => this.#tokens.delete(board));
    }
    return (await kept).token;
  }

  // forget drops a token that was not accepted, unless another has taken its place.
  async forget(board, token) {
    const kept = await this.#tokens.get(board)?.catch(() => undefined);
    if (kept?.token === token) this.#tokens.delete(board);
  }

  async #fetch(board) {
    if (!this.#signIn) return { token: await this.#ask(board), expires: Infinity };
    let answer;
    try {
      answer = await fetch(this.#signIn, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ boards: [board] }),
        signal: AbortSignal.timeout(15_000),
      });
    } catch (err) {
      throw new Failure(err.message, { kind: 'network', transient: true });
    }
    if (!answer.ok) {
      const { type, detail } = await answer.json().catch(() => ({}));
      throw new Failure('sign-in', { status: answer.status, type, detail, transient: transientStatus(answer.status), retryAfter: retryAfter(answer.headers.get('Retry-After')) });
    }
    const { token, expiresAt } = await answer.json();
    return { token, expires: Date.parse(expiresAt) || Infinity };
  }
}
