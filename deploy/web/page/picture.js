// A photo's variants as an element.

import { bytesOf, decode } from './thumbhash.js';

// A browser takes the first format that it knows, so better ones come first. Every browser shows the last ones, which
// are the fallback. A format that is in neither list comes before all others.
const better = ['image/avif', 'image/webp', 'image/gif'];
const fallback = ['image/jpeg', 'image/png'];

// People who prefer less motion see the still variants, which an animated one always has.
const motion = '(prefers-reduced-motion: no-preference)';

// moves reports whether a photo has an animated variant that shows the whole photo.
export const moves = (photo) => whole(photo).some((v) => v.animated);

// calm reports whether animations do not play by themselves.
export const calm = () => !matchMedia(motion).matches;

// whole returns the variants that show the whole photo and not a part of it, or all if there are none.
function whole(photo) {
  const ratio = photo.width / photo.height;
  const all = photo.variants.filter((v) => Math.abs(v.width / v.height / ratio - 1) < 0.03 || Math.abs(v.width - v.height * ratio) < 1.5 || Math.abs(v.height - v.width / ratio) < 1.5);
  return all.length > 0 ? all : photo.variants;
}

// show fills a picture element: each format a source, each size a candidate, so that the browser takes what it needs.
// Animated variants come first. They play unless people prefer less motion, and even then if play is true.
export function show(picture, photo, sizes, play = false) {
  const byType = formats(whole(photo).filter((v) => !v.animated));
  const moving = formats(whole(photo).filter((v) => v.animated));
  const types = [...byType.keys()];
  const last = types.pop();
  const img = picture.querySelector('img');
  const source = (media, variants, type) => Object.assign(document.createElement('source'), { type, media, srcset: srcset(variants), sizes });
  picture.replaceChildren(
    ...[...moving].map(([type, variants]) => source(play ? '' : motion, variants, type)),
    ...types.map((type) => source('', byType.get(type), type)), img);
  const variants = byType.get(last);
  img.sizes = sizes;
  img.srcset = srcset(variants);
  img.src = variants.reduce((a, b) => (a.width < b.width ? a : b)).url;
}

const rank = (type) => (fallback.includes(type) ? better.length : better.indexOf(type));

// formats returns the variants of each format, the better formats first.
function formats(variants) {
  return new Map([...Map.groupBy(variants, (v) => v.contentType)].sort(([a], [b]) => rank(a) - rank(b)));
}

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
