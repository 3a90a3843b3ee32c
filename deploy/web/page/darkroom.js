/**
 * A client of Darkroom's API (/openapi.json) for browsers and Node.js 20 or later.
 *
 *     const darkroom = new Darkroom({ api: 'https://photos.example', board: 'cats', token });
 *     const id = await darkroom.upload(file);
 *     const photo = await darkroom.outcome(id); // photo.state is ready or rejected
 */

/**
 * @typedef {{name: string, url: string, contentType: string, width: number, height: number, bytes: number, sha256: string, hdr?: boolean,
 *   animated?: boolean, duration?: number, loops?: number}} Variant
 * @typedef {{id: string, state: string, reason?: string, detail?: string, width?: number, height?: number, animated?: boolean, duration?: number,
 *   animationLost?: string, damaged?: boolean, thumbHash?: string, colour?: string, perceptualHash?: string, credit?: Record<string, string>,
 *   contentCredentials?: boolean, claimGenerator?: string, name?: string, metadata?: Record<string, string>, uploaded?: string, updated?: string,
 *   variants?: Variant[]}} Upload
 * @typedef {{id: string, expiresAt: string, upload: {method: string, url: string, headers: Record<string, string>},
 *   spent?: boolean}} Grant spent: S3 refused the token.
 * @typedef {{signal?: AbortSignal}} Options
 * @typedef {{resolve: (u: Upload) => void, reject: (reason: unknown) => void}} Waiter
 */

const attempts = 6; // tries of an upload
const mostDigested = 256 << 20; // bytes
const stall = 45_000; // milliseconds without progress
const patience = 20_000; // milliseconds for a request, without its wait

/** DarkroomError says why a request failed. It has the members of the problem document (RFC 9457). */
export class DarkroomError extends Error {
  status = 0; // HTTP status, 0 without an answer
  /** @type {string | undefined} */ type;
  /** @type {string | undefined} */ detail;
  /** @type {number | undefined} */ limit;
  /** @type {string[] | undefined} */ allowed;
  /** @type {'network' | 'unread' | 'refused' | undefined} */ kind;
  transient = false; // another attempt may work
  expired = false; // the upload token may have expired
  /** @type {number | undefined} */ retryAfter; // milliseconds

  /** @param {string} message @param {Partial<DarkroomError>} [members] */
  constructor(message, members = {}) {
    super(message);
    Object.assign(this, members);
  }
}

/** Darkroom is a client of one board. */
export class Darkroom {
  #base;
  #token;
  #environment;
  #watch;
  /** @type {Map<string, Set<Waiter>>} */ #waiting = new Map();

