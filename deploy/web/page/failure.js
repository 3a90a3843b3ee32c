// Failure is why a request did not do what it should.
export class Failure extends Error {
  // Of a problem document (RFC 9457): type, detail, limit and allowed. Beside that:
  //   status      of HTTP, 0 where there was no answer
  //   kind        'network', 'unread' (the file), 'refused' (by the storage), or none
  //   transient   another attempt may do
  //   expired     the upload token has, or may have
  //   retryAfter  milliseconds, where the server said so
  constructor(message, members = {}) {
    super(message);
    Object.assign(this, { status: 0, transient: false }, members);
  }
}

// transientStatus tells whether another attempt may do.
// 409 is what S3 answers to one of two conditional writes at once.
export const transientStatus = (status) => [0, 408, 409, 429].includes(status) || status >= 500;
