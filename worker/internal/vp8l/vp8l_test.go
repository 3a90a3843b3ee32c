package vp8l

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	oracle "golang.org/x/image/vp8l"

	"darkroom/deploy/testkit/ctxcheck"
	"darkroom/deploy/testkit/race"
)

// decodeByOracle decodes a picture with another decoder, and returns the error of that decoder.
func decodeByOracle(data []byte) (*image.NRGBA, error) {
	m, err := oracle.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return m.(*image.NRGBA), nil
}

// wantPixels decodes a picture and compares it with the result of libwebp's program.
func wantPixels(t *testing.T, name string, data []byte) {
	t.Helper()
	m, rows, err := Decode(t.Context(), data)
	if err != nil || rows != m.Rect.Dy() {
		t.Errorf("%s: %d rows, %v", name, rows, err)
		return
	}
	used := bytes.Clone(data)
	used[4] |= 0x10 // alpha is used
	pix, ok := dwebp(t, webpOf("VP8L", string(used)))
	if !ok || !bytes.Equal(m.Pix, pix) {
		t.Errorf("%s: not the pixels of dwebp, from byte %d on (%v)", name, firstDifference(m.Pix, pix), ok)
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestPixelsAreThoseOfLibwebp compares every pixel with libwebp and with x/image, for many options of the encoder.
func TestPixelsAreThoseOfLibwebp(t *testing.T) {
	try := func(kind string, m *image.NRGBA, options ...string) {
		t.Helper()
		name := fmt.Sprintf("%s of %d x %d, cwebp %s", kind, m.Rect.Dx(), m.Rect.Dy(), strings.Join(options, " "))
		data := cwebp(t, m, options...)
		wantPixels(t, name, data)
		got, _, err := Decode(t.Context(), data)
		if want, failure := decodeByOracle(data); err != nil || failure != nil || got.Rect != want.Rect || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: not the pixels of x/image (%v, %v)", name, err, failure)
		}
		if slices.Contains(options, "-exact") && (err != nil || !bytes.Equal(got.Pix, m.Pix)) {
			t.Errorf("%s: not the pixels that were encoded (%v)", name, err)
		}
	}
	for i, s := range [][2]int{{1, 1}, {1, 40}, {40, 1}, {2, 3}, {17, 33}, {200, 133}, {1, 16000}, {16000, 2}} {
		try("scene", scene(s[0], s[1], i%2 == 0), "-exact", "-m", "3")
		try("noise", noise(s[0], s[1]), "-exact", "-m", "1")
		for j, colours := range []int{1, 2, 4, 16, 256} {
			if (i+j)%2 == 0 {
				try(fmt.Sprint(colours, " colours"), fewColours(s[0], s[1], colours), "-exact", "-m", "2")
			}
		}
	}
	const w, h = 125, 71
	for m := range 7 {
		for _, q := range []int{0, 60, 100} {
			try("scene", scene(w, h, m%2 == 0), "-m", strconv.Itoa(m), "-q", strconv.Itoa(q))
		}
		try("colours", fewColours(w, h, 3+m*m), "-m", strconv.Itoa(m), "-q", strconv.Itoa(m*16))
	}
	for level := 0; level < 100; level += 40 {
		try("scene", scene(w, h, true), "-near_lossless", strconv.Itoa(level))
	}
}

// TestRandomPictures compares every pixel of pictures that no encoder writes with libwebp. x/image differs: it has no
// prediction for the modes 14 and 15, and uses the two symbols of a simple code in the order in which they are written.
func TestRandomPictures(t *testing.T) {
	for seed := uint64(0); seed < 60; seed += uint64(race.Every(10)) {
		wantPixels(t, fmt.Sprint("seed ", seed), newRandomPicture(seed))
	}
}

// TestLargePictures decodes pictures larger than the window, which has to slide, with references across all of it.
func TestLargePictures(t *testing.T) {
	for seed := range uint64(3 / race.Every(3)) {
		const w, h = 2000, 1600
		wantPixels(t, fmt.Sprint("seed ", seed), writeRandomPicture(rand.New(rand.NewPCG(seed, 5)), w, h))
	}
}

// TestAlphaIsGreen checks that alpha is the green channel of a picture.
func TestAlphaIsGreen(t *testing.T) {
	for seed := range uint64(20) {
		data := newRandomPicture(seed)
		m, _, err := Decode(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		alpha, err := DecodeAlpha(t.Context(), data[headerBytes:], m.Rect.Dx(), m.Rect.Dy())
		if err != nil || len(alpha) != len(m.Pix)/4 {
			t.Errorf("seed %d: %d pixels, %v", seed, len(alpha), err)
			continue
		}
		for i, v := range alpha {
			if v != m.Pix[4*i+1] {
				t.Errorf("seed %d: alpha of pixel %d is %d, want %d", seed, i, v, m.Pix[4*i+1])
				break
			}
		}
	}
}

// TestCutPicture cuts pictures at every position. The rows that were decoded must equal those of the whole picture.
func TestCutPicture(t *testing.T) {
	for name, data := range map[string][]byte{
		"scene":   cwebp(t, scene(90, 150, true)),
		"noise":   cwebp(t, noise(30, 50)),
		"palette": cwebp(t, fewColours(90, 150, 16)),
		"random":  newRandomPicture(2),
	} {
		whole, height, err := Decode(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		most, before := 0, 0
		for n := 0; n < len(data); n += 1 + n/256 {
			m, rows, err := Decode(t.Context(), data[:n])
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s, %d of %d bytes: %v, want io.ErrUnexpectedEOF", name, n, len(data), err)
				continue
			}
			if m == nil {
				if rows != 0 {
					t.Errorf("%s, %d bytes: %d rows without a picture", name, n, rows)
				}
				continue
			}
			if rows < before || rows >= height || m.Rect != whole.Rect || !bytes.Equal(m.Pix[:rows*m.Stride], whole.Pix[:rows*m.Stride]) {
				t.Errorf("%s, %d bytes: %d rows after %d are not those of the picture", name, n, rows, before)
			}
			before, most = rows, max(most, rows)
		}
		if most < height*2/3 {
			t.Errorf("%s: at most %d rows of %d", name, most, height)
		}
	}
}

func TestDecodeEndsWithItsContext(t *testing.T) {
	const w, h = 90, 150
	data := cwebp(t, scene(w, h, false), "-exact")
	ctxcheck.Ends(t, h, func(ctx context.Context) error {
		m, rows, err := Decode(ctx, data)
		if err != nil && (m != nil || rows != 0) {
			t.Errorf("%d rows with the error %v", rows, err)
		}
		return err
	})
	ctxcheck.Ends(t, h, func(ctx context.Context) error {
		alpha, err := DecodeAlpha(ctx, data[headerBytes:], w, h)
		if err != nil && alpha != nil {
			t.Errorf("%d bytes with the error %v", len(alpha), err)
		}
		return err
	})
}
