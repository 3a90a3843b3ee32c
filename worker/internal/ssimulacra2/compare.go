package ssimulacra2

import "context"

// workspace is the memory that a comparison uses.
type workspace struct {
	sizes  []levelSize
	scales int
	input  [2][3][]float32 // two rows of the picture in linear light
	small  []colours       // the picture at each scale but the first
	padded []float32       // a row with four zeros before it, and more zeros after it
	zero   []float32
	unused [planes][]float32 // scratch rows for planes that are not compared
	window [planes]window
	mean   []float32 // rows of the picture
	square []float32
	cross  []float32
}

// window holds the last nine rows of a plane of the picture, before and after the horizontal Gaussian. Row y is at
// index y%9.
type window struct {
	samples [windowRows][]float32
	mean    [windowRows][]float32
	square  [windowRows][]float32
	cross   [windowRows][]float32
}

// workRows is how many rows of the first scale the workspace holds, not counting the pictures at the other scales.
const workRows = 2*3 + 1 + 1 + planes + planes*4*windowRows + 3

func workFloats(stride int) int64 { return int64(workRows*stride + 2*2*lanes) }

func newWorkspace(sizes []levelSize, scales int) *workspace {
	stride := sizes[0].stride
	all := make([]float32, workFloats(stride))
	row := func(n int) []float32 {
		r := all[:n:n]
		all = all[n:]
		return r
	}
	w := &workspace{sizes: sizes, scales: scales, padded: row(stride + 2*2*lanes), zero: row(stride), mean: row(stride), square: row(stride), cross: row(stride)}
	for i := range w.input {
		for c := range w.input[i] {
			w.input[i][c] = row(stride)
		}
	}
	for i := range w.window {
		w.unused[i] = row(stride)
		for _, rows := range []*[windowRows][]float32{&w.window[i].samples, &w.window[i].mean, &w.window[i].square, &w.window[i].cross} {
			for y := range rows {
				rows[y] = row(stride)
			}
		}
	}
	for _, s := range sizes[1:] {
		w.small = append(w.small, newColours(s))
	}
	return w
}

// eachRow calls visit with every row of a scale in linear light, and makes the picture at the next scale.
func (w *workspace) eachRow(ctx context.Context, scale int, from source, visit func(y int, rgb [3][]float32)) error {
	size := w.sizes[scale]
	for y := range size.height {
		if err := ctx.Err(); err != nil {
			return err
		}
		row := func(y int) [3][]float32 { return w.input[y&1] }
		if scale > 0 {
			row = w.small[scale-1].row
		} else {
			from.row(&w.input[y&1], y, size.width)
		}
		rgb := row(y)
		if scale+1 < len(w.sizes) {
			if size.width%2 == 1 { // an odd edge counts twice
				for _, c := range rgb {
					c[size.width] = c[size.width-1]
				}
			}
			w.small[scale].add(y, rgb, row(max(y-1, 0)), y == size.height-1)
		}
		visit(y, rgb)
	}
	return nil
}

// scan moves the window over the rows of a scale. It converts each row into the planes of l, in the memory that samples
// returns, and applies the horizontal Gaussian to them. It calls finish with a plane and a row once the window has all
// rows that the vertical Gaussian needs.
func (w *workspace) scan(ctx context.Context, scale int, from source, l level, samples func(plane, y int) []float32, cross bool,
	finish func(plane, y int)) error {
	size := w.sizes[scale]
	forEachPlane := func(y int, do func(plane, y int)) {
		for i, p := range l {
			if p != nil {
				do(i, y)
			}
		}
	}
	err := w.eachRow(ctx, scale, from, func(y int, rgb [3][]float32) {
		var rows [planes][]float32
		forEachPlane(y, func(i, y int) { rows[i] = samples(i, y) })
		w.convert(rows, rgb, size)
		forEachPlane(y, func(i, y int) {
			win, at := &w.window[i], y%windowRows
			w.horizontal(win.mean[at], rows[i], nil, size)
			w.horizontal(win.square[at], rows[i], rows[i], size)
			if cross {
				w.horizontal(win.cross[at], rows[i], l[i].row(l[i].samples, y, size), size)
			}
		})
		if y >= taps {
			forEachPlane(y-taps, finish)
		}
	})
	if err != nil {
		return err
	}
	for y := max(size.height-taps, 0); y < size.height; y++ {
		forEachPlane(y, finish)
	}
	return nil
}

