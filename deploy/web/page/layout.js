// Where the tiles of a board are: in rows that fill the width, each photo in its own proportions.

// Bounds of a tile's ratio. A photo beyond them is cropped: it would fill the row, or be a thin line.
const narrowest = 0.56;
export const widest = 2.4;

// Ratio of a tile that shows a message, or whose photo has no known ratio yet.
const usual = 1.25;

// Width of the grid, in pixels, below which a tile with a message fills a row.
const phone = 480;

// States in which a tile shows a message instead of a picture.
export const messageStates = ['rejected', 'failed', 'refused'];

// ratioOf returns the width of a photo's tile divided by its height. Infinity means a row of its own.
export function ratioOf({ state, width, height, previewRatio }, gridWidth) {
  if (messageStates.includes(state)) return gridWidth < phone ? Infinity : usual;
  const ratio = width && height ? width / height : previewRatio ?? usual;
  return Math.min(Math.max(ratio, narrowest), widest);
}

// Layout places tiles. All lengths are in pixels.
export class Layout {
  rows = []; // {first, end, top, height}: the tiles from first to before end
  height = 0; // height of all rows together
  #ratios = [];
  #gap = 0;
  #width = 0;

  // lay places tiles with these ratios. A row has at least the given height, unless one tile is wider than the grid.
  lay(ratios, { width, row, gap }) {
    Object.assign(this, { rows: [], height: 0 });
    this.#width = width;
    this.#gap = gap;
    this.#ratios = ratios.map((r) => Math.min(r, width / row));
    let first = 0, sum = 0;
    const close = (end, height) => {
      this.rows.push({ first, end, top: this.height, height });
      this.height += height + gap;
      first = end;
      sum = 0;
    };
    this.#ratios.forEach((ratio, i) => {
      const fits = (sum + ratio) * row + gap * (i - first) <= width + 0.01;
      if (i > first && !fits) close(i, (width - gap * (i - first - 1)) / sum);
      sum += ratio;
    });
    if (first < ratios.length) close(ratios.length, row); // the last row is not stretched
    if (this.rows.length > 0) this.height -= gap;
  }

  // rowAt returns the index of the row at a distance from the top, by halving.
  rowAt(y) {
    let from = 0, to = this.rows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.rows[middle].top <= y) from = middle + 1;
      else to = middle;
    }
    return Math.max(from - 1, 0);
  }

  // rowOf returns the index of the row of a tile.
  rowOf(tile) {
    let from = 0, to = this.rows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.rows[middle].first <= tile) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  }

  // boxes returns the boxes of a row's tiles: {left, top, width, height}.
  boxes({ first, end, top, height }) {
    let left = 0;
    return this.#ratios.slice(first, end).map((ratio) => {
      const width = Math.min(ratio * height, this.#width);
      const box = { left, top, width, height };
      left += width + this.#gap;
      return box;
    });
  }
}