  /**
   * @param {object} options
   * @param {string} options.api URL that the API's paths are relative to.
   * @param {string} options.board Name of the board.
   * @param {string | ((refused?: string) => string | Promise<string>)} options.token Bearer token, or a function that
   *   returns one and gets the token that the API has just refused.
   * @param {{send?: typeof put, wait?: typeof sleep, network?: typeof device}} [environment]
   */
  constructor({ api, board, token }, environment = {}) {
    this.#base = `${api.replace(/\/$/, '')}/v1/boards/${board}/`;
    this.#token = token;
    this.#environment = { send: put, wait: sleep, network: device, ...environment };
    this.#watch = new Watch({
      ask: (/** @type {string[]} */ ids, options) => this.#settle(ids, options),
      trouble: (failure) => { if (failure && !failure.transient) this.#refuse(failure); },
    });
  }

  /**
   * upload sends a file, with retries, and returns the id of its photo. It throws a DarkroomError or the signal's reason.
   * @param {Blob} file
   * @param {object} [options]
   * @param {string} [options.type] Media type, by default that of the file.
   * @param {string} [options.name] File name to keep with the photo.
   * @param {{grant?: Grant}} [options.attempt] Keeps the token: a later call with the same object cannot store
   *   the photo twice.
   * @param {AbortSignal} [options.signal]
   * @param {(sent: number, failure?: DarkroomError) => void} [options.progress] Gets the part sent, 0 to 1, and the failure
   *   before a retry.
   */
  async upload(file, { type = file.type, name, attempt = {}, signal, progress = () => {} } = {}) {
    const { send, wait, network } = this.#environment;
    const sha256 = await digest(file).catch((err) => { throw new DarkroomError(err.message, { kind: 'unread' }); });
    const request = { contentType: type || 'application/octet-stream', contentLength: file.size, sha256, name };
    for (let failures = 0; ;) {
      try {
        const { grant } = attempt;
        if (grant && (grant.spent || Date.parse(grant.expiresAt) < Date.now())) {
          const { state } = await this.status(grant.id, { signal });
          if (state !== 'awaiting' && state !== 'expired') return grant.id;
          attempt.grant = undefined;
        }
        attempt.grant ??= await this.create(request, { signal });
        await send(attempt.grant, file, { signal, progress });
        return attempt.grant.id;
      } catch (err) {
        signal?.throwIfAborted();
        if (!(err instanceof DarkroomError)) throw err;
        const gone = err.kind === 'network' && network.gone();
        if (!err.transient || (!gone && ++failures === attempts)) throw err;
        if (err.expired && attempt.grant) attempt.grant.spent = true;
        progress(0, err);
        if (gone) await network.back(signal);
        else await wait(err.retryAfter ?? jitter(failures), signal);
      }
    }
  }

  /**
   * outcome waits until a photo is neither awaiting nor processing. One request waits for all photos.
   * @param {string} id @param {Options} [options] @returns {Promise<Upload>}
   */
  outcome(id, { signal } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const end = new AbortController(); // removes the listener
      /** @type {Waiter} */ const waiter = {
        resolve: (upload) => { end.abort(); resolve(upload); },
        reject: (reason) => { end.abort(); reject(reason); },
      };
      const waiters = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, waiters.add(waiter));
      signal?.addEventListener('abort', () => {
        waiters.delete(waiter);
        if (waiters.size === 0) {
          this.#waiting.delete(id);
          this.#watch.drop(id);
        }
        waiter.reject(signal.reason);
      }, { signal: end.signal });
      this.#watch.add(id);
      this.#watch.resume();
    });
  }

  /**
   * create creates an upload and returns it with its token.
   * @param {{contentType: string, contentLength: number, sha256?: string, name?: string}} request @param {Options} [options] @returns {Promise<Grant>}
   */
  async create(request, { signal } = {}) {
    return (await this.#call('POST', 'uploads', { body: request, signal })).json();
  }

  /**
   * list returns a page of the board's photos, the newest first.
   * @param {{cursor?: string, limit?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<{uploads: Upload[], next?: string}>}
   */
  async list({ cursor, limit = 100, signal } = {}) {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) });
    return (await this.#call('GET', `uploads?${query}`, { signal })).json();
  }

  /**
   * status returns what the API knows about a photo.
   * @param {string} id @param {Options} [options] @returns {Promise<Upload>}
   */
  async status(id, { signal } = {}) {
    return (await this.#call('GET', `uploads/${id}`, { signal })).json();
  }

  /**
   * outcomes returns those of up to 100 photos that have an outcome. It waits up to wait seconds for the first.
   * @param {string[]} ids @param {{wait: number, signal?: AbortSignal}} options @returns {Promise<Upload[]>}
   */
  async outcomes(ids, { wait, signal }) {
    const query = new URLSearchParams({ ids: ids.join(), wait: String(wait) });
    return (await (await this.#call('GET', `outcomes?${query}`, { signal, wait })).json()).uploads;
  }

  /**
   * remove removes a photo for everybody.
   * @param {string} id @param {Options} [options] @returns {Promise<void>}
   */
  async remove(id, { signal } = {}) {
    await this.#call('DELETE', `uploads/${id}`, { signal });
  }

  /** @param {string[]} ids @param {{wait: number, signal: AbortSignal}} options */
  async #settle(ids, options) {
    const ended = (await this.outcomes(ids, options)).filter((u) => ids.includes(u.id) && final(u));
    for (const upload of ended) {
      for (const waiter of this.#waiting.get(upload.id) ?? []) waiter.resolve(upload);
      this.#waiting.delete(upload.id);
    }
    return ended.map((u) => u.id);
  }

  /** @param {DarkroomError} failure */
  #refuse(failure) {
    for (const [id, waiters] of this.#waiting) {
      for (const waiter of waiters) waiter.reject(failure);
      this.#watch.drop(id);
    }
    this.#waiting.clear();
  }

  /**
   * #call makes a request, and once more with another bearer token if the API refuses the first.
   * @param {string} method @param {string} path @param {{body?: object, signal?: AbortSignal, wait?: number}} options
   */
  async #call(method, path, options) {
    const get = this.#token;
    const token = typeof get === 'string' ? get : await get();
    let answer = await this.#send(method, path, token, options);
    if (answer.status === 401 && typeof get !== 'string') answer = await this.#send(method, path, await get(token), options);
    if (answer.ok) return answer;
    const { status, headers } = answer, after = retryAfter(headers.get('Retry-After'));
    const { type, detail, limit, allowed } = await answer.json().catch(() => ({}));
    throw new DarkroomError(`${status} ${detail ?? ''}`, {
      status, type, detail, limit, allowed, retryAfter: after,
      transient: transientStatus(status) && !(status === 429 && after === 120_000), // a day's quota
    });
  }

  /** @param {string} method @param {string} path @param {string} token @param {{body?: object, signal?: AbortSignal, wait?: number}} options */
  async #send(method, path, token, { body, signal, wait = 0 }) {
    const limit = AbortSignal.timeout(patience + wait * 1000);
    try {
      return await fetch(this.#base + path, {
        method, body: body && JSON.stringify(body), cache: 'no-store', signal: signal ? AbortSignal.any([signal, limit]) : limit,
        headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
      });
    } catch (err) {
      signal?.throwIfAborted();
      throw new DarkroomError(String(err), { kind: 'network', transient: true });
    }
  }
}

