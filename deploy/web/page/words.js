// What the page says, in plain words.

// States of a photo: those before its bytes have arrived are the page's own, the others are the API's.
export const states = {
  waiting: 'Waiting to be sent',
  uploading: 'Uploading',
  failed: 'Not sent',
  refused: 'Not taken',
  awaiting: 'Not arrived yet',
  queued: 'Sent, in the queue',
  processing: 'Being made ready',
  ready: 'Ready',
  rejected: 'Cannot be used',
  removed: 'Removed',
};

// Reasons of the API for a photo that is rejected.
export const reasons = {
  'unsupported': 'This is not a kind of picture that can be read here.',
  'corrupt': 'The file is damaged and cannot be opened.',
  'truncated': 'The file is incomplete: its end is missing.',
  'too-large': 'The file is too large.',
  'too-many-pixels': 'The picture has too many pixels.',
};

const problemPrefix = 'urn:darkroom:problem:';

// problem says what is the matter, given what a request failed with.
export function problem(err) {
  switch ((err.type ?? '').replace(problemPrefix, '')) {
    case 'type-not-allowed':
      return `This kind of file is not taken. ${formats(err.allowed)} are.`;
    case 'upload-too-large':
      return `The file is too large: the most is ${bytes(err.limit)}.`;
    case 'length-invalid':
      return 'The file is empty.';
    case 'board-forbidden':
    case 'scope-missing':
      return 'You may not do this on this board.';
    case 'token-missing':
    case 'token-invalid':
      return 'You are not signed in.';
  }
  if (err.kind === 'unread') return 'The file cannot be read. Was it moved or changed?';
  if (err.kind === 'refused') return 'The storage did not take the file. Was it changed meanwhile?';
  if (err.kind === 'network') return 'The connection was lost.';
  if (err.transient) return 'The service is not available just now.';
  return err.detail || err.message || 'Something went wrong.';
}

function formats(allowed) {
  const names = (allowed ?? []).map((t) => ({ 'image/webp': 'WebP' })[t] ?? t.replace('image/', '').toUpperCase());
  if (names.length < 2) return names[0] ?? 'Pictures';
  return names.slice(0, -1).join(', ') + ' and ' + names.at(-1);
}

// bytes is a size as people say it.
export function bytes(n) {
  if (n < 1 << 20) return `${Math.max(1, Math.round(n / 1024))} KB`;
  const mb = n / (1 << 20);
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`;
}

export const count = (n, one, many = one + 's') => `${n.toLocaleString()} ${n === 1 ? one : many}`;

const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

// title names a photo: by its file where that is known, else by when it came.
export function title(photo) {
  if (photo.name) return photo.name;
  return photo.created ? `Photo of ${dateAndTime.format(new Date(photo.created))}` : 'Photo';
}
