package pngwrite

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"testing"
)

// photo draws a slope with texture in each colour and in alpha. Unless it is opaque, a quarter of it is fully
// transparent.
func photo(width, height int, opaque bool, seed uint64) *image.NRGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			n := r.IntN(9)
			c := color.NRGBA{byte(x/3 + n), byte(y/2 + x/9 + n), byte(x*y/999 + n), 255}
			if !opaque {
				c.A = byte(255 - x/8)
				if x < width/2 && y < height/2 {
					c = color.NRGBA{}
				}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// drawing draws a picture of few colours and hard edges.
func drawing(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{250, 250, 250, 255}
			if (x/20+y/30)%3 == 0 && x%7 < 5 {
				c = color.NRGBA{20, 80, 200, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func decode(t testing.TB, file []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// checkSame compares a file with a picture, pixel by pixel.
func checkSame(t testing.TB, file []byte, m image.Image) {
	t.Helper()
	got, at := decode(t, file), m.Bounds().Min
	if got.Bounds().Size() != m.Bounds().Size() {
		t.Fatalf("size %v, want %v", got.Bounds().Size(), m.Bounds().Size())
	}
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			a := color.NRGBAModel.Convert(got.At(x, y))
			if b := color.NRGBAModel.Convert(m.At(at.X+x, at.Y+y)); a != b {
				t.Fatalf("at %d,%d: %v, want %v", x, y, a, b)
			}
		}
	}
}

func TestEncode(t *testing.T) {
	part := photo(90, 70, false, 3).SubImage(image.Rect(11, 7, 80, 60))
	light := image.NewGray(image.Rect(0, 0, 61, 47))
	for i := range light.Pix {
		light.Pix[i] = byte(i * i / 50)
	}
	for name, m := range map[string]image.Image{
		"RGBA": photo(200, 150, false, 1), "RGB": photo(200, 150, true, 2), "drawing": drawing(300, 200),
		"grey": light, "part": part, "part of grey": light.SubImage(image.Rect(3, 4, 50, 40)),
		"one pixel": photo(1, 1, true, 4), "one column": photo(1, 40, false, 5), "one row": photo(40, 1, false, 6),
	} {
		t.Run(name, func(t *testing.T) {
			file, err := Encode(t.Context(), m, Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkSame(t, file, m)
			again, err := Encode(t.Context(), m, Options{})
			if err != nil || !bytes.Equal(file, again) {
				t.Errorf("a second encode returns another file (%v)", err)
			}
		})
	}
}

func TestColourType(t *testing.T) {
	for name, c := range map[string]struct {
		m    image.Image
		want byte
	}{
		"opaque": {photo(9, 9, true, 1), rgb}, "transparent": {photo(9, 9, false, 1), rgbAlpha}, "grey": {image.NewGray(image.Rect(0, 0, 2, 2)), grey},
	} {
		file, err := Encode(t.Context(), c.m, Options{})
		if err != nil || file[24] != 8 || file[25] != c.want {
			t.Errorf("%s: depth %d, colour type %d, want %d (%v)", name, file[24], file[25], c.want, err)
		}
	}
}

// TestSize checks that files are about as small as those of image/png, and that deflate finds the repetitions in
// drawings.
func TestSize(t *testing.T) {
	for name, c := range map[string]struct {
		m    image.Image
		most float64 // largest size relative to image/png
	}{"photo": {photo(600, 400, false, 1), 1.15}, "drawing": {drawing(600, 400), 3}} {
		file, err := Encode(t.Context(), c.m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, c.m); err != nil {
			t.Fatal(err)
		}
		if ratio := float64(len(file)) / float64(b.Len()); ratio > c.most {
			t.Errorf("%s: %d bytes, %.2f of image/png, want at most %.2f", name, len(file), ratio, c.most)
		}
	}
}

func TestProfile(t *testing.T) {
	profile := bytes.Repeat([]byte("profile"), 500)
	m := photo(30, 20, false, 1)
	file, err := Encode(t.Context(), m, Options{Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, file, m)
	const at = 8 + 25 // after IHDR
	n := binary.BigEndian.Uint32(file[at:])
	name, packed, _ := bytes.Cut(file[at+8:at+8+int(n)], []byte{0})
	z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil || string(file[at+4:at+8]) != "iCCP" || len(name) < 1 || len(name) > 79 || packed[0] != 0 {
		t.Fatalf("chunk %q, name %q, method %d, %v", file[at+4:at+8], name, packed[0], err)
	}
	if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, profile) {
		t.Errorf("another profile (%v)", err)
	}
	if plain, err := Encode(t.Context(), m, Options{}); err != nil || bytes.Contains(plain, []byte("iCCP")) {
		t.Errorf("a profile in a file without one (%v)", err)
	}
}

func TestUnsupported(t *testing.T) {
	for name, m := range map[string]image.Image{
		"RGBA": image.NewRGBA(image.Rect(0, 0, 2, 2)), "empty": image.NewNRGBA(image.Rect(0, 0, 0, 5)),
	} {
		if _, err := Encode(t.Context(), m, Options{}); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Encode(t.Context(), photo(2, 2, true, 1), Options{Profile: make([]byte, MaxProfile+1)}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("a long profile: %v", err)
	}
}

// FuzzEncode encodes pictures of arbitrary bytes.
func FuzzEncode(f *testing.F) {
	f.Add(uint8(3), false, []byte("a picture of some bytes, whatever they are, of three columns"))
	f.Add(uint8(1), true, []byte{0, 255, 0, 255, 128})
	f.Add(uint8(40), false, bytes.Repeat([]byte{1, 2, 3, 255}, 90))
	f.Fuzz(func(t *testing.T, width uint8, light bool, pix []byte) {
		w := int(width)
		if light {
			if w > 0 && len(pix) >= w {
				m := &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, len(pix)/w)}
				file, err := Encode(t.Context(), m, Options{})
				if err != nil {
					t.Fatal(err)
				}
				checkSame(t, file, m)
			}
			return
		}
		if w > 0 && len(pix) >= 4*w {
			m := &image.NRGBA{Pix: pix, Stride: 4 * w, Rect: image.Rect(0, 0, w, len(pix)/(4*w))}
			file, err := Encode(t.Context(), m, Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkSame(t, file, m)
		}
	})
}

// BenchmarkEncode encodes the largest variant of a photo with this package and with image/png.
func BenchmarkEncode(b *testing.B) {
	m := photo(1600, 1200, false, 1)
	for name, encode := range map[string]func() (int, error){
		"pngwrite": func() (int, error) { file, err := Encode(b.Context(), m, Options{}); return len(file), err },
		"png":      func() (int, error) { var w bytes.Buffer; err := png.Encode(&w, m); return w.Len(), err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n, err := encode()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(n), "bytes")
			}
		})
	}
}
