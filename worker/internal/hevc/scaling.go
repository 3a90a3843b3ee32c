package hevc

// scalingFactors holds ScalingFactor (7.4.5) by log2 of the block's size less 2 and by matrixId. The factor for the
// coefficient at x, y is at y<<log2|x.
type scalingFactors [4][6][]uint8

// Default lists of 8x8 and larger blocks in diagonal order (table 7-6).
var (
	defaultIntra = [64]uint8{
		16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 17, 16, 17, 16, 17, 18,
		17, 18, 18, 17, 18, 21, 19, 20, 21, 20, 19, 21, 24, 22, 22, 24,
		24, 22, 22, 24, 25, 25, 27, 30, 27, 25, 25, 29, 31, 35, 35, 31,
		29, 36, 41, 44, 41, 36, 47, 54, 54, 47, 65, 70, 65, 88, 88, 115,
	}
	defaultInter = [64]uint8{
		16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 18,
		18, 18, 18, 18, 18, 20, 20, 20, 20, 20, 20, 20, 24, 24, 24, 24,
		24, 24, 24, 24, 25, 25, 25, 25, 25, 25, 25, 28, 28, 28, 28, 28,
		28, 33, 33, 33, 33, 33, 41, 41, 41, 41, 54, 54, 54, 71, 71, 91,
	}
)

// scalingLists are ScalingList and scaling_list_dc_coef: entries in diagonal order, and for 16x16 and 32x32 blocks the
// factor of the coefficient at 0, 0.
type scalingLists struct {
	list [4][6][64]uint8
	dc   [4][6]uint8
}

// setDefault sets a list to the default of tables 7-5 and 7-6.
func (l *scalingLists) setDefault(size, id int) {
	l.dc[size][id] = 16
	switch {
	case size == 0:
		for i := range 16 {
			l.list[size][id][i] = 16
		}
	case id < 3:
		l.list[size][id] = defaultIntra
	default:
		l.list[size][id] = defaultInter
	}
}

// defaultScaling returns the factors of the default lists.
func defaultScaling(chroma int) *scalingFactors {
	var l scalingLists
	for size := range 4 {
		for id := range 6 {
			l.setDefault(size, id)
		}
	}
	return l.factors(chroma)
}

// parseScaling reads scaling_list_data (7.3.4) and returns the factors (7.4.5).
func parseScaling(r *bitReader, chroma int) (*scalingFactors, error) {
	var l scalingLists
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for id := 0; id < 6; id += step {
			if !r.flag() { // scaling_list_pred_mode_flag
				delta := r.number(id / step)
				if delta == 0 {
					l.setDefault(size, id)
				} else {
					l.list[size][id] = l.list[size][id-delta*step]
					l.dc[size][id] = l.dc[size][id-delta*step]
				}
				continue
			}
			next := 8
			if size > 1 {
				next = r.signed(-7, 247) + 8
				l.dc[size][id] = uint8(next)
			}
			for i := range min(64, 16<<(2*size)) {
				next = (next + r.signed(-128, 127) + 256) % 256
				l.list[size][id][i] = uint8(next)
			}
		}
	}
	if r.pastEnd() {
		return nil, corrupt("scaling list data")
	}
	return l.factors(chroma), nil
}

// factors expands the lists (7.4.5).
func (l *scalingLists) factors(chroma int) *scalingFactors {
	if chroma == Chroma444 { // 32x32 chroma blocks use the lists of 16x16 blocks (7.4.5)
		for _, id := range []int{1, 2, 4, 5} {
			l.list[3][id], l.dc[3][id] = l.list[2][id], l.dc[2][id]
		}
	}
	f := new(scalingFactors)
	for size := range 4 {
		for id := range 6 {
			side := 4 << size
			m := make([]uint8, side*side)
			known := min(side, 8) // side of the list
			ratio := side / known
			for i, p := range diagonal(known) {
				v := l.list[size][id][i]
				for y := range ratio {
					row := m[(int(p.y)*ratio+y)*side+int(p.x)*ratio:]
					for x := range ratio {
						row[x] = v
					}
				}
			}
			if size > 1 {
				m[0] = l.dc[size][id]
			}
			f[size][id] = m
		}
	}
	return f
}

// position is a place in a block of coefficients or of sub-blocks.
type position struct{ x, y uint8 }

// diagonal returns the up-right diagonal scan of a square (6.5.3).
func diagonal(side int) []position {
	scan := make([]position, 0, side*side)
	for sum := 0; sum < 2*side-1; sum++ {
		for x := max(0, sum-side+1); x <= min(sum, side-1); x++ {
			scan = append(scan, position{uint8(x), uint8(sum - x)})
		}
	}
	return scan
}
