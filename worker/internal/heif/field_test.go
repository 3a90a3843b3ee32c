package heif

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// byTool returns what another program makes of a file. Where a file has several pictures, heif-convert numbers them.
func byTool(t *testing.T, program string, data []byte) *image.NRGBA {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.heic"), filepath.Join(dir, "out.png")
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := exec.CommandContext(t.Context(), program, in, out).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, b)
	}
	made, _ := filepath.Glob(filepath.Join(dir, "out*.png"))
	slices.Sort(made)
	if len(made) == 0 {
		t.Fatalf("%s made nothing", program)
	}
	f, err := os.Open(made[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	n := image.NewNRGBA(img.Bounds())
	draw.Draw(n, n.Bounds(), img, image.Point{}, draw.Src)
	return n
}

// luma is what chroma that is interpolated in another way leaves alone, but for colours out of gamut.
func luma(c color.NRGBA) int { return (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000 }

// sameAs compares a picture with that of another program, in size, in luma and in the colours of its quadrants.
func sameAs(t *testing.T, data []byte, want *image.NRGBA) {
	t.Helper()
	img, _ := decoded(t, data)
	samePicture(t, img, want)
	sameCorners(t, img, corners(want))
}

// samePicture compares pictures in size and luma.
func samePicture(t *testing.T, img, want *image.NRGBA) {
	t.Helper()
	if img.Bounds() != want.Bounds() {
		t.Fatalf("%v, want %v", img.Bounds().Size(), want.Bounds().Size())
	}
	wrong := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if d := luma(img.NRGBAAt(x, y)) - luma(want.NRGBAAt(x, y)); d < -24 || d > 24 {
				if wrong++; wrong < 4 {
					t.Errorf("pixel %d, %d is %v, want %v", x, y, img.NRGBAAt(x, y), want.NRGBAAt(x, y))
				}
			}
		}
	}
}

// TestFieldHEIC holds sizes, crops, overlays and matrices against libheif, which most programs read HEIC with.
func TestFieldHEIC(t *testing.T) {
	convert := tool.Find(t, "heif-convert")
	q, full := taken(t, seed(t, "quadrants.heic"), false), taken(t, seed(t, "yuv444.heic"), false)
	files := map[string][]byte{}
	with := func(e entry, properties ...[]byte) []byte {
		e.properties = slices.Concat(e.properties, properties)
		return built(heicBrands, e)
	}
	const minus = 1 << 32
	for _, c := range [][8]uint32{
		{159, 1, 95, 1, 0, 1, 0, 1}, {158, 1, 94, 1, 0, 1, 0, 1}, {319, 2, 191, 2, 0, 1, 0, 1}, {80, 1, 48, 1, 1, 2, 1, 2},
		{80, 1, 48, 1, minus - 1, 2, minus - 1, 2}, {79, 1, 47, 1, 1, 2, 1, 2}, {161, 3, 97, 3, 0, 1, 0, 1}, {81, 1, 49, 1, 0, 1, 0, 1},
		{80, 1, 48, 1, 40, 1, 24, 1}, {80, 1, 48, 1, 81, 2, 49, 2}, {161, 1, 97, 1, 0, 1, 0, 1}, {200, 1, 200, 1, 0, 1, 0, 1},
		{80, 1, 48, 1, 60, 1, 30, 1}, {81, 1, 49, 1, minus - 1, 2, minus - 1, 2}, {99, 2, 55, 2, 1, 4, minus - 1, 4}, {80, 1, 48, 1, minus - 60, 1, minus - 20, 1},
	} {
		files[fmt.Sprintf("clap %v", c)] = with(q, clap(c[:]...))
	}
	for _, s := range [][2]int{{159, 96}, {160, 97}, {100, 50}, {320, 200}} {
		files[fmt.Sprintf("ispe %v", s)] = built(heicBrands, resized(q, s[0], s[1]))
	}
	unsized := q
	unsized.properties = q.properties[:1]
	files["no ispe"] = built(heicBrands, unsized)
	for _, matrix := range []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15} {
		for _, primaries := range []byte{1, 5, 9, 12} {
			if matrix == 12 || matrix == 13 || primaries == 1 {
				files[fmt.Sprintf("matrix %d, primaries %d", matrix, primaries)] = with(full, colourBox(primaries, 13, matrix, true))
			}
		}
	}
	blue := color.NRGBA64{R: 0x2020, G: 0x4040, B: 0xc0c0, A: 0xffff}
	// libheif 1.15 draws images at negative places elsewhere; TestDerived has those.
	files["overlay"] = built(heicBrands, overlayOf(300, 200, blue, image.Pt(20, 10), image.Pt(100, 120)), q, q)
	files["overlay of a turned image"] = built(heicBrands, overlayOf(300, 200, blue, image.Pt(30, 10)), taken(t, seed(t, "quadrants.heic"), false, irot(1)))
	files["identity, turned twice"] = built(heicBrands, identityOf(2, 160, 96, irot(1)), taken(t, seed(t, "quadrants.heic"), false, irot(1)))
	files["identity of a grid"] = built(heicBrands, identityOf(2, 480, 96, irot(3)), gridOver(480, 96, 3, 3, 3), q)
	for name, data := range files {
		t.Run(name, func(t *testing.T) { sameAs(t, data, byTool(t, convert, data)) })
	}
}

// TestFieldAVIF holds pictures in layers against libavif, which browsers read AVIF with.
func TestFieldAVIF(t *testing.T) {
	avifdec := tool.Find(t, "avifdec")
	for name, f := range layeredFiles(t) {
		t.Run(name, func(t *testing.T) { sameAs(t, f.data, byTool(t, avifdec, f.data)) })
	}
}
