package engine

import (
	"image"

	"darkroom/worker/internal/raster"
)

// smartPart returns the part of whole that has the given size and the most detail. small is the whole picture, reduced,
// because detail at full size may be noise. Of places with equal detail it takes the one nearest to the centre.
func smartPart(small *image.NRGBA, whole, part raster.Size) image.Rectangle {
	columns, rows := detail(small)
	x, y := densestWindow(columns, whole.Width, part.Width), densestWindow(rows, whole.Height, part.Height)
	return image.Rect(x, y, x+part.Width, y+part.Height)
}

// detail returns, for each column and row, the sum of the differences in luma between its pixels and those to their
// left and above. Transparent pixels count as black.
func detail(m *image.NRGBA) (columns, rows []int) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	columns, rows = make([]int, w), make([]int, h)
	luma := make([]int, w*h)
	for y := range h {
		for x := range w {
			p := m.Pix[y*m.Stride+4*x:][:4]
			luma[y*w+x] = int(raster.Luma(p[0], p[1], p[2])) * int(p[3]) / 255
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

// densestWindow returns where a window of keep pixels, out of whole, begins in which the sum of the counts is largest.
func densestWindow(counts []int, whole, keep int) int {
	window := max(1, raster.Scale(len(counts), keep, whole))
	places := len(counts) - window // the last place; the first is 0
	if whole == keep || places < 1 {
		return (whole - keep) / 2
	}
	sum := 0
	for _, c := range counts[:window] {
		sum += c
	}
	best, most := 0, sum
	for first := 1; first <= places; first++ {
		sum += counts[first+window-1] - counts[first-1]
		if sum > most || sum == most && abs(2*first-places) < abs(2*best-places) {
			best, most = first, sum
		}
	}
	return (2*best*(whole-keep) + places) / (2 * places)
}

func abs(n int) int { return max(n, -n) }
