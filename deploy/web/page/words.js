// The texts of the page.

// States of a photo. The page adds those before the upload is complete; the others are the API's.
export const states = {
  waiting: 'Waiting to upload',
  uploading: 'Uploading',
  failed: 'Not uploaded',
  refused: 'Not accepted',
  awaiting: 'Waiting for the upload',
  expired: 'Not uploaded in time',
  queued: 'Uploaded, in the queue',
  processing: 'Processing',
  ready: 'Ready',
  rejected: 'Cannot be used',
  removed: 'Removed',
};

// Text of a ready photo whose file is damaged.
export const damaged = 'Damaged file: shown as far as it could be read';

// The API's reasons to reject a photo, in words.
export const reasons = {
  'unsupported': 'Files of this kind cannot be read here.',
  'corrupt': 'The file is damaged and cannot be opened.',
  'truncated': 'The file is incomplete: its end is missing.',
  'too-large': 'The file is too large.',
  'too-many-pixels': 'The picture has too many pixels.',
  'too-expensive': 'Reading the picture would take too long.',
};

// slug returns the last part of the type of a problem document. The rest is the address of the API.
const slug = (type) => (type ?? '').slice((type ?? '').lastIndexOf('/') + 1);

// problem returns a sentence for the failure of a request.
export function problem(err) {
  switch (slug(err.type)) {
    case 'type-not-allowed':
      return `This kind of file is not accepted. Use ${formats(err.allowed)}.`;
    case 'quota-exceeded':
      return err.transient ? 'Too many photos in a short time.' : 'No more photos can be added today. Try again tomorrow.';
    case 'upload-too-large':
    case 'above-quota':
      return `The file is too large. The limit is ${bytes(err.limit)}.`;
    case 'length-invalid':
      return 'The file is empty.';
    case 'board-forbidden':
    case 'scope-missing':
      return 'You do not have permission to do this on this board.';
    case 'not-owner':
      return 'Only the person who uploaded this photo can remove it.';
    case 'token-missing':
    case 'token-invalid':
      return 'You are not signed in.';
  }
  if (err.error === 'access_denied') return 'The sign-in was cancelled.';
  if (err.kind === 'unread') return 'The file cannot be read. Was it moved or changed?';
  if (err.kind === 'refused') return 'The storage refused the file. Was it changed during the upload?';
  if (err.kind === 'network') return 'The connection was lost.';
  if (err.transient) return 'The service is temporarily unavailable.';
  return err.detail || err.message || 'Something went wrong.';
}

function formats(allowed) {
  const names = (allowed ?? []).map((t) => ({ 'image/webp': 'WebP' })[t] ?? t.replace('image/', '').toUpperCase());
  if (names.length < 2) return names[0] ?? 'another kind of picture';
  return names.slice(0, -1).join(', ') + ' or ' + names.at(-1);
}

// bytes formats a size for people.
export function bytes(n) {
  if (n < 1 << 20) return `${Math.max(1, Math.round(n / 1024))} KB`;
  const mb = n / (1 << 20);
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`;
}

export const count = (n, one, many = one + 's') => `${n.toLocaleString()} ${n === 1 ? one : many}`;

const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

// creditOf returns who made a photo and who owns the rights, as far as the API knows, or ''. It is untrusted text.
export function creditOf({ credit = {} }) {
  const { creator, credit: line, copyright } = credit;
  return [...new Set([creator, line, copyright].filter(Boolean))].join(' · ');
}

// title names a photo: by its file if known, otherwise by its time of upload.
export function title(photo) {
  if (photo.name) return photo.name;
  return photo.uploaded ? `Photo of ${dateAndTime.format(new Date(photo.uploaded))}` : 'Photo';
}
