package heif

import (
	"context"
	"image"
	"image/color"
)

// scaledAlpha reports whether the plane of alpha has another size than its picture. It is then stretched over the whole
// picture, as in libheif and browsers.
func (l *layer) scaledAlpha() bool {
	return l.alpha != nil && (l.alpha.width != l.colour.width || l.alpha.height != l.colour.height)
}

// paintScaledAlpha decodes the plane of alpha in its own size and draws it in the picture's size. layout maps the
// picture to the canvas.
func (l *layer) paintScaledAlpha(ctx context.Context, dst *image.NRGBA, to layout, d tileSource) error {
	own := image.NewNRGBA(image.Rect(0, 0, l.alpha.width, l.alpha.height))
	if d.incomplete() {
		fill(own, own.Rect, color.NRGBA64{A: 0xffff})
	}
	if err := l.alpha.paint(ctx, own, identityLayout(l.alpha.width, l.alpha.height), d, true); err != nil {
		return err
	}
	out := canvas{dst, to}
	columns := make([]place, l.colour.width)
	for x := range columns {
		columns[x] = placeOf(x, l.colour.width, l.alpha.width)
	}
	for y := range l.colour.height {
		if err := ctx.Err(); err != nil {
			return err
		}
		pos, step, from, to := out.row(y, l.colour.width)
		if from >= to {
			continue
		}
		p := placeOf(y, l.colour.height, l.alpha.height)
		upper, lower := own.Pix[p.first*own.Stride:], own.Pix[p.second*own.Stride:]
		for x := from; x < to; x++ {
			c := columns[x]
			above := c.interpolate(upper[4*c.first+3], upper[4*c.second+3])
			below := c.interpolate(lower[4*c.first+3], lower[4*c.second+3])
			dst.Pix[pos+x*step+3] = byte((above*(placeUnit-p.weight) + below*p.weight + placeUnit*placeUnit/2) / (placeUnit * placeUnit))
		}
	}
	return nil
}

// place is the position of a pixel between two samples of a row that is stretched.
type place struct {
	first, second int
	weight        int // weight of the second sample, 0 to placeUnit
}

const placeUnit = 1 << 8

// placeOf returns the position of the middle of pixel i of n among the samples. Before the middle of the first sample
// and after that of the last, the pixel has the value of that sample.
func placeOf(i, n, samples int) place {
	pos := ((2*i+1)*samples*placeUnit/n - placeUnit) / 2 // distance from the middle of the first sample
	pos = min(max(pos, 0), (samples-1)*placeUnit)
	first := pos / placeUnit
	return place{first, min(first+1, samples-1), pos % placeUnit}
}

// interpolate returns placeUnit times the value at the position.
func (p place) interpolate(first, second byte) int {
	return int(first)*(placeUnit-p.weight) + int(second)*p.weight
}

// scaledAlphaMemory returns the size in bytes of the largest plane of alpha that is decoded in its own size.
func (l *layer) scaledAlphaMemory() (most int64) {
	if l.scaledAlpha() {
		most = 4*int64(l.alpha.width)*int64(l.alpha.height) + placeMemory*int64(l.colour.width)
	}
	if l.overlay != nil {
		for i := range l.overlay.layers {
			most = max(most, l.overlay.layers[i].scaledAlphaMemory())
		}
	}
	return most
}

const placeMemory = 24 // bytes of a place