// convert writes one row of each plane that is not nil, and zeros after its end.
func (w *workspace) convert(rows [planes][]float32, rgb [3][]float32, s levelSize) {
	r, g, b := rgb[0][:s.stride], rgb[1][:s.stride], rgb[2][:s.stride]
	all := rows
	for i := range all {
		if all[i] == nil {
			all[i] = w.unused[i][:s.stride]
		}
	}
	if rows[planeX] == nil && rows[planeB] == nil {
		luma(all[planeY], r, g, b)
	} else {
		xyb(&all, r, g, b)
	}
	for _, row := range rows {
		if row != nil {
			clear(row[s.width:])
		}
	}
}

// horizontal sets dst to the horizontal Gaussian of row, with zeros after its end. If times is not nil, it filters the
// product of the two rows instead.
func (w *workspace) horizontal(dst, row, times []float32, s levelSize) {
	padded := w.padded[:s.stride+2*lanes]
	inner := padded[taps:][:s.stride]
	if times == nil {
		copy(inner, row)
	} else {
		multiply(inner, row, times)
	}
	clear(padded[taps+s.stride:])
	horizontal(dst[:s.stride], padded)
	clear(dst[s.width:s.stride])
}

// vertical sets dst to the vertical Gaussian around row y of the window. Rows beyond the edges count as zero.
func (w *workspace) vertical(dst []float32, win *[windowRows][]float32, y int, s levelSize) {
	var rows [windowRows][]float32
	for i := range rows {
		rows[i] = w.zero
		if at := y + i - taps; at >= 0 && at < s.height {
			rows[i] = win[at%windowRows]
		}
	}
	vertical(dst, &rows)
}

// prepare returns the view of a reference.
func (w *workspace) prepare(ctx context.Context, from source) (*view, error) {
	v := &view{}
	for scale, size := range w.sizes {
		l := newLevel(scale, w.scales, size)
		err := w.scan(ctx, scale, from, l, func(i, y int) []float32 { return l[i].row(l[i].samples, y, size) }, false, func(i, y int) {
			w.vertical(l[i].row(l[i].mean, y, size), &w.window[i].mean, y, size)
			w.vertical(l[i].row(l[i].square, y, size), &w.window[i].square, y, size)
		})
		if err != nil {
			return nil, err
		}
		v.levels = append(v.levels, l)
	}
	return v, nil
}

// compare returns the score of a picture.
func (w *workspace) compare(ctx context.Context, v *view, from source) (float64, error) {
	var all total
	for scale, size := range w.sizes {
		var sums [planes][norms * maps]float64
		l := v.levels[scale]
		mean, square, cross := w.mean[:size.stride], w.square[:size.stride], w.cross[:size.stride]
		samples := func(i, y int) []float32 { return w.window[i].samples[y%windowRows][:size.stride] }
		err := w.scan(ctx, scale, from, l, samples, true, func(i, y int) {
			p, win := l[i], &w.window[i]
			w.vertical(mean, &win.mean, y, size)
			w.vertical(square, &win.square, y, size)
			w.vertical(cross, &win.cross, y, size)
			var parts sumLanes
			compareRows(&parts, &comparison{p.row(p.samples, y, size), samples(i, y), p.row(p.mean, y, size), mean,
				p.row(p.square, y, size), square, cross})
			for k := range sums[i] {
				for _, v := range parts[k] {
					sums[i][k] += float64(v)
				}
			}
		})
		if err != nil {
			return 0, err
		}
		for i, p := range l {
			if p != nil {
				all.add(&sums[i], weightsOf(i, scale, w.scales), size.width*size.height)
			}
		}
	}
	return all.score(), nil
}
