package raster

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"
)

// store returns an upright picture as a camera stores it with this orientation. It moves each pixel by the definition
// of the orientation in the EXIF standard.
func store(m *image.NRGBA, orientation int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	s := Size{w, h}.Upright(orientation)
	dst := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
	for y := range h {
		for x := range w {
			to := map[int][2]int{
				1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {y, w - 1 - x}, 7: {h - 1 - y, w - 1 - x}, 8: {h - 1 - y, x},
			}[orientation]
			dst.SetNRGBA(to[0], to[1], m.NRGBAAt(x, y))
		}
	}
	return dst
}

func TestOrientTurnsUpright(t *testing.T) {
	want := image.NewNRGBA(image.Rect(0, 0, 5, 3))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range want.Pix {
		want.Pix[i] = uint8(r.Uint32())
	}
	for o := 1; o <= 8; o++ {
		got := must(orient(t.Context(), store(want, o), sizeOf(want), o))
		if got.Rect != want.Rect || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("orientation %d: not the upright picture", o)
		}
	}
}
