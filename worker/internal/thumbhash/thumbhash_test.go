package thumbhash

import (
	"encoding/hex"
	"image"
	"image/color"
	"strconv"
	"testing"
)

// draw returns a picture with the colour at each position by a function.
func draw(w, h int, at func(x, y int) color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, at(x, y))
		}
	}
	return m
}

func ramp(w, h int) *image.NRGBA {
	return draw(w, h, func(x, y int) color.NRGBA {
		return color.NRGBA{uint8(x * 255 / max(1, w-1)), uint8(y * 255 / max(1, h-1)), 128, 255}
	})
}

func glass(w, h int) *image.NRGBA {
	return draw(w, h, func(x, y int) color.NRGBA {
		return color.NRGBA{uint8(x*7 + y*3), uint8(x * y), uint8(255 - x*2), uint8((x + y) * 4)}
	})
}

// TestEncodeAsTheReference compares hashes with those of the reference implementation in JavaScript, version 0.1.1, for
// the same pixels. If an amplitude is stored as zero, its waves do not show and are not compared.
func TestEncodeAsTheReference(t *testing.T) {
	for _, tc := range []struct {
		m    *image.NRGBA
		want string
	}{
		{ramp(100, 75), "df070a359a8087878088778878788788808008f877"},
		{ramp(75, 100), "dff709351a8087808888887887888887807008f878"},
		{glass(100, 40), "221786328418af77658677a097677fa8a7507432868577"},
		{glass(20, 100), "a82486110627546a07469c606a82db06767777775508a8"},
	} {
		got := hex.EncodeToString(Encode(tc.m))
		if len(got) != len(tc.want) {
			t.Errorf("%v: got %s, want %s", tc.m.Rect, got, tc.want)
			continue
		}
		for i := range got {
			// A wave of zero amplitude lies between two steps, where the last bit of a cosine decides.
			g, w := digit(t, got[i]), digit(t, tc.want[i])
			if tie := i >= 10 && g+w == 7+8 && max(g, w) == 8; g != w && !tie {
				t.Errorf("%v: digit %d of %s, want %s", tc.m.Rect, i, got, tc.want)
			}
		}
	}
	flat := draw(32, 32, func(x, y int) color.NRGBA { return color.NRGBA{200, 40, 90, 255} })
	if got, want := hex.EncodeToString(Encode(flat))[:10], "db38030700"; got != want {
		t.Errorf("flat: header %s, want %s", got, want)
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 10, 10))
	if got, want := hex.EncodeToString(Encode(clear))[:12], "000882050000"; got != want {
		t.Errorf("clear: header %s, want %s", got, want)
	}
}

func digit(t *testing.T, c byte) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(string(c), 16, 4)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEncodeOfAnySize(t *testing.T) {
	for _, s := range []image.Point{{1, 1}, {1, 100}, {100, 1}, {3, 100}, {100, 100}, {2, 3}} {
		for _, m := range []*image.NRGBA{ramp(s.X, s.Y), glass(s.X, s.Y)} {
			if n := len(Encode(m)); n < 5 || n > 25 {
				t.Errorf("%v: %d bytes", s, n)
			}
		}
	}
}

func TestEncodeReadsASubImage(t *testing.T) {
	whole := ramp(100, 100)
	part := whole.SubImage(image.Rect(10, 20, 60, 90)).(*image.NRGBA)
	copied := draw(50, 70, func(x, y int) color.NRGBA { return whole.NRGBAAt(x+10, y+20) })
	if string(Encode(part)) != string(Encode(copied)) {
		t.Error("a part of a picture has another placeholder than a copy of that part")
	}
}

func TestEncodeRefusesOtherSizes(t *testing.T) {
	for _, s := range []image.Point{{0, 1}, {1, 0}, {101, 1}, {1, 101}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v was accepted", s)
				}
			}()
			Encode(image.NewNRGBA(image.Rectangle{Max: s}))
		}()
	}
}
