// Files from a drop, the clipboard, a folder or a camera.

import { looksLikePicture } from './filetype.js';

// pickPictures returns {files, left}: the pictures among a folder's files, and the number of the others. Files that a
// person chooses one by one are all taken.
const pickPictures = (files) => {
  const pictures = files.filter(looksLikePicture);
  return { files: pictures, left: files.length - pictures.length };
};

// transferFiles promises {files, left}: the files of a drop or a paste, and how many in its folders were left out.
export async function transferFiles(transfer) {
  // All entries must be taken at once: the transfer is empty when its event is over.
  const entries = [...transfer.items].filter((i) => i.kind === 'file').map((i) => i.webkitGetAsEntry?.() ?? i.getAsFile()).filter(Boolean);
  const all = { files: [], left: 0 };
  for (const entry of entries) {
    if (entry instanceof File) all.files.push(entry);
    else if (entry.isFile) all.files.push(await readFile(entry));
    else {
      const { files, left } = pickPictures(await filesIn(entry));
      all.files.push(...files);
      all.left += left;
    }
  }
  return all;
}

// inputFiles returns {files, left} of an input element, which may be one for folders, and empties it.
export function inputFiles(input) {
  const files = [...input.files];
  input.value = '';
  return input.webkitdirectory ? pickPictures(files) : { files, left: 0 };
}

const readFile = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

async function filesIn(directory) {
  const reader = directory.createReader();
  const files = [];
  for (;;) {
    // readEntries gives at most a hundred at a time, and none at the end.
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))) {
      if (entry.isFile) files.push(await readFile(entry));
      else files.push(...await filesIn(entry));
    }
  }
}
