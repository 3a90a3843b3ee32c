package engine

import "image"

// smartCorner returns where the part of whole with the most detail begins. small is the whole picture, reduced: what is
// detail at full size may be noise. Of places with as much the one nearest to the centre is taken.
func smartCorner(small *image.NRGBA, whole, keep size) (x, y int) {
	columns, rows := detail(small)
	return densest(columns, whole.w, keep.w), densest(rows, whole.h, keep.h)
}

// detail returns, for each column and each row, by how much the pixels differ in luma from those to their left and above.
// What is transparent counts as black.
func detail(m *image.NRGBA) (columns, rows []int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	columns, rows = make([]int, w), make([]int, h)
	luma := make([]int, w*h)
	for y := range h {
		for x := range w {
			p := m.Pix[y*m.Stride+4*x:][:4]
			luma[y*w+x] = lumaOf(p) * int(p[3]) / 255
			add := 0
			if x > 0 {
				add += abs(luma[y*w+x] - luma[y*w+x-1])
			}
			if y > 0 {
				add += abs(luma[y*w+x] - luma[(y-1)*w+x])
			}
			columns[x] += add
			rows[y] += add
		}
	}
	return columns, rows
}

// densest returns where keep of whole pixels hold the most of what is counted along them.
func densest(counts []int, whole, keep int) int {
	window := max(1, scaled(len(counts), keep, whole))
	places := len(counts) - window // and one
	if whole == keep || places < 1 {
		return (whole - keep) / 2
	}
	sum := 0
	for _, c := range counts[:window] {
		sum += c
	}
	best, most := 0, sum
	for at := 1; at <= places; at++ {
		sum += counts[at+window-1] - counts[at-1]
		if sum > most || sum == most && abs(2*at-places) < abs(2*best-places) {
			best, most = at, sum
		}
	}
	return (2*best*(whole-keep) + places) / (2 * places)
}

func abs(n int) int { return max(n, -n) }
