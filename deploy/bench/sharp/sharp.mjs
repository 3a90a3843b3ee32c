// Makes the variants of one photo with sharp in one process:
//
//   node sharp.mjs JOB
//
// JOB is JSON: {"way", "file", "count", "out", "format", "quality", "sizes": [{"name", "width", "height"}, ...]}, with the
// sizes from the largest to the smallest. The photo is rendered count times, to {out}/000/{name}.jpg,
// {out}/001/{name}.jpg and so on: JPEG of the given quality, or PNG with sharp's defaults if the format is png.
// The way "versions" only prints the versions of sharp and its libraries.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

sharp.concurrency(1); // libvips uses one thread
sharp.cache(false); // every repetition must cost the same

const job = JSON.parse(process.argv[2]);
const extension = job.format === 'png' ? 'png' : 'jpg';
const inside = ({ width, height }) => ({ width, height, fit: 'inside', withoutEnlargement: true });

const usualOptions = job.format === 'png' ? {} : { quality: job.quality };
const bestOptions = job.format === 'png' ? {} : { quality: job.quality, optimiseCoding: false };
const file = (folder, size) => join(folder, `${size.name}.${extension}`);

// One pipeline per size from the file, as in the documentation. Each shrinks while it decodes.
async function usual(folder) {
  for (const size of job.sizes) {
    await sharp(job.file).rotate().resize(inside(size)).toFormat(job.format, usualOptions).toFile(file(folder, size));
  }
}

// Decodes the file once, shrinking while it decodes, to the pixels of the largest size. Each smaller size is made from the
// pixels of the one before. Standard Huffman tables save a pass over the coefficients and cost bytes. PNG has no option
// that saves time without making files much larger. The filter is sharp's default (Lanczos, three lobes), as in the usual
// way: a smaller filter would make other pictures.
async function best(folder) {
  let pipeline = sharp(job.file).rotate();
  for (const size of job.sizes) {
    const { data, info } = await pipeline.resize(inside(size)).raw().toBuffer({ resolveWithObject: true });
    const pixels = () => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
    await pixels().toFormat(job.format, bestOptions).toFile(file(folder, size));
    pipeline = pixels();
  }
}

const ways = { usual, best };

if (job.way === 'versions') {
  console.log(JSON.stringify(sharp.versions));
} else if (!Object.hasOwn(ways, job.way)) {
  throw new Error(`no way ${JSON.stringify(job.way)}: want ${Object.keys(ways).join(' or ')}`);
} else {
  for (let i = 0; i < job.count; i++) {
    const folder = join(job.out, String(i).padStart(3, '0'));
    await mkdir(folder, { recursive: true });
    await ways[job.way](folder);
  }
}
