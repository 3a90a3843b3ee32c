package engine

import (
	"encoding/binary"
	"fmt"
	"image"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/jpegfile"
	"darkroom/worker/photo"
)

var layouts = map[string]jpegn.Subsampling{
	"4:2:0": jpegn.Subsample420, "4:2:2": jpegn.Subsample422, "4:4:0": jpegn.Subsample440, "4:4:4": jpegn.Subsample444,
	"grey": jpegn.SubsampleGray,
}

// turn is a fast version of store: each orientation but two is its own inverse.
func turn(m *image.NRGBA, orientation int) *image.NRGBA {
	switch orientation {
	case 6:
		return orient(m, 8)
	case 8:
		return orient(m, 6)
	}
	return orient(m, orientation)
}

// renderRGB renders a picture in RGB, whatever its format.
func renderRGB(t *testing.T, e *Engine, file []byte, h Header) []Image {
	t.Helper()
	p := *h.plan
	p.exact, p.decode.Planar = true, false
	h.plan = &p
	r, err := e.Render(t.Context(), file, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Images
}

// TestPlanarAgainstRGB checks that pictures rendered in planes and in RGB look the same, for every layout, orientation
// and variant.
func TestPlanarAgainstRGB(t *testing.T) {
	comparesPixels(t)
	e := engine(t, inGamma(Config{Specs: []Spec{boxSpec("large", 300, 300, Inside, 95), boxSpec("medium", 150, 150, Inside, 95), boxSpec("small", 60, 60, Inside, 95),
		boxSpec("fill", 101, 101, Fill, 95), boxSpec("wide", 90, 30, Fill, 95)}}))
	picture := scene(800, 600)
	for layout, sub := range layouts {
		for o := 1; o <= 8; o++ {
			if layout != "4:2:0" && o != 1 && o != 6 {
				continue // layouts matter only for orientations that exchange width and height
			}
			how := &jpegn.EncodeOptions{Quality: 95, Subsampling: sub, Progressive: o%2 == 0}
			file := withEXIF(toJPEG(t, turn(picture, o), how), exifBlock(binary.LittleEndian, uint16(o)))
			h, err := e.Inspect(file)
			if err != nil || !h.Planar {
				t.Fatalf("%s: planar is %v, %v", layout, h.Planar, err)
			}
			want := renderRGB(t, e, file, h)
			for i, got := range render(t, e, file) {
				if dB := psnr(t, openImage(t, got), openImage(t, want[i])); dB < 38 {
					t.Errorf("%s, orientation %d, progressive %v, %s: %.1f dB", layout, o, how.Progressive, got.Name, dB)
				}
			}
		}
	}
}

// TestPlanarHEIFAgainstRGB does the same for HEIC and WebP, whose planes have other ranges and matrices than JPEG's.
func TestPlanarHEIFAgainstRGB(t *testing.T) {
	comparesPixels(t)
	files := map[string][]byte{"WebP": toWebP(t, scene(400, 300), false)}
	for _, name := range []string{"quadrants.heic", "odd.heic", "deep.heic", "yuv422.heic", "yuv444.heic"} {
		files[name] = heifSeed(t, name)
	}
	for _, s := range []Spec{boxSpec("inside", 100, 100, Inside, 95), boxSpec("fill", 60, 60, Fill, 95)} {
		e := engine(t, Config{Specs: []Spec{s}})
		for name, file := range files {
			h, err := e.Inspect(file)
			if err != nil || !h.Planar {
				t.Fatalf("%s: planar is %v, %v", name, h.Planar, err)
			}
			got, want := render(t, e, file)[0], renderRGB(t, e, file, h)[0]
			if dB := psnr(t, openImage(t, got), openImage(t, want)); dB < 37 {
				t.Errorf("%s, %s: %.1f dB", name, got.Name, dB)
			}
		}
	}
}

// TestPlanarOfOddSizes renders pictures of sizes that no scale divides, and whose last colour samples reach beyond the
// edge. It compares them with the whole picture, decoded by the standard library and filtered once. Planes know their
// exact size, so they come closer to it than RGB.
func TestPlanarOfOddSizes(t *testing.T) {
	comparesPixels(t)
	for _, s := range []size{dim(803, 603), dim(401, 299)} {
		picture := scene(s.Width, s.Height)
		for layout, sub := range layouts {
			for _, o := range []int{1, 7} {
				stored := turn(picture, o)
				file := toJPEG(t, stored, &jpegn.EncodeOptions{Quality: 95, Subsampling: sub})
				full := orient(openImage(t, Image{Format: photo.JPEG, Width: stored.Rect.Dx(), Height: stored.Rect.Dy(), Data: file}), o)
				file = withEXIF(file, exifBlock(binary.BigEndian, uint16(o)))
				for _, side := range []int{175, 99} {
					got := render(t, engine(t, oneSpec(side, side, Inside)), file)[0]
					oracle := encodeJPEG(t, shrink(full, dim(got.Width, got.Height)), 95)
					want := Image{Format: photo.JPEG, Width: got.Width, Height: got.Height, Data: oracle}
					e := engine(t, oneSpec(side, side, Inside))
					h, err := e.Inspect(file)
					if err != nil {
						t.Fatal(err)
					}
					viaRGB := renderRGB(t, e, file, h)
					dB, other := psnr(t, openImage(t, got), openImage(t, want)), psnr(t, openImage(t, viaRGB[0]), openImage(t, want))
					if dB < 33 || dB < other-0.5 {
						t.Errorf("%v %s, orientation %d, at %d: %.1f dB, as RGB %.1f dB", s, layout, o, side, dB, other)
					}
				}
			}
		}
	}
}

func TestPlanarThinPictures(t *testing.T) {
	e := engine(t, Config{})
	for _, s := range []size{dim(1, 1), dim(1, 3000), dim(3000, 1), dim(2, 3), dim(15, 15), dim(17, 5001), dim(5001, 3)} {
		picture := scene(s.Width, s.Height)
		for layout, sub := range layouts {
			for _, o := range []int{1, 3, 6} {
				file := withEXIF(toJPEG(t, picture, &jpegn.EncodeOptions{Subsampling: sub}), exifBlock(binary.BigEndian, uint16(o)))
				for i, img := range render(t, e, file) {
					want := e.specs[i].place(s.Upright(o)).out
					if out := openImage(t, img); sizeOf(out) != want {
						t.Errorf("%v %s orientation %d: %s is %v, want %v", s, layout, o, img.Name, sizeOf(out), want)
					}
				}
			}
		}
	}
}

// TestPlanarOfTheSameSize checks that a photo that needs no resampling keeps its samples, except for their
// quantisation.
func TestPlanarOfTheSameSize(t *testing.T) {
	for _, s := range []size{dim(160, 120), dim(161, 119)} {
		file := toJPEG(t, scene(s.Width, s.Height), &jpegn.EncodeOptions{Quality: 95})
		got := render(t, engine(t, oneSpec(200, 200, Inside)), file)[0]
		whole := Image{Format: photo.JPEG, Width: s.Width, Height: s.Height, Data: file}
		if dB := psnr(t, openImage(t, got), openImage(t, whole)); dB < 49 {
			t.Errorf("%v: %.1f dB", s, dB)
		}
	}
}

// TestUnusualLayouts checks that layouts whose luma is not a multiple of the colours are rendered as RGB, since they
// cannot be decoded to planes.
func TestUnusualLayouts(t *testing.T) {
	for name, c := range map[string]struct {
		factors [3]byte
		planar  bool
	}{
		"4:1:1": {[3]byte{0x41, 0x11, 0x11}, true}, "4:1:0": {[3]byte{0x42, 0x11, 0x11}, true}, "all of two": {[3]byte{0x22, 0x22, 0x22}, true},
		"thirds": {[3]byte{0x31, 0x11, 0x11}, true}, "luma of less": {[3]byte{0x11, 0x22, 0x22}, false},
		"colours apart": {[3]byte{0x22, 0x21, 0x12}, false}, "three halves": {[3]byte{0x31, 0x21, 0x21}, false},
	} {
		slope := func(c int, x, y float64) float64 { return (x + y*float64(c)) / (64 + 48*3) }
		odd := jpegfile.Draw(64, 48, 8, c.factors[:], slope).Encode(jpegfile.Sequential(0, 1, 2))
		h, err := engine(t, Config{}).Inspect(odd)
		if err != nil || h.Planar != c.planar {
			t.Errorf("%s: planar is %v, %v", name, h.Planar, err)
		}
		if imgs := render(t, engine(t, Config{}), odd); len(imgs) != 4 {
			t.Errorf("%s: %d variants", name, len(imgs))
		}
	}
}

// TestMemoryOfPlanes checks that Memory is an upper bound for planes too, for a picture as noisy as a dark photo and
// for thin ones, which are padded.
func TestMemoryOfPlanes(t *testing.T) {
	countsAllocations(t)
	for layout, sub := range layouts {
		for _, s := range []size{dim(800, 600), dim(17, 3001), dim(1, 1)} {
			m := scene(s.Width, s.Height)
			for i := range m.Pix {
				if i%4 != 3 {
					m.Pix[i] = m.Pix[i]&^31 | byte(i*i>>3*89)&31
				}
			}
			for o := 1; o <= 8; o += 5 {
				file := withEXIF(toJPEG(t, m, &jpegn.EncodeOptions{Quality: 90, Subsampling: sub}), exifBlock(binary.BigEndian, uint16(o)))
				e := engine(t, Config{})
				h, err := e.Inspect(file)
				if err != nil {
					t.Fatal(err)
				}
				used := allocated(t, func() { render(t, e, file) })
				if estimate := e.Memory(h); estimate < used*9/10 {
					t.Errorf("%s %v orientation %d: estimate %d, allocated %d", layout, s, o, estimate, used)
				}
			}
		}
	}
}

func BenchmarkOrientations(b *testing.B) {
	e, file := engine(b, Config{}), toJPEG(b, scene(4000, 3000), &jpegn.EncodeOptions{Quality: 90})
	for _, o := range []uint16{1, 3, 6} {
		turned := withEXIF(file, exifBlock(binary.LittleEndian, o))
		b.Run(fmt.Sprint(o), func(b *testing.B) {
			for b.Loop() {
				render(b, e, turned)
			}
		})
	}
}
