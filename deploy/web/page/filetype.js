// The media type of a picture file. Browsers derive it from the name, and many do not know HEIC, so the first bytes come
// first.

const byName = {
  jpg: 'image/jpeg', jpeg: 'image/jpeg', jpe: 'image/jpeg', png: 'image/png', gif: 'image/gif', webp: 'image/webp',
  heic: 'image/heic', heif: 'image/heif', hif: 'image/heif', avif: 'image/avif',
};

const ascii = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));

// sniff returns the media type that a file's first bytes show, or ''. 64 bytes are enough.
export function sniff(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (/^GIF8[79]a/.test(ascii(bytes, 0, 6))) return 'image/gif';
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'image/webp';
  if (ascii(bytes, 4, 8) !== 'ftyp') return '';
  // A file type box (ISO/IEC 14496-12, section 4.3): its size, the brand, a version, and the compatible brands.
  const end = Math.min(bytes.length, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
  const brands = new Set([ascii(bytes, 8, 12)]);
  for (let i = 16; i + 4 <= end; i += 4) brands.add(ascii(bytes, i, i + 4));
  const has = (...names) => names.some((n) => brands.has(n));
  if (has('avif', 'avis')) return 'image/avif';
  if (has('heic', 'heix', 'heim', 'heis', 'hevc', 'hevx')) return 'image/heic';
  if (has('mif1', 'msf1')) return 'image/heif';
  return '';
}

// typeOf promises the media type of a file, 'application/octet-stream' if it is unknown.
export async function typeOf(file) {
  const bytes = new Uint8Array(await file.slice(0, 64).arrayBuffer());
  return sniff(bytes) || file.type || nameType(file.name) || 'application/octet-stream';
}

const nameType = (name) => byName[name.split('.').pop().toLowerCase()] ?? '';

// looksLikePicture reports whether a file of a folder is worth sending, by its name and the browser's type.
export const looksLikePicture = (file) => !file.name.startsWith('.') && (file.type.startsWith('image/') || nameType(file.name) !== '');
