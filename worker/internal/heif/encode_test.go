package heif

import (
	"errors"
	"image"
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestEncodeSubImage encodes a picture with gaps between its rows that does not begin at the origin.
func TestEncodeSubImage(t *testing.T) {
	t.Parallel()
	needSandbox(t)
	whole := drawQuadrants(300, 200, opaque)
	part := whole.SubImage(image.Rect(150, 100, 299, 199)).(*image.NRGBA)
	data, err := EncodeAVIF(t.Context(), part, 80)
	if err != nil {
		t.Fatal(err)
	}
	img, h := decode(t, data)
	if h.Width != 149 || h.Height != 99 || h.Alpha {
		t.Errorf("%d x %d, alpha %v", h.Width, h.Height, h.Alpha)
	}
	for i, c := range corners(img) {
		if !isClose(c, quadrants[3]) {
			t.Errorf("corner %d is %v", i, c)
		}
	}
}

func TestEncodeQuality(t *testing.T) {
	t.Parallel()
	needSandbox(t)
	img := drawQuadrants(200, 150, opaque)
	for i := range img.Pix {
		if i%4 < 3 {
			img.Pix[i] += byte(i * i >> 5 & 31)
		}
	}
	low, err := EncodeAVIF(t.Context(), img, 30)
	if err != nil {
		t.Fatal(err)
	}
	high, err := EncodeAVIF(t.Context(), img, 90)
	if err != nil {
		t.Fatal(err)
	}
	again, err := EncodeAVIF(t.Context(), img, 90)
	if err != nil {
		t.Fatal(err)
	}
	if len(low) >= len(high) || string(high) != string(again) {
		t.Errorf("quality 30: %d bytes, quality 90: %d bytes, once more: %d", len(low), len(high), len(again))
	}
	for _, quality := range []int{0, 101} {
		if _, err := EncodeAVIF(t.Context(), img, quality); err == nil {
			t.Errorf("quality %d is accepted", quality)
		}
	}
	if _, err := EncodeAVIF(t.Context(), new(image.NRGBA), 50); err == nil {
		t.Error("a picture without pixels is accepted")
	}
}

// TestEncodeMemory compares the estimate with the bytes that are really allocated. It encodes noise, which takes the
// most.
func TestEncodeMemory(t *testing.T) {
	needSandbox(t)
	countsAllocations(t)
	img := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	if _, err := EncodeAVIF(t.Context(), img, 80); err != nil { // the first picture compiles the codec
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := EncodeAVIF(t.Context(), img, 80); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	took, estimate := int64(after.TotalAlloc-before.TotalAlloc), EncodeMemory(300, 200)
	if took > estimate || took < estimate/4 {
		t.Errorf("%d bytes were allocated, the estimate is %d", took, estimate)
	}
}

// TestRefusal checks that nothing is decoded or encoded with a system library. One is in use if the development files
// of libavif are installed and the tests are built without the tag nodynamic.
func TestRefusal(t *testing.T) {
	t.Parallel()
	err := Check()
	if err == nil {
		t.Skip("no system library is in use")
	}
	if _, err := Decode(t.Context(), seed(t, "quadrants.heic")); !errors.Is(err, ErrSystemLibrary) {
		t.Error(err)
	}
	if _, err := EncodeAVIF(t.Context(), drawQuadrants(16, 16, opaque), 50); !errors.Is(err, ErrSystemLibrary) {
		t.Error(err)
	}
}
