// Waiting before another attempt.

// jitter is how many milliseconds to wait after so many failures: anything up to a bound that doubles, so that pages which
// failed together do not come back together.
export function jitter(failures, random = Math.random) {
  return random() * Math.min(20_000, 500 * 2 ** failures);
}

// retryAfter reads the header of that name, in seconds or as a date (RFC 9110, section 10.2.3), as milliseconds from now.
export function retryAfter(header, now = Date.now()) {
  if (!header) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 120_000) : undefined;
}

// sleep waits, or fails with the signal's reason.
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

// device is what the browser knows of its network: that there is none is sure, that there is one says little.
export const device = {
  gone: () => globalThis.navigator?.onLine === false,

  // back waits until there is a network again, or fails with the signal's reason.
  back: (signal) => new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    if (!device.gone()) return resolve();
    const end = new AbortController();
    addEventListener('online', () => { end.abort(); resolve(); }, { signal: end.signal });
    signal.addEventListener('abort', () => { end.abort(); reject(signal.reason); }, { signal: end.signal });
  }),
};
