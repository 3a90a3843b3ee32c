package heif

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestAgainstLibheif compares pictures with the output of libheif's own program. The program repeats colours, and
// alpha, instead of interpolating them. So if a picture has fewer colours than pixels, only luma is compared.
func TestAgainstLibheif(t *testing.T) {
	t.Parallel()
	convert := tool.Find(t, "heif-convert")
	for name, fullColour := range map[string]bool{
		"quadrants.heic": false, "odd.heic": false, "deep.heic": false, "alpha.heic": false, "yuv422.heic": false, "yuv444.heic": true,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "out.png")
			if out, err := exec.CommandContext(t.Context(), convert, filepath.Join("testdata", name), path).CombinedOutput(); err != nil {
				t.Fatalf("heif-convert: %v: %s", err, out)
			}
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			want, err := png.Decode(file)
			if err != nil {
				t.Fatal(err)
			}
			got, h := decode(t, seed(t, name))
			if want.Bounds() != got.Bounds() {
				t.Fatalf("%v, want %v", got.Bounds(), want.Bounds())
			}
			compared := 0
			for y := range h.Height {
				for x := range h.Width {
					if samePixel(t, x, y, got, want, fullColour) {
						compared++
					}
				}
				if t.Failed() {
					break
				}
			}
			if compared < h.Width*h.Height/4 {
				t.Errorf("%d of %d pixels were compared", compared, h.Width*h.Height)
			}
		})
	}
}

// samePixel compares a pixel and reports whether it could: a clipped pixel does not show its luma.
func samePixel(t *testing.T, x, y int, got *image.NRGBA, want image.Image, fullColour bool) bool {
	t.Helper()
	a := got.NRGBAAt(x, y)
	b := color.NRGBA64Model.Convert(want.At(x, y)).(color.NRGBA64)
	apart := func(v byte, w uint16, most int) bool {
		d := int(v)*257 - int(w)
		return d > most || d < -most
	}
	const rounding = 257 * 3 / 2 // one and a half levels of 8 bits: the rounding of both programs
	if apart(a.A, b.A, rounding) {
		t.Errorf("alpha at %d, %d is %d, want %.1f", x, y, a.A, float64(b.A)/257)
	}
	if a.A == 0 || b.A == 0 {
		return true
	}
	if fullColour {
		if apart(a.R, b.R, rounding) || apart(a.G, b.G, rounding) || apart(a.B, b.B, rounding) {
			t.Errorf("%d, %d is %v, want %v", x, y, a, b)
		}
		return true
	}
	if min(a.R, a.G, a.B) == 0 || max(a.R, a.G, a.B) == 255 || min(b.R, b.G, b.B) < 257 || max(b.R, b.G, b.B) > 254*257 {
		return false
	}
	luma := func(r, g, b float64) float64 { return 0.299*r + 0.587*g + 0.114*b }
	d := luma(float64(a.R), float64(a.G), float64(a.B)) - luma(float64(b.R)/257, float64(b.G)/257, float64(b.B)/257)
	if d < -1.5 || d > 1.5 {
		t.Errorf("luma at %d, %d differs by %.2f", x, y, d)
	}
	return true
}

// TestAVIFInterpolates checks that colours change gradually at the border of two fields.
func TestAVIFInterpolates(t *testing.T) {
	t.Parallel()
	needSandbox(t)
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		c := color.NRGBA{180, 90, 90, 255}
		if i%64 >= 32 {
			c = color.NRGBA{90, 120, 180, 255}
		}
		m.SetNRGBA(i%64, i/64, c)
	}
	file, err := EncodeAVIF(t.Context(), m, 100)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := decode(t, file)
	difference := func(x int) int { c := got.NRGBAAt(x, 30); return int(c.R) - int(c.B) } // 90 and -90
	left, a, b, right := difference(20), difference(31), difference(32), difference(44)
	if left-a < 20 || a-b < 20 || b-right < 20 {
		t.Errorf("red less blue is %d, %d, %d, %d across the border", left, a, b, right)
	}
}

// TestPicture checks that the stored picture, turned by its orientation, is the upright one.
func TestPicture(t *testing.T) {
	t.Parallel()
	for n := range byte(4) {
		for _, mirror := range [][]byte{nil, imir(0), imir(1)} {
			for brand, data := range map[string][]byte{heicBrands: seed(t, "quadrants.heic"), avifBrands: avifSeed(t, 160, 96, opaque)} {
				properties := [][]byte{clap(100, 1, 60, 1, 0, 1, 0, 1), irot(n)}
				if mirror != nil {
					properties = append(properties, mirror)
				}
				upright, h := decode(t, buildFile(brand, itemFrom(t, data, false, properties...)))
				p, err := h.Picture(t.Context(), true)
				if err != nil {
					t.Fatal(err)
				}
				if w, ht := h.UnturnedSize(); w != 100 || ht != 60 || p.Size().Width != w || p.Size().Height != ht {
					t.Errorf("%d x %d, and %v", w, ht, p.Size())
				}
				if p.IsPlanar() != (brand == heicBrands) || p.IsPlanar() != h.Planar() {
					t.Errorf("%s: planar is %v", brand[:4], p.IsPlanar())
				}
				sameCorners(t, turnedBy(must(p.NRGBA(t.Context())), h.Orientation), corners(upright))
			}
		}
	}
}

// turnedBy returns a picture turned upright, following the definition of each orientation in EXIF.
func turnedBy(m *image.NRGBA, orientation int) *image.NRGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	dst := image.NewNRGBA(m.Rect)
	if orientation >= 5 {
		dst = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			at := map[int][2]int{
				1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x},
			}[orientation]
			dst.SetNRGBA(at[0], at[1], m.NRGBAAt(x, y))
		}
	}
	return dst
}
