package main

import (
	"bytes"
	"encoding/json"
	"image"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sampled returns a photo with two rounds. In the first, darkroom takes half of usual's time and as long as best; in the
// second, as long as both.
func sampled(name string, k kind, ms float64) *samples {
	s := &samples{photo: original{name: name, kind: k}, size: image.Pt(40, 30)}
	s.cpu = [sideCount][]float64{{ms, 2 * ms}, {2 * ms, 2 * ms}, {ms, 2 * ms}}
	s.peak = [sideCount][]float64{{50e6, 70e6}, {100e6, 100e6}, {90e6, 90e6}}
	for which := range s.variants {
		for i := range sizes {
			s.variants[which] = append(s.variants[which], variantQuality{bytes: int64(1000 * (which + 1)), psnr: 40 - float64(10*i+which)})
		}
	}
	return s
}

func testReport() report {
	b := bench{sides: []side{{name: "darkroom"}, {name: "sharp-usual"}, {name: "sharp-best"}}, rounds: 2, repeat: 6}
	r := newReport([]*samples{sampled("a.jpg", baseline, 10), sampled("p.jpg", progressive, 100), sampled("b.jpg", baseline, 40)}, b)
	r.Worker, r.Sharp = "worker v1", map[string]string{"sharp": "1.2.3", "vips": "8.0", "mozjpeg": "4"}
	return r
}

func TestTables(t *testing.T) {
	var b bytes.Buffer
	if err := testReport().writeTables(&b); err != nil {
		t.Fatal(err)
	}
	want := `
darkroom: worker v1
sharp:    1.2.3 with libvips 8.0 and mozjpeg 4
A photo to 1600, 800 and 320 px JPEG at quality 80, or PNG for png-alpha, on one thread. Rounds: 2, photos per measurement: 6. Medians (min-max); means are geometric.
Groups of three numbers are darkroom, sharp-usual, sharp-best. A ratio below 1 means that darkroom uses less CPU time.

PHOTO       KIND          CPU MS/PHOTO   DARKROOM/USUAL     DARKROOM/BEST      PEAK MB      VARIANTS KB
a.jpg       baseline      15  20  15       0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
p.jpg       progressive   150  200  150    0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
b.jpg       baseline      60  80  60       0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
mean of 2   baseline      30  40  30       0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
mean of 1   progressive   150  200  150    0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9

PSNR of the luma in dB, after encoding, against a Lanczos reduction of the full-size original, blended with white if transparent; means are arithmetic.

PHOTO       KIND          LARGE                 MEDIUM                SMALL
a.jpg       baseline      40.00  39.00  38.00   30.00  29.00  28.00   20.00  19.00  18.00
`
	got := strings.Split(b.String(), "\n")
	for i, line := range strings.Split(strings.TrimSpace(want), "\n") {
		// The width of columns is the tabwriter's.
		if diff := cmp.Diff(strings.Fields(line), strings.Fields(got[i])); diff != "" {
			t.Errorf("line %d: %s", i+1, diff)
		}
	}
	if len(got) != 10+1+1+1+1+5+2 {
		t.Errorf("%d lines:\n%s", len(got), b.String())
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	r := testReport()
	if err := r.writeJSON(&b); err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Error(diff)
	}
	for _, field := range []string{`"width": 40`, `"darkroomToUsual"`, `"darkroomToBest"`, `"cpuMilliseconds"`, `"peakBytes"`, `"psnr"`} {
		if !strings.Contains(b.String(), field) {
			t.Errorf("no %s in %s", field, b.String())
		}
	}
}
