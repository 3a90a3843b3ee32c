// The person who is signed in, by the authorization code flow with PKCE (RFC 7636, RFC 9700).
//
// Tokens are in the tab's sessionStorage: a reload keeps them, another tab or a later visit does not see them. A script
// that could read them there could also use the page's own requests, so memory alone would protect little more. The
// content security policy keeps such scripts out. The page reads no id token, so it needs no nonce: PKCE binds the code
// to this tab.

import { DarkroomError } from './darkroom.js';
import { challenge, secret } from './pkce.js';

// How long before its end a token is replaced, in milliseconds.
const early = 30_000;

const tokensKey = 'darkroom.tokens'; // {token, expires, refresh?}
const pendingKey = 'darkroom.sign-in'; // {state, verifier, hash} of a sign-in that was begun
const leftKey = 'darkroom.signed-out'; // set after signing out

export class Session {
  #issuer;
  #browser;
  #ended;
  #tokens;
  #renewing;

  // browser has the tab's storage, location and history, and go(url), which leaves the page. ended is called when a token
  // cannot be replaced: the person must sign in again.
  constructor(issuer, browser, ended) {
    this.#issuer = issuer;
    this.#browser = browser;
    this.#ended = ended;
    this.#tokens = this.#read(tokensKey);
  }

  // open completes a sign-in that brought the person back to the page, and fails if the sign-in failed. It promises 'in' if
  // somebody is signed in, 'out' after signing out, and otherwise 'leaving', because it has begun a sign-in.
  async open() {
    const answer = new URLSearchParams(this.#browser.location.search);
    if (answer.has('state') && (answer.has('code') || answer.has('error'))) await this.#complete(answer);
    if (this.#tokens) return 'in';
    if (this.#browser.storage.getItem(leftKey)) return 'out';
    await this.begin();
    return 'leaving';
  }

  // begin leaves the page to sign in.
  async begin() {
    const pending = { state: secret(), verifier: secret(), hash: this.#browser.location.hash };
    const url = await this.#issuer.authorization({ redirect: this.#redirect(), state: pending.state, challenge: await challenge(pending.verifier) });
    this.#browser.storage.removeItem(leftKey);
    this.#write(pendingKey, pending);
    this.#browser.go(url);
  }

  // token promises a token for the API.
  async token() {
    if (!this.#tokens) throw missing();
    const { expires, refresh, token } = this.#tokens;
    if (expires === null || Date.now() < expires - early) return token;
    if (!refresh) return Date.now() < expires ? token : this.#end();
    this.#renewing ??= this.#renew(refresh).finally(() => { this.#renewing = undefined; });
    return this.#renewing;
  }

  // forget treats a token that the API refused as expired, unless another has replaced it.
  forget(token) {
    if (this.#tokens?.token === token) this.#keep({ ...this.#tokens, expires: 0 });
  }

  // leave signs the person out. The tab forgets its tokens even if the issuer cannot be reached.
  async leave() {
    const refresh = this.#tokens?.refresh;
    this.#keep(undefined);
    this.#browser.storage.setItem(leftKey, 'yes');
    if (refresh) await this.#issuer.revoke(refresh).catch(() => {});
    const url = await this.#issuer.end(this.#redirect()).catch(() => undefined);
    this.#browser.go(url ?? this.#redirect());
  }

  // #redirect returns the URL of the page without query and fragment, as it is registered with the issuer.
  #redirect() {
    return new URL('.', this.#browser.location.href).href;
  }

  async #complete(answer) {
    const pending = this.#read(pendingKey);
    this.#browser.storage.removeItem(pendingKey);
    // A code that stayed in the address would be in the history and in a copied link.
    this.#browser.history.replaceState(null, '', this.#redirect() + (pending?.hash ?? ''));
    if (!pending || pending.state !== answer.get('state')) {
      if (this.#tokens) return; // a forged or repeated answer changes nothing for a person who is signed in
      throw new DarkroomError('Another page or tab began this sign-in.');
    }
    if (!this.#issuer.accepts(answer.get('iss'))) throw new DarkroomError('The answer to this sign-in came from another issuer.');
    if (answer.has('error')) {
      const error = answer.get('error');
      throw new DarkroomError(error, { error, detail: answer.get('error_description') ?? error });
    }
    this.#keep(await this.#issuer.exchange({ code: answer.get('code'), redirect: this.#redirect(), verifier: pending.verifier }));
  }

  async #renew(refresh) {
    try {
      this.#keep(await this.#issuer.refresh(refresh));
    } catch (err) {
      if (!err.transient) return this.#end();
      if (Date.now() >= this.#tokens.expires) throw err;
    }
    return this.#tokens.token;
  }

  #end() {
    this.#keep(undefined);
    this.#ended();
    throw missing();
  }

  #keep(tokens) {
    this.#tokens = tokens;
    if (tokens) this.#write(tokensKey, tokens);
    else this.#browser.storage.removeItem(tokensKey);
  }

  #read(key) {
    return JSON.parse(this.#browser.storage.getItem(key)) ?? undefined;
  }

  #write(key, value) {
    this.#browser.storage.setItem(key, JSON.stringify(value));
  }
}

const missing = () => new DarkroomError('nobody is signed in', { type: '/problems/token-missing' });
