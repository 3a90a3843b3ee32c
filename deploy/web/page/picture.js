// A photo's variants as an element.

import { bytesOf, decode } from './thumbhash.js';

// A browser takes the first format that it knows, so better ones come first. Every browser shows the last ones, which
// are the fallback. A format that is in neither list comes before all others.
const better = ['image/avif', 'image/webp'];
const fallback = ['image/jpeg', 'image/png'];

// whole returns the variants that show the whole photo and not a part of it, or all if there are none.
function whole(photo) {
  const ratio = photo.width / photo.height;
  const all = photo.variants.filter((v) => Math.abs(v.width / v.height / ratio - 1) < 0.03 || Math.abs(v.width - v.height * ratio) < 1.5 || Math.abs(v.height - v.width / ratio) < 1.5);
  return all.length > 0 ? all : photo.variants;
}

// show fills a picture element: each format a source, each size a candidate, so that the browser takes what it needs.
export function show(picture, photo, sizes) {
  const byType = Map.groupBy(whole(photo), (v) => v.contentType);
  const types = [...byType.keys()].sort((a, b) => rank(a) - rank(b));
  const last = types.pop();
  const img = picture.querySelector('img');
  picture.replaceChildren(...types.map((type) => {
    const source = document.createElement('source');
    Object.assign(source, { type, srcset: srcset(byType.get(type)), sizes });
    return source;
  }), img);
  const variants = byType.get(last);
  img.sizes = sizes;
  img.srcset = srcset(variants);
  img.src = variants.reduce((a, b) => (a.width < b.width ? a : b)).url;
}

const rank = (type) => (fallback.includes(type) ? better.length : better.indexOf(type));

function srcset(variants) {
  const byWidth = new Map(variants.map((v) => [v.width, v.url]));
  return [...byWidth].map(([width, url]) => `${url} ${width}w`).join(', ');
}

// paint draws a photo's placeholder on a canvas, and reports whether it has one.
export function paint(canvas, photo) {
  const picture = photo.thumbHash ? decode(bytesOf(photo.thumbHash)) : null;
  if (!picture) return false;
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d').putImageData(new ImageData(picture.rgba, picture.width, picture.height), 0, 0);
  return true;
}
