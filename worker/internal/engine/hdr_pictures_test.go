package engine

import (
	"encoding/binary"
	"image"
	"image/color"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/gainmap"
	"darkroom/worker/internal/jpegwrite"
)

// phoneGain returns metadata as a phone writes them, with a different number in each field.
func phoneGain() gainmap.Metadata {
	return gainmap.Metadata{BaseColours: true, BaseHeadroom: gainmap.Ratio{Num: 0, Den: 1}, AlternateHeadroom: gainmap.Ratio{Num: 2321928, Den: 1000000},
		Channels: []gainmap.Channel{{Min: gainmap.Ratio{Num: -1, Den: 8}, Max: gainmap.Ratio{Num: 290241, Den: 125000}, Gamma: gainmap.Ratio{Num: 10, Den: 11},
			BaseOffset: gainmap.Ratio{Num: 1, Den: 64}, AlternateOffset: gainmap.Ratio{Num: 1, Den: 32}}}}
}

// gainJPEG encodes the pixels of a gain map, grey or in colours.
func gainJPEG(t testing.TB, m *image.NRGBA, grey bool, o jpegwrite.Options) []byte {
	t.Helper()
	w, h := m.Rect.Dx(), m.Rect.Dy()
	planes := [3][]byte{}
	for y := range h {
		for x := range w {
			c := m.NRGBAAt(x, y)
			a, b, d := color.RGBToYCbCr(c.R, c.G, c.B)
			for i, v := range []byte{a, b, d} {
				planes[i] = append(planes[i], v)
			}
		}
	}
	p := jpegwrite.Picture{Width: w, Height: h, SampleX: 1, SampleY: 1}
	for i, pix := range planes {
		if i == 0 || !grey {
			p.Planes = append(p.Planes, jpegwrite.Plane{Pix: pix, Stride: w})
		}
	}
	if o.Quality == 0 {
		o.Quality = 95
	}
	file, err := jpegwrite.Encode(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// ultraHDR returns a JPEG with a gain map. Both are stored with the orientation.
func ultraHDR(t testing.TB, base *image.NRGBA, gain []byte, orientation int, m gainmap.Metadata) []byte {
	t.Helper()
	first := toJPEG(t, base, &jpegn.EncodeOptions{Quality: 90})
	const afterJFIF = 2 + 18
	first = insert(first, afterJFIF, segment(markerAPP1, append([]byte("Exif\x00\x00"), exifBlock(binary.BigEndian, uint16(orientation))...)))
	file, err := gainmap.Join(first, gain, m)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// withHDR returns the specs with KeepHDR.
func withHDR(specs ...Spec) Config {
	for i := range specs {
		specs[i].HDR = KeepHDR
	}
	return Config{Specs: specs}
}

// decodeBoth decodes the first picture and the gain map of a variant.
func decodeBoth(t testing.TB, file []byte) (base, gain *image.NRGBA, m gainmap.Metadata) {
	t.Helper()
	found, err := gainmap.Find(file)
	if err != nil {
		t.Fatal(err)
	}
	return decodeWhole(t, file), decodeWhole(t, found.JPEG), found.Metadata
}

// centre returns the centre of the bright pixels, from 0 to 1 along each side, and their share of all pixels.
func centre(m *image.NRGBA) (x, y, share float64) {
	sum := 0.0
	w, h := float64(m.Rect.Dx()), float64(m.Rect.Dy())
	for j := range m.Rect.Dy() {
		for i := range m.Rect.Dx() {
			v := max(float64(m.Pix[j*m.Stride+4*i+1])-40, 0)
			sum += v
			x += v * (float64(i) + 0.5) / w
			y += v * (float64(j) + 0.5) / h
		}
	}
	return x / sum, y / sum, sum / (w * h * 215)
}

// drawMark returns a dark picture with a bright rectangle, whose position is given as shares of the sides.
func drawMark(w, h int, x0, y0, x1, y1 float64) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	cover := func(i, n int, a, b float64) float64 { // share of the pixel that the rectangle covers
		return max(0, min(float64(i+1), b*float64(n))-max(float64(i), a*float64(n)))
	}
	for y := range h {
		for x := range w {
			v := byte(30 + 225*cover(x, w, x0, x1)*cover(y, h, y0, y1))
			copy(m.Pix[y*m.Stride+4*x:], []byte{v, v, v, 255})
		}
	}
	return m
}