/** @param {{state: string}} upload */
export const final = ({ state }) => state !== 'awaiting' && state !== 'processing';

/** digest returns the SHA-256 in base64, if the context is secure. @param {Blob} file */
async function digest(file) {
  if (!globalThis.crypto?.subtle || file.size > mostDigested) return undefined;
  const sum = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(sum)));
}

/**
 * put sends the file with the request of the grant. Only an XMLHttpRequest reports progress; Node.js has only fetch.
 * @param {Grant} grant @param {Blob} file @param {{signal?: AbortSignal, progress: (sent: number) => void}} options
 */
async function put({ upload }, file, { signal, progress }) {
  const status = globalThis.XMLHttpRequest ? await transfer(upload, file, signal, progress) : await fetch(upload.url, {
    method: upload.method, headers: upload.headers, body: file, signal,
  }).then((answer) => answer.status, () => 0);
  signal?.throwIfAborted();
  // 412: the photo has arrived. S3 answers so only to the same token.
  if ((status >= 200 && status < 300) || status === 412) return progress(1);
  const expired = status === 403;
  const transient = expired || transientStatus(status);
  throw new DarkroomError(`PUT: ${status}`, { status, expired, transient, kind: status === 0 ? 'network' : transient ? undefined : 'refused' });
}

/**
 * @param {Grant['upload']} upload @param {Blob} file @param {AbortSignal | undefined} signal
 * @param {(sent: number) => void} progress @returns {Promise<number>}
 */
function transfer({ method, url, headers }, file, signal, progress) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    let timer = 0;
    const alive = () => { clearTimeout(timer); timer = setTimeout(stop, stall); };
    const stop = () => xhr.abort();
    xhr.upload.addEventListener('progress', (e) => {
      alive();
      if (e.lengthComputable) progress(e.loaded / e.total);
    });
    xhr.addEventListener('loadend', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      resolve(xhr.status);
    });
    xhr.open(method, url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    signal?.addEventListener('abort', stop, { once: true });
    alive();
    xhr.send(file);
  });
}

/** transientStatus reports whether another attempt may work. S3 answers 409 to one of two writes at once. @param {number} status */
export const transientStatus = (status) => [0, 408, 409, 429].includes(status) || status >= 500;

/** jitter returns the milliseconds to wait after failures: a random part of a bound that doubles up to 20 s. */
export function jitter(/** @type {number} */ failures, random = Math.random) {
  return random() * Math.min(20_000, 500 * 2 ** failures);
}

/** retryAfter returns milliseconds, at most 120,000. @param {string | null} header */
export function retryAfter(header, now = Date.now()) {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 120_000) : undefined;
}

/** @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => { clearTimeout(timer); reject(signal?.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** device is the browser's network: a browser is sure only that there is none. */
const device = {
  gone: () => globalThis.navigator?.onLine === false,

  /** back waits for a network. @param {AbortSignal} [signal] @returns {Promise<void>} */
  back: (signal) => new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    if (!device.gone()) return resolve();
    const end = new AbortController();
    addEventListener('online', () => { end.abort(); resolve(); }, { signal: end.signal });
    signal?.addEventListener('abort', () => { end.abort(); reject(signal.reason); }, { signal: end.signal });
  }),
};

