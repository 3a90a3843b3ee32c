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
	sides := []side{{name: "darkroom"}, {name: "sharp-usual"}, {name: "sharp-best"}}
	if k == heic {
		sides = []side{{name: "darkroom"}, {name: "vipsthumbnail"}}
	}
	s := newSamples(original{name: name, kind: k}, sides)
	s.size = image.Pt(40, 30)
	s.cpu = [][]float64{{ms, 2 * ms}, {2 * ms, 2 * ms}, {ms, 2 * ms}}[:len(sides)]
	s.peak = [][]float64{{50e6, 70e6}, {100e6, 100e6}, {90e6, 90e6}}[:len(sides)]
	for which := range sides {
		for i := range sizes {
			s.variants[which] = append(s.variants[which], variantQuality{bytes: int64(1000 * (which + 1)), psnr: 40 - float64(10*i+which)})
		}
	}
	return s
}

func testReport() report {
	r := report{Versions: versions{Worker: "worker v1", Sharp: map[string]string{"sharp": "1.2.3", "vips": "8.0", "mozjpeg": "4"}, Vips: "libvips 8.1"}}
	r.add([]*samples{sampled("a.jpg", baseline, 10), sampled("h.heic", heic, 1000), sampled("p.jpg", progressive, 100), sampled("b.jpg", baseline, 40)}, bench{rounds: 2, repeat: 6})
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
vipsthumbnail: libvips 8.1
A photo to 1600, 800 and 320 px JPEG at quality 80, or PNG for png-alpha, on one thread. Rounds: 2, photos per measurement: 6. Medians (min-max); means are geometric.

The numbers of a group are those of darkroom, sharp-usual, sharp-best. A ratio below 1 means that darkroom uses less CPU time.

PHOTO       KIND          CPU MS/PHOTO   DARKROOM/USUAL     DARKROOM/BEST      PEAK MB      VARIANTS KB
a.jpg       baseline      15  20  15       0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
p.jpg       progressive   150  200  150    0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
b.jpg       baseline      60  80  60       0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
mean of 2   baseline      30  40  30       0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9
mean of 1   progressive   150  200  150    0.75 (0.50-1.00)   1.00 (1.00-1.00)   60  100  90   3  6  9

PSNR of the luma in dB, after encoding, against a Lanczos reduction of the full-size original, blended with white if transparent; means are arithmetic.

PHOTO       KIND          LARGE                 MEDIUM                SMALL
a.jpg       baseline      40.00  39.00  38.00   30.00  29.00  28.00   20.00  19.00  18.00
p.jpg       progressive   40.00  39.00  38.00   30.00  29.00  28.00   20.00  19.00  18.00
b.jpg       baseline      40.00  39.00  38.00   30.00  29.00  28.00   20.00  19.00  18.00
mean of 2   baseline      40.00  39.00  38.00   30.00  29.00  28.00   20.00  19.00  18.00
mean of 1   progressive   40.00  39.00  38.00   30.00  29.00  28.00   20.00  19.00  18.00

The numbers of a group are those of darkroom, vipsthumbnail. A ratio below 1 means that darkroom uses less CPU time.

PHOTO       KIND   CPU MS/PHOTO   DARKROOM/VIPSTHUMBNAIL   PEAK MB   VARIANTS KB
h.heic      heic   1500  2000     0.75 (0.50-1.00)         60  100   3  6
mean of 1   heic   1500  2000     0.75 (0.50-1.00)         60  100   3  6

PSNR of the luma in dB, after encoding, against a Lanczos reduction of the full-size original, blended with white if transparent; means are arithmetic.

PHOTO       KIND   LARGE          MEDIUM         SMALL
h.heic      heic   40.00  39.00   30.00  29.00   20.00  19.00
mean of 1   heic   40.00  39.00   30.00  29.00   20.00  19.00
`
	// The width of columns is the tabwriter's.
	words := func(text string) (lines [][]string) {
		for line := range strings.Lines(strings.TrimSpace(text)) {
			lines = append(lines, strings.Fields(line))
		}
		return lines
	}
	if diff := cmp.Diff(words(want), words(b.String())); diff != "" {
		t.Error(diff)
	}
}

// A program that was not needed is not named.
func TestTablesOfOneKind(t *testing.T) {
	r := report{Versions: versions{Worker: "worker v1", Vips: "libvips 8.1"}}
	r.add([]*samples{sampled("h.heic", heic, 1000)}, bench{rounds: 2, repeat: 6})
	var b bytes.Buffer
	if err := r.writeTables(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Contains(text, "sharp") || strings.Count(text, "\nPHOTO ") != 2 {
		t.Errorf("only HEIC:\n%s", text)
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
	for _, field := range []string{`"width": 40`, `"darkroomTo"`, `"vipsthumbnail": "libvips 8.1"`, `"cpuMilliseconds"`, `"peakBytes"`, `"psnr"`} {
		if !strings.Contains(b.String(), field) {
			t.Errorf("no %s in %s", field, b.String())
		}
	}
}
