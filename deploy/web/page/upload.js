// One photo's way to S3: digest, token, PUT, and all of that again where it makes sense.

import { Failure, transientStatus } from './failure.js';
import { device, jitter, sleep } from './backoff.js';
import { sendable } from './filename.js';
import { typeOf } from './filetype.js';

// How often a photo is tried before the person is asked.
const attempts = 6;

// A file of more bytes is sent without a digest, for which all of it would have to be in memory.
const mostDigested = 256 << 20;

// A connection on which nothing moves for so long, in milliseconds, is given up.
const stall = 45_000;

// upload sends a file and promises the id under which it has arrived. The grant, an upload that the API created, is kept in job: an
// attempt whose answer was lost may have arrived, and one with the same token is refused rather than stored twice. progress is
// told of how much is sent, from 0 to 1, and of the failure after which another attempt is waited for.
export async function upload(job, { api, signal, progress, send = put, wait = sleep, network = device }) {
  const { file, board } = job;
  const contentType = await read(typeOf(file));
  const sha256 = await read(digest(file));
  for (let failures = 0; ; ) {
    try {
      if (job.grant && (job.grant.spent || Date.parse(job.grant.expiresAt) < Date.now())) {
        const { state } = await api.status(board, job.grant.id, signal);
        if (state !== 'awaiting' && state !== 'expired') return job.grant.id;
        job.grant = undefined;
      }
      job.grant ??= await api.order(board, { contentType, contentLength: file.size, sha256, name: sendable(file.name) }, signal);
      await send(job.grant, file, { signal, progress });
      return job.grant.id;
    } catch (err) {
      signal.throwIfAborted();
      const gone = err.kind === 'network' && network.gone();
      // As long as the device itself has no network, trying says nothing of the photo or the server.
      if (!err.transient || !gone && ++failures === attempts) throw err;
      if (err.expired) job.grant.spent = true;
      progress(0, err);
      if (gone) await network.back(signal);
      else await wait(err.retryAfter ?? jitter(failures), signal);
    }
  }
}

async function read(promise) {
  try {
    return await promise;
  } catch (err) {
    throw new Failure(err.message, { kind: 'unread' });
  }
}

// digest is the SHA-256 in base64, or undefined where a page may not compute one: that needs a secure context.
async function digest(file) {
  if (!globalThis.crypto?.subtle || file.size > mostDigested) return undefined;
  const sum = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(sum)));
}

// put sends the file with exactly the request of the grant. It is an XMLHttpRequest since fetch does not tell how much of a
// body is sent.
function put(grant, file, { signal, progress }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    let timer;
    const alive = () => { clearTimeout(timer); timer = setTimeout(() => xhr.abort(), stall); };
    const stop = () => xhr.abort();
    xhr.upload.addEventListener('progress', (e) => {
      alive();
      if (e.lengthComputable) progress(e.loaded / e.total);
    });
    xhr.addEventListener('loadend', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return reject(signal.reason);
      const { status } = xhr;
      // Only the same token gives 412: the photo has arrived already.
      if (status >= 200 && status < 300 || status === 412) return resolve();
      const members = { status, transient: transientStatus(status) };
      if (status === 0) members.kind = 'network';
      else if (status === 403) Object.assign(members, { transient: true, expired: true });
      else if (!members.transient) members.kind = 'refused';
      reject(new Failure(`PUT: ${status}`, members));
    });
    xhr.open(grant.upload.method, grant.upload.url);
    for (const [name, value] of Object.entries(grant.upload.headers)) xhr.setRequestHeader(name, value);
    signal.addEventListener('abort', stop, { once: true });
    alive();
    xhr.send(file);
  });
}
