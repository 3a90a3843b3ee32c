// A photo's variants as an element.

import { bytesOf, decode } from './thumbhash.js';

// The better a format, the earlier it is offered; what no source is taken of is the fallback.
const better = ['image/avif', 'image/webp'];

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

const rank = (type) => (better.indexOf(type) + better.length + 1) % (better.length + 1);

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
