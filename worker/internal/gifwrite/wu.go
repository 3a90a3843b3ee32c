package gifwrite

// The colours of a frame with many colours are chosen by the method of Xiaolin Wu, "Efficient Statistical Color
// Quantization", Graphics Gems II, 1991. It repeatedly cuts the box of the colour cube with the greatest variance, at
// the position with the least variance in the two parts. Sums over boxes come from a table of sums from the origin.

const (
	side  = 33 // cells along an edge of the colour cube, each of 8 values, plus an empty cell in front
	cells = side * side * side
)

// moments holds sums over the pixels of each cell. accumulate turns them into sums over all cells from the origin to
// each.
type moments struct {
	n, r, g, b [cells]int64
	squares    [cells]float64 // sum of squares of all three channels
}

func cellAt(r, g, b int) int { return (r*side+g)*side + b }

func (m *moments) add(p []byte) {
	r, g, b := int64(p[0]), int64(p[1]), int64(p[2])
	i := cellAt(int(r>>3)+1, int(g>>3)+1, int(b>>3)+1)
	m.n[i]++
	m.r[i] += r
	m.g[i] += g
	m.b[i] += b
	m.squares[i] += float64(r*r + g*g + b*b)
}

// accumulate turns sums over cells into sums from the origin.
func (m *moments) accumulate() {
	for _, step := range []int{side * side, side, 1} {
		for i := step; i < cells; i++ {
			if i/step%side == 0 {
				continue
			}
			m.n[i] += m.n[i-step]
			m.r[i] += m.r[i-step]
			m.g[i] += m.g[i-step]
			m.b[i] += m.b[i-step]
			m.squares[i] += m.squares[i-step]
		}
	}
}

// box holds the cells above low, up to and including high.
type box struct{ low, high [3]int }

// sum adds up a table of sums over a box.
func sum[T int64 | float64](t *[cells]T, b box) T {
	l, h := b.low, b.high
	return t[cellAt(h[0], h[1], h[2])] - t[cellAt(h[0], h[1], l[2])] -
		t[cellAt(h[0], l[1], h[2])] + t[cellAt(h[0], l[1], l[2])] -
		t[cellAt(l[0], h[1], h[2])] + t[cellAt(l[0], h[1], l[2])] +
		t[cellAt(l[0], l[1], h[2])] - t[cellAt(l[0], l[1], l[2])]
}

// weight returns the squared length of the sum of a box's colours, divided by the number of its pixels, and that
// number.
func (m *moments) weight(b box) (weight float64, n int64) {
	n = sum(&m.n, b)
	if n == 0 {
		return 0, 0
	}
	red, green, blue := float64(sum(&m.r, b)), float64(sum(&m.g, b)), float64(sum(&m.b, b))
	return (red*red + green*green + blue*blue) / float64(n), n
}

// variance returns the sum of squared distances of a box's pixels from their mean.
func (m *moments) variance(b box) float64 {
	w, _ := m.weight(b)
	return sum(&m.squares, b) - w
}

// split cuts a box in two, or returns false if it is one cell, or all its pixels are in one.
func (m *moments) split(b box) (lower, upper box, ok bool) {
	best := 0.0
	for axis := range 3 {
		for cut := b.low[axis] + 1; cut < b.high[axis]; cut++ {
			lo, hi := b, b
			lo.high[axis], hi.low[axis] = cut, cut
			w1, n1 := m.weight(lo)
			w2, n2 := m.weight(hi)
			if n1 > 0 && n2 > 0 && w1+w2 > best {
				best, lower, upper, ok = w1+w2, lo, hi, true
			}
		}
	}
	return lower, upper, ok
}

// colours returns the mean colours of at most limit boxes. The moments must be sums over cells.
func (m *moments) colours(limit int) []colour {
	m.accumulate()
	boxes := []box{{high: [3]int{side - 1, side - 1, side - 1}}}
	spread := []float64{m.variance(boxes[0])}
	for len(boxes) < limit {
		widest := 0
		for i, v := range spread {
			if v > spread[widest] {
				widest = i
			}
		}
		if spread[widest] <= 0 {
			break
		}
		lower, upper, ok := m.split(boxes[widest])
		if !ok {
			spread[widest] = 0
			continue
		}
		boxes[widest], spread[widest] = lower, m.variance(lower)
		boxes, spread = append(boxes, upper), append(spread, m.variance(upper))
	}
	var colours []colour
	for _, b := range boxes {
		if n := sum(&m.n, b); n > 0 {
			mean := func(t *[cells]int64) byte { return byte((sum(t, b) + n/2) / n) }
			colours = append(colours, colour{mean(&m.r), mean(&m.g), mean(&m.b)})
		}
	}
	return colours
}
