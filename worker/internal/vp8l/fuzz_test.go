package vp8l

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"darkroom/deploy/testkit/race"
)

// wantLikeOracle decodes arbitrary bytes. The result must be a picture of the size in the header, and equal to that of
// x/image. If the two differ, dwebp decides: see [TestRandomPictures].
func wantLikeOracle(t *testing.T, data []byte) {
	t.Helper()
	const most = 1 << 14 // pixels
	if len(data) < headerBytes || data[4]>>5 != 0 {
		return
	}
	width, height := 1+int(data[1])+int(data[2])&0x3f<<8, 1+int(data[2])>>6+int(data[3])<<2+int(data[4])&15<<10
	if width*height > most {
		return
	}
	m, rows, err := Decode(t.Context(), data)
	switch {
	case m == nil && (err == nil || rows != 0):
		t.Fatalf("%d rows without a picture, %v", rows, err)
	case m != nil && (m.Rect.Dx() != width || m.Rect.Dy() != height || (err == nil) != (rows == height)):
		t.Fatalf("%d rows of %v, %v", rows, m.Rect, err)
	}
	want, failure := decodeByOracle(data)
	if (err == nil) == (failure == nil) && (err != nil || bytes.Equal(m.Pix, want.Pix)) {
		return
	}
	used := bytes.Clone(data)
	used[4] |= 0x10 // alpha is used
	pix, ok := dwebp(t, webpOf("VP8L", string(used)))
	switch {
	case ok && err == nil && !bytes.Equal(m.Pix, pix):
		t.Fatalf("not the pixels of dwebp, from byte %d on", firstDifference(m.Pix, pix))
	// libwebp reads at least 64 bits.
	case ok != (err == nil) && !(ok && len(data) < 8 && errors.Is(err, io.ErrUnexpectedEOF)):
		t.Fatalf("dwebp accepts it: %v, x/image says %v, not %v", ok, failure, err)
	}
}

func FuzzDecode(f *testing.F) {
	for seed := range uint64(20) {
		data := newRandomPicture(seed)
		f.Add(data)
		f.Add(data[:len(data)*3/4])
	}
	f.Fuzz(wantLikeOracle)
}

// TestMutatedPictures changes bytes of pictures, and cuts half of them.
func TestMutatedPictures(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, picture := range [][]byte{
		cwebp(t, scene(40, 30, false)), cwebp(t, fewColours(50, 20, 12)), newRandomPicture(3), newRandomPicture(10),
	} {
		for range 400 / race.Every(10) {
			data := bytes.Clone(picture)
			for range 1 + r.IntN(3) {
				at := headerBytes + r.IntN(len(data)-headerBytes)
				if r.IntN(2) == 0 {
					at = headerBytes + r.IntN(min(len(data), 60)-headerBytes) // transforms and codes
				}
				data[at] = byte(r.IntN(256))
			}
			if r.IntN(2) == 0 {
				data = data[:r.IntN(len(data))]
			}
			wantLikeOracle(t, data)
		}
	}
}

func TestInvalidPictures(t *testing.T) {
	valid := newRandomPicture(3)
	write := func(fields ...int) []byte { // values and how many bits they have
		w := bitWriter{data: bytes.Clone(valid[:headerBytes]), n: 8 * headerBytes}
		for i := 0; i < len(fields); i += 2 {
			w.put(fields[i], fields[i+1])
		}
		w.put(0, 64)
		return w.data
	}
	change := func(i int, v byte) []byte {
		b := bytes.Clone(valid)
		b[i] = v
		return b
	}
	const green = 1 | greenTransform<<1
	for name, c := range map[string]struct {
		data []byte
		cut  bool
	}{
		"nothing":                     {nil, true},
		"header cut":                  {valid[:4], true},
		"signature":                   {change(0, 0x2e), false},
		"version":                     {change(4, valid[4]|0x20), false},
		"transform twice":             {write(green, 3, green, 3), false},
		"cache of 2^0":                {write(0, 1, 1, 1, 0, 4), false},
		"cache of 2^12":               {write(0, 1, 1, 1, 12, 4), false},
		"code without a symbol":       {write(0, 1, 0, 1, 0, 1, 0, 1, 0, 4, 0, 12), false},
		"incomplete code lengths":     {write(0, 1, 0, 1, 0, 1, 0, 1, 0, 4, 2, 3, 2, 3, 0, 6), false},
		"lengths beyond the alphabet": {write(0, 1, 0, 1, 0, 1, 0, 1, 0, 4, 0, 3, 1, 3, 0, 6, 0, 1, 127, 7, 127, 7, 127, 7), false},
		"more tokens than symbols":    {write(0, 1, 0, 1, 0, 1, 0, 1, 0, 4, 0, 6, 1, 3, 0, 3, 1, 1, 7, 3, 300, 16), false},
	} {
		m, rows, err := Decode(t.Context(), c.data)
		if m != nil || rows != 0 || err == nil || errors.Is(err, io.ErrUnexpectedEOF) != c.cut {
			t.Errorf("%s: %d rows, %v", name, rows, err)
		}
	}
}
