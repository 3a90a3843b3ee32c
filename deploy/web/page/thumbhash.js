// Decodes a ThumbHash, https://evanw.github.io/thumbhash/: the lowest frequencies of a picture in lightness (l), yellow
// against blue (p), red against green (q) and opacity (a), each as a number of four bits.

// Longer side of the decoded picture, in pixels.
const side = 32;

// bytesOf decodes the base64 that the API sends.
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

// decode returns {width, height, rgba}, or null for bytes that are no ThumbHash.
export function decode(hash) {
  if (hash.length < 5) return null;
  const head = hash[0] | hash[1] << 8 | hash[2] << 16;
  const tail = hash[3] | hash[4] << 8;
  const opaque = !(head >> 23 & 1);
  const landscape = tail >> 15 & 1;
  const most = opaque ? 7 : 5;
  const nx = landscape ? most : tail & 7;
  const ny = landscape ? tail & 7 : most;
  if (nx === 0 || ny === 0 || !opaque && hash.length < 6) return null;

  const nibbles = reader(hash, opaque ? 5 : 6);
  // More colour than was stored makes up for what rounding takes away.
  const l = channel(nibbles, Math.max(3, nx), Math.max(3, ny), (head & 63) / 63, (head >> 18 & 31) / 31);
  const p = channel(nibbles, 3, 3, (head >> 6 & 63) / 31.5 - 1, (tail >> 3 & 63) / 63 * 1.25);
  const q = channel(nibbles, 3, 3, (head >> 12 & 63) / 31.5 - 1, (tail >> 9 & 63) / 63 * 1.25);
  const a = opaque ? { mean: 1, waves: [] } : channel(nibbles, 5, 5, (hash[5] & 15) / 15, (hash[5] >> 4) / 15);

  const width = Math.max(1, Math.round(side * Math.min(1, nx / ny)));
  const height = Math.max(1, Math.round(side * Math.min(1, ny / nx)));
  const across = cosines(width), down = cosines(height);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      const value = (c) => c.waves.reduce((sum, w) => sum + w.v * across[w.cx][x] * down[w.cy][y] * 2, c.mean);
      const light = value(l), yellow = value(p), red = value(q);
      const blue = light - 2 / 3 * yellow;
      const r = (3 * light - blue + red) / 2;
      rgba.set([r * 255, (r - red) * 255, blue * 255, value(a) * 255], i);
    }
  }
  return { width, height, rgba };
}

// reader gives one four-bit number after the other, the low half of each byte first.
function reader(hash, start) {
  let i = 0;
  return () => {
    const byte = hash[start + (i >> 1)] ?? 0;
    return byte >> (i++ & 1) * 4 & 15;
  };
}

// channel reads the frequencies below the diagonal of an nx by ny table, but for the first, which is the mean.
function channel(next, nx, ny, mean, scale) {
  const waves = [];
  for (let cy = 0; cy < ny; cy++) {
    for (let cx = cy ? 0 : 1; cx * ny < nx * (ny - cy); cx++) waves.push({ cx, cy, v: (next() / 7.5 - 1) * scale });
  }
  return { mean, waves };
}

// cosines is cos(pi/size * frequency * (position + 1/2)) for the seven frequencies there may be.
function cosines(size) {
  return Array.from({ length: 7 }, (_, f) => Float64Array.from({ length: size }, (_, i) => Math.cos(Math.PI / size * f * (i + 0.5))));
}
