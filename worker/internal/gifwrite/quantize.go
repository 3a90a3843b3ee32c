package gifwrite

import (
	"context"
	"image"
	"slices"
)

// colour is red, green and blue.
type colour [3]byte

// maxColours is the most colours in a frame, not counting the transparent one.
const maxColours = 255

// quantizer chooses the colours of frames. It reuses its tables from one frame to the next.
type quantizer struct {
	moments *moments
	nearest []int16    // index of the colour nearest to each cell of the colour cube, or -1
	errors  [2][]int32 // errors carried to this row and to the next, in sixteenths
}

// quantizerMemory is the size of the tables in bytes.
const quantizerMemory = cells*(4*8+8) + 1<<15*2 + 8*65535*3*2

// index writes the indexes of a part of a picture, and returns their colours. Pixels that equal those of base get the
// index after the last colour.
func (q *quantizer) index(ctx context.Context, indexes []byte, m, base *image.NRGBA, part image.Rectangle) ([]colour, error) {
	exact, err := exactColours(ctx, m, base, part)
	if err != nil {
		return nil, err
	}
	if exact != nil {
		return exact.index(indexes, m, base, part), nil
	}
	if q.moments == nil {
		q.moments, q.nearest = new(moments), make([]int16, 1<<15)
	}
	*q.moments = moments{}
	if err := visitChanged(ctx, m, base, part, func(_ int, p []byte) bool { q.moments.add(p); return true }); err != nil {
		return nil, err
	}
	colours := q.moments.colours(maxColours)
	return colours, q.dither(ctx, indexes, colours, m, base, part)
}

// visitChanged visits the pixels of a part that differ from base, until visit returns false.
func visitChanged(ctx context.Context, m, base *image.NRGBA, part image.Rectangle, visit func(i int, p []byte) bool) error {
	for y := range part.Dy() {
		if err := ctx.Err(); err != nil {
			return err
		}
		index := m.PixOffset(part.Min.X, part.Min.Y+y)
		row, old := m.Pix[index:][:4*part.Dx()], base.Pix[index:][:4*part.Dx()]
		for x := 0; x < len(row); x += 4 {
			p := row[x : x+4]
			if [4]byte(p) != [4]byte(old[x:x+4]) && !visit(y*part.Dx()+x/4, p) {
				return nil
			}
		}
	}
	return nil
}

// exactPalette maps each colour to an index.
type exactPalette struct {
	colours []colour
	at      map[colour]byte
}

// exactColours returns the colours of the pixels that have changed, or nil if there are more than maxColours.
func exactColours(ctx context.Context, m, base *image.NRGBA, part image.Rectangle) (*exactPalette, error) {
	e := &exactPalette{at: map[colour]byte{}}
	var last colour
	err := visitChanged(ctx, m, base, part, func(_ int, p []byte) bool {
		c := colour(p[:3])
		if c == last && len(e.colours) > 0 {
			return true
		}
		last = c
		if _, ok := e.at[c]; ok {
			return true
		}
		if len(e.colours) == maxColours {
			e.colours = nil
			return false
		}
		e.at[c] = byte(len(e.colours))
		e.colours = append(e.colours, c)
		return true
	})
	if err != nil || e.colours == nil && len(e.at) > 0 {
		return nil, err
	}
	return e, nil
}

func (e *exactPalette) index(indexes []byte, m, base *image.NRGBA, part image.Rectangle) []colour {
	for i := range indexes {
		indexes[i] = byte(len(e.colours))
	}
	_ = visitChanged(context.Background(), m, base, part, func(i int, p []byte) bool {
		indexes[i] = e.at[colour(p[:3])]
		return true
	})
	return e.colours
}

// dither writes the index of a similar colour for each pixel that has changed, and spreads the error over the pixels to
// the right and below (Floyd and Steinberg 1976).
func (q *quantizer) dither(ctx context.Context, indexes []byte, colours []colour, m, base *image.NRGBA, part image.Rectangle) error {
	for i := range q.nearest {
		q.nearest[i] = -1
	}
	w := part.Dx()
	for i := range q.errors {
		q.errors[i] = slices.Grow(q.errors[i][:0], 3*(w+2))[:3*(w+2)]
		clear(q.errors[i])
	}
	for y := range part.Dy() {
		if err := ctx.Err(); err != nil {
			return err
		}
		here, below := q.errors[y%2], q.errors[(y+1)%2]
		clear(below)
		index := m.PixOffset(part.Min.X, part.Min.Y+y)
		row, old := m.Pix[index:][:4*w], base.Pix[index:][:4*w]
		for x := range w {
			p := row[4*x:][:4]
			if [4]byte(p) == [4]byte(old[4*x:4*x+4]) {
				indexes[y*w+x] = byte(len(colours))
				continue
			}
			var want [3]int32
			for c := range want {
				want[c] = min(max(int32(p[c])+(here[3*(x+1)+c]+8)>>4, 0), 255)
			}
			i := q.nearestColour(colours, want)
			indexes[y*w+x] = byte(i)
			for c, v := range want {
				off := v - int32(colours[i][c])
				here[3*(x+2)+c] += 7 * off
				below[3*x+c] += 3 * off
				below[3*(x+1)+c] += 5 * off
				below[3*(x+2)+c] += off
			}
		}
	}
	return nil
}

// nearestColour returns the index of the colour nearest to the cell of the colour cube that contains want.
func (q *quantizer) nearestColour(colours []colour, want [3]int32) int {
	cell := want[0]>>3<<10 | want[1]>>3<<5 | want[2]>>3
	if i := q.nearest[cell]; i >= 0 {
		return int(i)
	}
	best, least := 0, int32(1<<30)
	for i, c := range colours {
		r, g, b := want[0]&^7+4-int32(c[0]), want[1]&^7+4-int32(c[1]), want[2]&^7+4-int32(c[2])
		if d := 3*r*r + 6*g*g + b*b; d < least { // weights close to those of luma
			best, least = i, d
		}
	}
	q.nearest[cell] = int16(best)
	return best
}
