package heif

import (
	"image"
	"image/color"
	"math"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// maskOf returns the luma of a picture in HEVC as the alpha plane of an item.
func maskOf(e entry, id uint32) entry {
	e.properties = append(e.properties[:2:2], box("auxC", []byte("\x00\x00\x00\x00urn:mpeg:hevc:2015:auxid:1\x00")))
	e.refs = append(e.refs[:len(e.refs):len(e.refs)], reference{kind: "auxl", to: []uint32{id}})
	return e
}

// scaledAlphaFiles are pictures with an alpha plane of another size. A second file shows the plane as a picture.
func scaledAlphaFiles(t testing.TB) map[string]struct{ data, plane []byte } {
	t.Helper()
	q, odd := itemFrom(t, seed(t, "quadrants.heic"), false), itemFrom(t, seed(t, "odd.heic"), false)
	narrow, plane := itemFrom(t, seed(t, "narrow.heic"), false), itemFrom(t, seed(t, "alpha.heic"), true)
	row := gridOver(320, 96, 3, 3)
	turned := itemFrom(t, seed(t, "quadrants.heic"), false, irot(1))
	rowMask := gridOver(320, 96, 3, 3)
	rowMask.properties = append(rowMask.properties[:1:1], box("auxC", []byte("\x00\x00\x00\x00urn:mpeg:hevc:2015:auxid:1\x00")))
	rowMask.refs = append(rowMask.refs, reference{kind: "auxl", to: []uint32{1}})
	oneItem := func(e entry) []byte { return buildFile(heicBrands, e) }
	return map[string]struct{ data, plane []byte }{
		"larger by a pixel":      {buildFile(heicBrands, q, maskOf(odd, 1)), oneItem(odd)},
		"smaller by a pixel":     {buildFile(heicBrands, odd, maskOf(plane, 1)), oneItem(plane)},
		"much larger":            {seed(t, "large-alpha.heic"), oneItem(plane)},
		"smaller":                {buildFile(heicBrands, q, maskOf(narrow, 1)), oneItem(narrow)},
		"of half a grid's width": {buildFile(heicBrands, row, maskOf(plane, 1), q), oneItem(plane)},
		"a grid":                 {buildFile(heicBrands, q, rowMask, plane), buildFile(heicBrands, gridOver(320, 96, 2, 2), plane)},
		"a turned picture":       {buildFile(heicBrands, turned, maskOf(narrow, 1)), oneItem(narrow)},
	}
}

// TestAlphaOfAnotherSize compares alpha with its plane, decoded separately and interpolated in floating point, and
// colours with those of the picture without alpha.
func TestAlphaOfAnotherSize(t *testing.T) {
	t.Parallel()
	for name, f := range scaledAlphaFiles(t) {
		img, h := decode(t, f.data)
		if !h.Alpha || !h.scaledAlpha() {
			t.Fatalf("%s: the header says alpha %v, scaled %v", name, h.Alpha, h.scaledAlpha())
		}
		plane, _ := decode(t, f.plane)
		without := h
		without.alpha = nil
		opaquePicture, err := without.Decode(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for y := range h.StoredHeight {
			for x := range h.StoredWidth {
				ux, uy := h.layout.point(x, y)
				got, want := img.NRGBAAt(ux, uy), stretchedLuma(plane, x, y, h.StoredWidth, h.StoredHeight)
				if math.Abs(float64(got.A)-want) > 1 {
					t.Fatalf("%s: alpha at %d, %d is %d, want %.2f", name, x, y, got.A, want)
				}
				if c := opaquePicture.NRGBAAt(ux, uy); got.R != c.R || got.G != c.G || got.B != c.B {
					t.Fatalf("%s: %d, %d is %v, want %v", name, x, y, got, c)
				}
			}
		}
	}
}

// stretchedLuma returns the luma of a grey plane that is stretched over w x h pixels.
func stretchedLuma(plane *image.NRGBA, x, y, w, h int) float64 {
	position := func(i, n, samples int) (first, second int, weight float64) {
		p := min(max((float64(i)+0.5)*float64(samples)/float64(n)-0.5, 0), float64(samples-1))
		return int(p), min(int(p)+1, samples-1), p - math.Floor(p)
	}
	size := plane.Bounds().Size()
	x0, x1, u := position(x, w, size.X)
	y0, y1, v := position(y, h, size.Y)
	level := func(x, y int) float64 { return lumaOf(plane.NRGBAAt(x, y)) }
	return (level(x0, y0)*(1-u)+level(x1, y0)*u)*(1-v) + (level(x0, y1)*(1-u)+level(x1, y1)*u)*v
}

// lumaOf returns the luma of a colour, by the matrix of the seeds.
func lumaOf(c color.NRGBA) float64 {
	return 0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B)
}

// TestScaledAlphaAgainstLibheif compares alpha with libheif, which decodes the picture and its plane separately.
// Version 1.15 of libheif ignores alpha of another size and shows the picture opaque. Other versions take the nearest
// sample of alpha, so the alpha of each pixel lies between the samples around it.
func TestScaledAlphaAgainstLibheif(t *testing.T) {
	t.Parallel()
	convert := tool.Find(t, "heif-convert")
	for name, f := range scaledAlphaFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := decodeByTool(t, convert, f.data)
			plane, _ := decode(t, f.plane)
			comparePictures(t, plane, decodeByTool(t, convert, f.plane))
			img, _ := decode(t, f.data)
			scales := !want.Opaque()
			opaquePicture := image.NewNRGBA(img.Rect)
			for y := range img.Rect.Dy() {
				for x := range img.Rect.Dx() {
					c := img.NRGBAAt(x, y)
					if low, high := alphaRange(want, x, y); scales && (int(c.A) < low-1 || int(c.A) > high+1) {
						t.Fatalf("alpha at %d, %d is %d, want %d to %d", x, y, c.A, low, high)
					}
					c.A = 255
					opaquePicture.SetNRGBA(x, y, c)
				}
			}
			comparePictures(t, opaquePicture, want)
		})
	}
}

// alphaRange returns the smallest and the largest alpha of a pixel and its neighbours.
func alphaRange(m *image.NRGBA, x, y int) (low, high int) {
	low = 255
	for j := max(y-1, 0); j <= min(y+1, m.Rect.Dy()-1); j++ {
		for i := max(x-1, 0); i <= min(x+1, m.Rect.Dx()-1); i++ {
			a := int(m.NRGBAAt(i, j).A)
			low, high = min(low, a), max(high, a)
		}
	}
	return low, high
}