const longPoll = 20; // seconds that a request waits at the API
const most = 100; // photos in a request: the API takes no more
const youngest = 400, eldest = 2000; // milliseconds: bounds of the age at which a photo is first polled
const pace = 1000, paceOfOne = 200; // milliseconds between two requests: at most, and for each photo
const lastPause = 5000; // the same, after early answers without an outcome

/**
 * Watch waits for outcomes with one request for all photos, the oldest first: browsers open only six connections to an
 * origin. An answer has the outcomes of about a second, so hundreds of photos make few requests.
 * @template Photo
 */
export class Watch {
  #ask;
  #trouble;
  /** @type {Map<Photo, number>} */ #pending = new Map(); // when each was sent, in that order
  #usual = 0; // milliseconds that photos took recently
  /** @type {{photos: Set<Photo>, begun: number, controller: AbortController} | undefined} */ #asking; // the request that waits
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #stopped = false;
  #failures = 0;
  #early = 0; // requests in a row that were answered without an outcome
  #notBefore = 0;

  /**
   * @param {object} options
   * @param {(photos: Photo[], options: {wait: number, signal: AbortSignal}) => Promise<Photo[]>} options.ask Returns the
   *   photos that have an outcome.
   * @param {(failure?: DarkroomError) => void} options.trouble Gets a failure, or nothing once asking works.
   */
  constructor({ ask, trouble }) {
    this.#ask = ask;
    this.#trouble = trouble;
  }

  get size() { return this.#pending.size; }

  /** @param {Photo} photo */
  add(photo) {
    if (this.#pending.has(photo)) return;
    this.#pending.set(photo, Date.now());
    this.#turn();
  }

  /** @param {Photo} photo */
  drop(photo) {
    this.#pending.delete(photo);
    if (this.#pending.size === 0) this.#asking?.controller.abort();
  }

  /** sleep ends all requests until wake or resume. */
  sleep() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#asking?.controller.abort();
  }

  /** wake asks again at once. */
  wake() {
    this.#notBefore = 0;
    this.#asking?.controller.abort();
    this.#stopped = false;
    this.#turn();
  }

  /** resume wakes a watch that sleeps or was refused. */
  resume() {
    if (this.#stopped) this.wake();
  }

  // #turn sends the next request or sets the timer for it. It replaces a waiting request that lacks due photos.
  #turn() {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const now = Date.now();
    const young = Math.min(Math.max(this.#usual / 2, youngest), eldest);
    const due = [];
    let next = Infinity; // when the first photo is due that the request does not ask for
    for (const [photo, sent] of this.#pending) {
      const at = sent + young;
      if (at <= now && due.length < most) due.push(photo);
      if (!this.#asking?.photos.has(photo)) next = Math.min(next, at);
    }
    if (this.#asking?.photos.size === most) return;
    next = Math.max(next, this.#notBefore, this.#asking ? this.#asking.begun + pace : 0);
    if (next > now) {
      if (next < Infinity) this.#timer = setTimeout(() => this.#turn(), next - now);
    } else if (this.#asking) this.#asking.controller.abort();
    else this.#request(due, now);
  }

  /** @param {Photo[]} photos @param {number} begun */
  async #request(photos, begun) {
    const controller = new AbortController();
    this.#asking = { photos: new Set(photos), begun, controller };
    try {
      const ended = await this.#ask(photos, { wait: longPoll, signal: controller.signal });
      if (this.#failures > 0) this.#trouble();
      this.#failures = 0;
      for (const photo of ended) {
        const took = Date.now() - (this.#pending.get(photo) ?? Date.now());
        this.#usual += (took - this.#usual) / 8;
        this.#pending.delete(photo);
      }
      this.#early = ended.length > 0 ? 0 : this.#early + 1;
      const pause = Math.min(photos.length * paceOfOne, pace);
      this.#notBefore = begun + Math.min(pause * 1.6 ** this.#early, lastPause);
    } catch (err) {
      if (controller.signal.aborted) return;
      const pause = jitter(++this.#failures);
      const failure = err instanceof DarkroomError ? err : new DarkroomError(String(err));
      if (failure.transient) this.#notBefore = Date.now() + (failure.retryAfter ?? pause);
      else this.#stopped = true;
      this.#trouble(failure);
    } finally {
      this.#asking = undefined;
      this.#turn();
    }
  }
}
