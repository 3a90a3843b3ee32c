package engine

import (
	"bytes"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
)

// TestLongSides checks that the header is enough to reject a picture with a side longer than the limit, whatever its
// other side is.
func TestLongSides(t *testing.T) {
	const most = format.MaxSide
	e := engine(t, Config{})
	for _, c := range []struct {
		name string
		file []byte
		want photo.Reason
	}{
		{"PNG, wide", encodePNG(most+1, 1, 8, 2, 0, nil, nil), photo.ReasonTooExpensive},
		{"PNG, high", encodePNG(1, most+1, 8, 2, 0, nil, nil), photo.ReasonTooExpensive},
		{"PNG of all pixels in a row", encodePNG(DefaultMaxPixels, 1, 8, 2, 0, nil, nil), photo.ReasonTooExpensive},
		{"WebP canvas", animatedWebP(most+1, 1, anmf(0, 0, 16, 1, "VP8 ", vp8(16, 1))), photo.ReasonTooExpensive},
		{"PNG at the bound", encodePNG(most, 1, 1, 0, 0, nil, make([]byte, 1+(most+7)/8)), ""},
	} {
		_, err := e.Inspect(c.file) // also compiles what checks the sentences
		n := allocated(t, func() { _, err = e.Inspect(c.file) })
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		wantReason(t, err, c.want)
		if n > 1<<20 && !race.Enabled {
			t.Errorf("%s: %d bytes allocated", c.name, n)
		}
	}
}

// TestTooManyScans checks that a progressive JPEG that repeats its first scan many times is rejected.
func TestTooManyScans(t *testing.T) {
	file := toJPEG(t, scene(40, 24), &jpegn.EncodeOptions{Progressive: true})
	first := bytes.Index(file, []byte{0xff, markerSOS})
	length := 2 + bytes.Index(file[first+2:], []byte{0xff, markerDHT})
	repeatScan := func(n int) []byte { return insert(file, first, bytes.Repeat(file[first:first+length], n)) }
	e := engine(t, Config{})
	if err := tryRender(e, repeatScan(50)); err != nil {
		t.Errorf("50 more scans: %v", err)
	}
	wantReason(t, tryRender(e, repeatScan(100)), photo.ReasonTooExpensive)
}
