// The OpenID Connect issuer that signs people in. The page is a public client: it has no secret.

import { DarkroomError, retryAfter, transientStatus } from './darkroom.js';

// How long the issuer may take to answer, in milliseconds.
const patience = 15_000;

export class Issuer {
  #url;
  #clientId;
  #scope;
  #resource;
  #documents; // a promise of the discovery document

  // issuer is the URL that the tokens name. scope is separated by spaces. resource names the API, for issuers that
  // give tokens for several.
  constructor({ issuer, clientId, scope, resource }) {
    this.#url = issuer;
    this.#clientId = clientId;
    this.#scope = scope;
    this.#resource = resource;
  }

  // authorization promises the URL at which a person signs in. The issuer sends the person back to redirect.
  async authorization({ redirect, state, challenge }) {
    const url = new URL((await this.#discover()).authorization_endpoint);
    const query = { response_type: 'code', client_id: this.#clientId, redirect_uri: redirect, state, code_challenge: challenge, code_challenge_method: 'S256', ...this.#target() };
    if (this.#scope) query.scope = this.#scope;
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  // exchange promises the tokens for an authorization code: {token, expires, refresh?}.
  exchange({ code, redirect, verifier }) {
    return this.#grant({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier });
  }

  // refresh promises new tokens for a refresh token.
  async refresh(refresh) {
    return { refresh, ...await this.#grant({ grant_type: 'refresh_token', refresh_token: refresh }) };
  }

  // revoke ends a refresh token, if the issuer can do that (RFC 7009).
  async revoke(refresh) {
    const { revocation_endpoint: url } = await this.#discover();
    if (url) await this.#send(url, { token: refresh, token_type_hint: 'refresh_token' });
  }

  // end promises the URL at which the issuer forgets the person, or undefined if it has none:
  // https://openid.net/specs/openid-connect-rpinitiated-1_0.html
  async end(redirect) {
    const { end_session_endpoint: page } = await this.#discover();
    if (!page) return undefined;
    const url = new URL(page);
    url.searchParams.set('client_id', this.#clientId);
    url.searchParams.set('post_logout_redirect_uri', redirect);
    return url;
  }

  // accepts reports whether an answer is from this issuer, as far as it says (RFC 9207).
  accepts(iss) {
    return iss === null || iss === this.#url;
  }

  // #target returns the parameter that names the API: resource in RFC 8707, audience before it.
  #target() {
    return this.#resource ? { resource: this.#resource, audience: this.#resource } : {};
  }

  async #grant(form) {
    const { token_endpoint: url } = await this.#discover();
    const granted = await this.#send(url, { ...form, ...this.#target() });
    const { access_token: token, token_type: type, expires_in: seconds, refresh_token: refresh } = await granted.json();
    if (!token || String(type).toLowerCase() !== 'bearer') throw new DarkroomError('The issuer gave no bearer token.');
    const tokens = { token, expires: seconds ? Date.now() + seconds * 1000 : null };
    return refresh ? { ...tokens, refresh } : tokens;
  }

  #discover() {
    this.#documents ??= this.#send(`${this.#url.replace(/\/$/, '')}/.well-known/openid-configuration`).then(async (answer) => {
      const document = await answer.json();
      if (document.issuer !== this.#url) throw new DarkroomError(`The issuer calls itself ${document.issuer}, not ${this.#url}.`);
      return document;
    });
    this.#documents.catch(() => { this.#documents = undefined; });
    return this.#documents;
  }

  // #send posts a form, or gets the URL if there is none.
  async #send(url, form) {
    let answer;
    try {
      answer = await fetch(url, {
        method: form ? 'POST' : 'GET', body: form && new URLSearchParams({ ...form, client_id: this.#clientId }),
        credentials: 'omit', signal: AbortSignal.timeout(patience),
      });
    } catch (err) {
      throw new DarkroomError(err.message, { kind: 'network', transient: true });
    }
    if (answer.ok) return answer;
    const { error, error_description: detail } = await answer.json().catch(() => ({}));
    throw new DarkroomError(`${answer.status} ${error ?? ''}`, {
      status: answer.status, error, detail: detail ?? error, transient: transientStatus(answer.status), retryAfter: retryAfter(answer.headers.get('Retry-After')),
    });
  }
}
