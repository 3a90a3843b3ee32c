package vp8

import "image"

// workspace holds a macroblock during its reconstruction: its samples and their neighbours, before the loop filter.
//
// Luma has 16 rows of 16 samples, and each plane of colour 8 rows of 8. A row of samples is above each plane, and a
// column to the left of it. To the right of luma, the rows above each row of subblocks have the four samples above and
// to the right of the macroblock. The last subblock of the row uses them in place of samples that are not decoded yet
// (12.3).
type workspace struct {
	samples      [(1 + 16 + 1 + 8) * stride]byte
	coefficients [25][16]int16
	dc, ac       uint32 // bit sets of blocks with only a first coefficient, and of blocks with more
}

// Positions in a workspace.
const (
	stride = 32
	placeY = 1*stride + 8
	placeU = 18*stride + 8
	placeV = 18*stride + 24
)

// Samples outside the frame (12.2).
const (
	outsideAbove = 127
	outsideLeft  = 129
)

// prepare sets the samples around the macroblock at x, y. Those to the left are left over from the previous macroblock.
func (w *workspace) prepare(above []borders, x, y int) {
	s := &w.samples
	if x == 0 {
		for row := range 17 {
			s[placeY-1+(row-1)*stride] = outsideLeft
		}
		for row := range 9 {
			s[placeU-1+(row-1)*stride] = outsideLeft
			s[placeV-1+(row-1)*stride] = outsideLeft
		}
	} else {
		for row := range 17 {
			s[placeY-1+(row-1)*stride] = s[placeY+15+(row-1)*stride]
		}
		for row := range 9 {
			s[placeU-1+(row-1)*stride] = s[placeU+7+(row-1)*stride]
			s[placeV-1+(row-1)*stride] = s[placeV+7+(row-1)*stride]
		}
	}
	const row = stride
	right := s[placeY-row+16:][:4]
	if y == 0 {
		fill(s[placeY-row-1:][:1+16+4], outsideAbove)
		fill(s[placeU-row-1:][:1+8], outsideAbove)
		fill(s[placeV-row-1:][:1+8], outsideAbove)
	} else {
		copy(s[placeY-row:], above[x].y[:])
		copy(s[placeU-row:], above[x].u[:])
		copy(s[placeV-row:], above[x].v[:])
		if x+1 < len(above) {
			copy(right, above[x+1].y[:])
		} else {
			fill(right, above[x].y[15])
		}
	}
	for y := 4; y < 16; y += 4 {
		copy(s[placeY+(y-1)*row+16:][:4], right)
	}
}

func fill(s []byte, v byte) {
	for i := range s {
		s[i] = v
	}
}

// reconstruct predicts the samples of a macroblock and adds the residual. hasLeft and hasAbove say whether the frame
// has macroblocks there.
func (w *workspace) reconstruct(m *macroblock, hasLeft, hasAbove bool) {
	for i := range 16 {
		place := placeY + i/4*4*stride + i%4*4
		switch {
		case m.split:
			(*subblock)(w.samples[place-stride-1:]).predict(m.sub[i])
		case i == 0:
			w.predict(placeY, 16, m.luma, hasLeft, hasAbove)
		}
		w.addResidual(i, place)
	}
	w.predict(placeU, 8, m.colour, hasLeft, hasAbove)
	w.predict(placeV, 8, m.colour, hasLeft, hasAbove)
	for i := range 4 {
		w.addResidual(16+i, placeU+i/2*4*stride+i%2*4)
		w.addResidual(20+i, placeV+i/2*4*stride+i%2*4)
	}
}

// save keeps the lowest row of samples for the macroblocks below.
func (w *workspace) save(b *borders) {
	copy(b.y[:], w.samples[placeY+15*stride:])
	copy(b.u[:], w.samples[placeU+7*stride:])
	copy(b.v[:], w.samples[placeV+7*stride:])
}

// copyTo copies the samples to the frame, at a position counted in macroblocks.
func (w *workspace) copyTo(frame *image.YCbCr, x, y int) {
	to := frame.Y[16*(y*frame.YStride+x):]
	for row := range 16 {
		copy(to[row*frame.YStride:][:16], w.samples[placeY+row*stride:])
	}
	u, v := frame.Cb[8*(y*frame.CStride+x):], frame.Cr[8*(y*frame.CStride+x):]
	for row := range 8 {
		copy(u[row*frame.CStride:][:8], w.samples[placeU+row*stride:])
		copy(v[row*frame.CStride:][:8], w.samples[placeV+row*stride:])
	}
}
