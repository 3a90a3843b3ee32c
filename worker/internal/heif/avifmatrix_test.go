package heif

import (
	"image/color"
	"testing"
)

// TestAVIFConstantLuminance covers the matrix coefficients 10 and 13, constant luminance. libavif does not know them,
// so it gets 9 and 12, which have the same weights of luma. The weights of 12 and 13 come from the primaries.
func TestAVIFConstantLuminance(t *testing.T) {
	t.Parallel()
	picture := itemFrom(t, avifSeed(t, 160, 96, opaque), false)
	coded := quadrantsInYCbCr()
	for _, c := range []struct {
		primaries, matrix byte
		red, blue         float64 // weights of luma (ITU-T H.273, 8.1 and 8.3)
	}{
		{9, 9, 0.2627, 0.0593}, {9, 10, 0.2627, 0.0593}, {9, 13, 0.2627, 0.0593}, {1, 13, 0.2126, 0.0722}, {12, 12, 0.2290, 0.0793},
		{12, 13, 0.2290, 0.0793},
	} {
		e := picture
		e.properties = append(e.properties[:2:2], colourBox(c.primaries, 13, c.matrix, true))
		img, _ := decode(t, buildFile(avifBrands, e))
		for i, got := range corners(img) {
			y, cb, cr := coded[i][0], coded[i][1]-128, coded[i][2]-128
			clip := func(x float64) uint8 { return uint8(min(max(x+0.5, 0), 255)) }
			red, blue := y+2*(1-c.red)*cr, y+2*(1-c.blue)*cb
			want := color.NRGBA{clip(red), clip((y - c.red*red - c.blue*blue) / (1 - c.red - c.blue)), clip(blue), 255}
			if !isClose(got, want) {
				t.Errorf("matrix %d of primaries %d: quadrant %d is %v, want %v", c.matrix, c.primaries, i, got, want)
			}
		}
	}
}

// quadrantsInYCbCr returns luma and colours of the quadrants as EncodeAVIF encodes them: by BT.601, in full range.
func quadrantsInYCbCr() (coded [4][3]float64) {
	for i, q := range quadrants {
		y, cb, cr := color.RGBToYCbCr(q.R, q.G, q.B)
		coded[i] = [3]float64{float64(y), float64(cb), float64(cr)}
	}
	return coded
}
