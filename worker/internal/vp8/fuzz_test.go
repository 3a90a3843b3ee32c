package vp8

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"io"
	"math/rand/v2"
	"testing"

	"darkroom/deploy/testkit/race"
)

// smallFrame is a picture of 20 x 18 pixels by cwebp.
const smallFrame = "EAQAnQEqFAASAD9hlsBYv6qnJTf6qAPwLAlsALEe4jdYWf0Uf0ysfwAA/tsO0d/jO39X4RFAfZTrAQHSTZOWJJBJTDYeJsQN+CSKstejN7Syija0Fzu6ttoAAAA"

// wantLikeOracle decodes arbitrary bytes. The result must be a picture of the size in the header, and equal to that of
// x/image if x/image decodes it.
func wantLikeOracle(t *testing.T, data []byte) {
	t.Helper()
	const most = 1 << 16 // pixels
	if len(data) >= 10 && int(data[6])|int(data[7])&0x3f<<8 > most/(1+int(data[8])|int(data[9])&0x3f<<8) {
		return
	}
	m, rows, err := Decode(t.Context(), data)
	switch {
	case m == nil && (err == nil || rows != 0):
		t.Fatalf("%d rows without a picture, %v", rows, err)
	case m != nil && err == nil && rows != m.Rect.Dy(), m != nil && err != nil && (rows >= m.Rect.Dy() || !errors.Is(err, io.ErrUnexpectedEOF)):
		t.Fatalf("%d of %d rows, %v", rows, m.Rect.Dy(), err)
	}
	if !decodersAgree(data) {
		return
	}
	want, failure := decodeByOracle(data)
	if failure == nil && (err != nil || m.Rect != want.Rect || !bytes.Equal(planes(m), planes(want))) {
		t.Fatalf("not the planes of x/image: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	data, err := base64.RawStdEncoding.DecodeString(smallFrame)
	if err != nil {
		f.Fatal(err)
	}
	if m, rows, _ := Decode(f.Context(), data); m == nil || m.Rect != image.Rect(0, 0, 20, 18) || rows == 0 {
		f.Fatalf("%d rows", rows)
	}
	f.Add(data)
	f.Add(data[:len(data)*3/4])
	f.Fuzz(wantLikeOracle)
}

// TestMutatedFrames changes bytes of frames, and cuts half of them.
func TestMutatedFrames(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, frame := range [][]byte{
		frameOf(t, cwebp(t, scene(70, 50), "-q", "30")), frameOf(t, cwebp(t, noise(33, 50), "-q", "90", "-nostrong")), libvpx(t, scene(64, 80), "-slices", "4"),
	} {
		for range 3000 / race.Every(10) {
			data := bytes.Clone(frame)
			for range 1 + r.IntN(4) {
				at := r.IntN(len(data))
				if r.IntN(2) == 0 {
					at = r.IntN(min(len(data), 60)) // headers
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
