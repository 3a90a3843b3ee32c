// Makes the variants of one photo with sharp in one process:
//
//   node sharp.mjs JOB
//
// JOB is JSON: {"way", "file", "count", "out", "format", "quality", "sizes": [{"name", "width", "height"}, ...]}, with the
// sizes from the largest to the smallest. The photo is rendered count times, to {out}/000/{name}.jpg,
// {out}/001/{name}.jpg and so on: in the given format and quality, or with sharp's defaults if the format is png.
//
// A job with "files" and "grid" instead encodes each file in each quality of the grid, without resizing: NAME.png to
// {out}/NAME/q20.jpg and so on. The way "versions" only prints the versions of sharp and its libraries.

import { mkdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import sharp from 'sharp';

sharp.concurrency(1); // libvips uses one thread
sharp.cache(false); // every repetition must cost the same

const job = JSON.parse(process.argv[2]);
const extension = job.format === 'jpeg' ? 'jpg' : job.format;
const inside = ({ width, height }) => ({ width, height, fit: 'inside', withoutEnlargement: true });

// What each way has besides the quality. Standard Huffman tables save a pass over the coefficients and cost bytes.
const jpegOptions = { usual: {}, best: { optimiseCoding: false }, mozjpeg: { mozjpeg: true } };
const options = (quality) => {
  if (job.format === 'png') return {};
  return job.format === 'jpeg' ? { quality, ...jpegOptions[job.way] } : { quality };
};
const file = (folder, name) => join(folder, `${name}.${extension}`);

// One pipeline per size from the file, as in the documentation. Each shrinks while it decodes.
async function usual(folder) {
  for (const size of job.sizes) {
    await sharp(job.file).rotate().resize(inside(size)).toFormat(job.format, options(job.quality)).toFile(file(folder, size.name));
  }
}

// Decodes the file once, shrinking while it decodes, to the pixels of the largest size. Each smaller size is made from the
// pixels of the one before. The other formats have no option that saves time without making files larger. The filter is sharp's default (Lanczos, three lobes), as in the usual
// way: a smaller filter would make other pictures.
async function best(folder) {
  let pipeline = sharp(job.file).rotate();
  for (const size of job.sizes) {
    const { data, info } = await pipeline.resize(inside(size)).raw().toBuffer({ resolveWithObject: true });
    const pixels = () => sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
    await pixels().toFormat(job.format, options(job.quality)).toFile(file(folder, size.name));
    pipeline = pixels();
  }
}

async function encode() {
  for (const path of job.files) {
    const folder = join(job.out, parse(path).name);
    await mkdir(folder, { recursive: true });
    for (const quality of job.grid) {
      await sharp(path).toFormat(job.format, options(quality)).toFile(file(folder, `q${quality}`));
    }
  }
}

const ways = { usual, best, mozjpeg: usual }; // mozjpeg is an option of the usual way

if (job.way === 'versions') {
  console.log(JSON.stringify(sharp.versions));
} else if (!Object.hasOwn(ways, job.way)) {
  throw new Error(`no way ${JSON.stringify(job.way)}: want ${Object.keys(ways).join(' or ')}`);
} else if (job.files) {
  await encode();
} else {
  for (let i = 0; i < job.count; i++) {
    const folder = join(job.out, String(i).padStart(3, '0'));
    await mkdir(folder, { recursive: true });
    await ways[job.way](folder);
  }
}
