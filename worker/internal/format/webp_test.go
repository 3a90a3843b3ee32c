package format

import (
	"image"
	"image/color"
	"testing"
)

func TestStudioRange(t *testing.T) {
	for _, c := range []struct {
		y, u, v byte
		want    color.NRGBA
	}{
		{16, 128, 128, color.NRGBA{0, 0, 0, 255}}, {235, 128, 128, color.NRGBA{255, 255, 255, 255}},
		{0, 128, 128, color.NRGBA{0, 0, 0, 255}}, {255, 128, 128, color.NRGBA{255, 255, 255, 255}},
		{81, 90, 240, color.NRGBA{255, 0, 0, 255}}, {145, 54, 34, color.NRGBA{0, 255, 0, 255}}, {41, 240, 110, color.NRGBA{0, 0, 255, 255}},
	} {
		m := image.NewYCbCr(image.Rect(0, 0, 1, 1), image.YCbCrSubsampleRatio420)
		m.Y[0], m.Cb[0], m.Cr[0] = c.y, c.u, c.v
		if got := studioNRGBA(m, nil, 0).NRGBAAt(0, 0); !near(got, c.want) {
			t.Errorf("%d %d %d: %v, want %v", c.y, c.u, c.v, got, c.want)
		}
	}
}

func near(a, b color.NRGBA) bool {
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B), int(a.A) - int(b.A)} {
		if d < -2 || d > 2 {
			return false
		}
	}
	return true
}
