// Files from wherever a person takes them: a drop, the clipboard, a folder, a camera.

import { looksLikePicture } from './filetype.js';

// folder takes of the files of a folder those that are pictures. Files that a person names one by one are all meant.
const folder = (files) => {
  const pictures = files.filter(looksLikePicture);
  return { files: pictures, left: files.length - pictures.length };
};

// ofTransfer promises {files, left}: the files of a drop or a paste, and how many in its folders were left out.
export async function ofTransfer(transfer) {
  // All entries must be taken at once: the transfer is empty when its event is over.
  const entries = [...transfer.items].filter((i) => i.kind === 'file').map((i) => i.webkitGetAsEntry?.() ?? i.getAsFile()).filter(Boolean);
  const all = { files: [], left: 0 };
  for (const entry of entries) {
    if (entry instanceof File) all.files.push(entry);
    else if (entry.isFile) all.files.push(await fileOf(entry));
    else {
      const { files, left } = folder(await filesIn(entry));
      all.files.push(...files);
      all.left += left;
    }
  }
  return all;
}

// ofInput returns {files, left} of an input element, which may be one for folders, and empties it.
export function ofInput(input) {
  const files = [...input.files];
  input.value = '';
  return input.webkitdirectory ? folder(files) : { files, left: 0 };
}

const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

async function filesIn(directory) {
  const reader = directory.createReader();
  const files = [];
  for (;;) {
    // Gives at most a hundred at a time, and none at the end.
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return files;
    for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))) {
      if (entry.isFile) files.push(await fileOf(entry));
      else files.push(...await filesIn(entry));
    }
  }
}
