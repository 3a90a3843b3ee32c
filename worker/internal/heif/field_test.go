package heif

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// decodeByTool returns the picture that another program decodes from a file. If there are several, it is the first.
func decodeByTool(t *testing.T, program string, data []byte) *image.NRGBA {
	t.Helper()
	return decodeAllByTool(t, program, data)[0]
}

// decodeAllByTool returns the pictures that another program decodes from a file, in order.
func decodeAllByTool(t *testing.T, program string, data []byte) (all []*image.NRGBA) {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.heic"), filepath.Join(dir, "out.png")
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := exec.CommandContext(t.Context(), program, in, out).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, b)
	}
	if _, err := os.Stat(out); err == nil {
		return []*image.NRGBA{readPNG(t, out)}
	}
	numbered, _ := filepath.Glob(filepath.Join(dir, "out-*.png")) // heif-convert numbers several pictures
	for i := range numbered {
		all = append(all, readPNG(t, filepath.Join(dir, fmt.Sprintf("out-%d.png", i+1))))
	}
	if len(all) == 0 {
		t.Fatalf("%s wrote no picture", program)
	}
	return all
}

func readPNG(t *testing.T, path string) *image.NRGBA {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := img.(*image.NRGBA); ok {
		return n
	}
	n := image.NewNRGBA(img.Bounds())
	draw.Draw(n, n.Bounds(), img, image.Point{}, draw.Src)
	return n
}

// luma does not depend on how chroma is interpolated, except for colours out of gamut.
func luma(c color.NRGBA) int { return (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000 }

// compareWith compares a picture with the output of another program: its size, its luma and the colours of its
// quadrants.
func compareWith(t *testing.T, data []byte, want *image.NRGBA) {
	t.Helper()
	img, _ := decode(t, data)
	comparePictures(t, img, want)
	sameCorners(t, img, corners(want))
}

// comparePictures compares pictures in size and luma.
func comparePictures(t *testing.T, img, want *image.NRGBA) {
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

// TestFieldHEIC compares sizes, crops, overlays and matrices with libheif, which most programs use to read HEIC.
func TestFieldHEIC(t *testing.T) {
	t.Parallel()
	convert := tool.Find(t, "heif-convert")
	q, full := itemFrom(t, seed(t, "quadrants.heic"), false), itemFrom(t, seed(t, "yuv444.heic"), false)
	// Pictures of one item go into one file for libheif, and each into its own for us.
	var names []string
	var items []entry
	add := func(name string, e entry, properties ...[]byte) {
		e.properties = slices.Concat(e.properties, properties)
		names, items = append(names, name), append(items, e)
	}
	const minus = 1 << 32
	for _, c := range [][8]uint32{
		{159, 1, 95, 1, 0, 1, 0, 1}, {158, 1, 94, 1, 0, 1, 0, 1}, {319, 2, 191, 2, 0, 1, 0, 1}, {80, 1, 48, 1, 1, 2, 1, 2},
		{80, 1, 48, 1, minus - 1, 2, minus - 1, 2}, {79, 1, 47, 1, 1, 2, 1, 2}, {161, 3, 97, 3, 0, 1, 0, 1}, {81, 1, 49, 1, 0, 1, 0, 1},
		{80, 1, 48, 1, 40, 1, 24, 1}, {80, 1, 48, 1, 81, 2, 49, 2}, {161, 1, 97, 1, 0, 1, 0, 1}, {200, 1, 200, 1, 0, 1, 0, 1},
		{80, 1, 48, 1, 60, 1, 30, 1}, {81, 1, 49, 1, minus - 1, 2, minus - 1, 2}, {99, 2, 55, 2, 1, 4, minus - 1, 4}, {80, 1, 48, 1, minus - 60, 1, minus - 20, 1},
	} {
		add(fmt.Sprintf("clap %v", c), q, clap(c[:]...))
	}
	for _, s := range [][2]int{{159, 96}, {160, 97}, {100, 50}, {320, 200}} {
		add(fmt.Sprintf("ispe %v", s), withSize(q, s[0], s[1]))
	}
	unsized := q
	unsized.properties = q.properties[:1]
	add("no ispe", unsized)
	for _, matrix := range []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15} {
		for _, primaries := range []byte{1, 5, 9, 12} {
			if matrix == 12 || matrix == 13 || primaries == 1 {
				add(fmt.Sprintf("matrix %d, primaries %d", matrix, primaries), full, colourBox(primaries, 13, matrix, true))
			}
		}
	}
	pictures := decodeAllByTool(t, convert, buildFile(heicBrands, items...))
	if len(pictures) != len(items) {
		t.Fatalf("heif-convert made %d pictures of %d", len(pictures), len(items))
	}
	for i, want := range pictures {
		t.Run(names[i], func(t *testing.T) { compareWith(t, buildFile(heicBrands, items[i]), want) })
	}
	files := map[string][]byte{}
	blue := color.NRGBA64{R: 0x2020, G: 0x4040, B: 0xc0c0, A: 0xffff}
	// libheif 1.15 misplaces images at negative positions; TestDerived covers those.
	files["overlay"] = buildFile(heicBrands, overlayOf(300, 200, blue, image.Pt(20, 10), image.Pt(100, 120)), q, q)
	files["overlay of a turned image"] = buildFile(heicBrands, overlayOf(300, 200, blue, image.Pt(30, 10)), itemFrom(t, seed(t, "quadrants.heic"), false, irot(1)))
	files["identity, turned twice"] = buildFile(heicBrands, identityOf(2, 160, 96, irot(1)), itemFrom(t, seed(t, "quadrants.heic"), false, irot(1)))
	files["identity of a grid"] = buildFile(heicBrands, identityOf(2, 480, 96, irot(3)), gridOver(480, 96, 3, 3, 3), q)
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareWith(t, data, decodeByTool(t, convert, data))
		})
	}
}

// TestFieldAVIF compares pictures in layers with libavif, which browsers use to read AVIF.
func TestFieldAVIF(t *testing.T) {
	t.Parallel()
	avifdec := tool.Find(t, "avifdec")
	for name, f := range layeredFiles(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareWith(t, f.data, decodeByTool(t, avifdec, f.data))
		})
	}
}
