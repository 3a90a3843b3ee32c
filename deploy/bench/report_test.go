package main

import (
	"bytes"
	"encoding/json"
	"image"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/side"
)

// sampled returns the samples of a photo from two rounds. In the first, darkroom takes half of usual's time and as long
// as best; in the second, as long as both.
func sampled(name string, k photoset.Kind, ms float64) *samples {
	sides := []side.Side{{Name: "darkroom"}, {Name: "sharp-usual"}, {Name: "sharp-best"}}
	if k == photoset.HEIC {
		sides = []side.Side{{Name: "darkroom"}, {Name: "vipsthumbnail"}}
	}
	s := newSamples(photoset.Original{Name: name, Kind: k}, side.ToJPEG, sides)
	s.size = image.Pt(40, 30)
	s.cpu = [][]float64{{ms, 2 * ms}, {2 * ms, 2 * ms}, {ms, 2 * ms}}[:len(sides)]
	s.peak = [][]float64{{50e6, 70e6}, {100e6, 100e6}, {90e6, 90e6}}[:len(sides)]
	for which := range sides {
		n := float64(which)
		s.scores[which] = scores{bytes: []float64{600e3 * (n + 1), 300e3, 100e3}, reference: []float64{80 - n, 70, 60}, pixels: []float64{90 - n, 85, 75},
			psnr: []float64{40, 39, 38}, equal: []float64{400e3, 200e3, 50e3}}
		if which == 2 {
			s.scores[which].equal[2] = 0
		}
	}
	return s
}

func testReport() report {
	r := report{Versions: versions{Worker: "worker v1", Sharp: map[string]string{"sharp": "1.2.3", "vips": "8.0", "mozjpeg": "4"}, Vips: "libvips 8.1"}}
	r.add([]*samples{sampled("a.jpg", photoset.Baseline, 10), sampled("h.heic", photoset.HEIC, 1000), sampled("p.jpg", photoset.Progressive, 100), sampled("b.jpg", photoset.Baseline, 40)}, bench{targets: side.Targets, rounds: 2, repeat: 6, score: 75})
	return r
}

func TestTables(t *testing.T) {
	var b bytes.Buffer
	if err := testReport().writeTables(&b); err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(" +").ReplaceAllString(b.String(), " ") // the tabwriter chooses the width of columns
	for _, want := range []string{
		"darkroom: worker v1, on ", "sharp: 1.2.3 with libvips 8.0 and mozjpeg 4\n", "vipsthumbnail: libvips 8.1\n", "Rounds: 2. Photos per measurement: 6,",
		"\na.jpg: 40 x 30, baseline, to jpeg\n\nSIDE CPU MS DARKROOM/IT PEAK MB KB PHOTO PIXELS KB AT 75\n" +
			"darkroom 15 60 1000 80.0 70.0 60.0 90.0 85.0 75.0 650\n" +
			"sharp-usual 20 0.75 (0.50-1.00) 100 1600 79.0 70.0 60.0 89.0 85.0 75.0 650\n" +
			"sharp-best 15 1.00 (1.00-1.00) 90 2200 78.0 70.0 60.0 88.0 85.0 75.0 -\n",
		"\nmean of 2: baseline, to jpeg\n\nSIDE CPU MS DARKROOM/IT PEAK MB KB PHOTO PIXELS KB AT 75\ndarkroom 30 60 1000 ",
		"\nmean of 1: heic, to jpeg\n\nSIDE CPU MS DARKROOM/IT PEAK MB KB PHOTO PIXELS KB AT 75\ndarkroom 1500 60 ",
		"SIDE TO CPU REQUESTS TRAFFIC: 10 100 1,000 AT 75: 10 100 1,000\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(b.String()) {
		if len(line) > 120 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

// TestBills compares with the cost of 1,000 ms and 300 KB a view, calculated by hand.
func TestBills(t *testing.T) {
	all := bills([]row{{Kind: photoset.Baseline, Format: "jpeg", Sides: []facts{{Name: "darkroom", CPU: spread{Median: 1000}, Bytes: []float64{900e3, 300e3, 1e3}, Equal: []float64{1, 0, 1}}}}})
	if len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	b, p := all[0], fargate()
	for name, v := range map[string][2]float64{
		"CPU":                {b.CPU, 1e6 / 3600 * (p.VCPUHour + 2*p.GBHour)},
		"requests":           {b.Requests, 25 + 1.2},
		"3,000 GB":           {b.Traffic[0], 3000 * 0.085},
		"30,000 GB, 2 tiers": {b.Traffic[1], 10240*0.085 + (30000-10240)*0.08},
	} {
		if math.Abs(v[0]-v[1]) > 1e-6 {
			t.Errorf("%s: %v, want %v", name, v[0], v[1])
		}
	}
	if b.Equal != nil {
		t.Errorf("the bytes at the score are unknown, but cost %v", b.Equal)
	}
}

func TestBytesAt(t *testing.T) {
	files := []scored{{Bytes: 100, Pixels: 50}, {Bytes: 200, Pixels: 70}, {Bytes: 800, Pixels: 80}}
	for score, want := range map[float64]float64{50: 100, 60: 141.4214, 70: 200, 75: 400, 80: 0, 49: 0, 81: 0} {
		if got := bytesAt(score, files); math.Abs(got-want) > 1e-3 {
			t.Errorf("at %v: %v, want %v", score, got, want)
		}
	}
}

// TestTablesOfOneKind checks that a program that was not needed is not named.
func TestTablesOfOneKind(t *testing.T) {
	r := report{Versions: versions{Worker: "worker v1", Vips: "libvips 8.1"}}
	r.add([]*samples{sampled("h.heic", photoset.HEIC, 1000)}, bench{targets: side.Targets, rounds: 2, repeat: 6, score: 75})
	var b bytes.Buffer
	if err := r.writeTables(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Contains(text, "sharp") || strings.Count(text, "\nSIDE ") != 3 {
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
	for _, field := range []string{`"width": 40`, `"darkroomTo"`, `"vipsthumbnail": "libvips 8.1"`, `"cpuMilliseconds"`, `"peakBytes"`, `"psnr"`, `"reference"`, `"equalBytes"`, `"traffic"`} {
		if !strings.Contains(b.String(), field) {
			t.Errorf("no %s in %s", field, b.String())
		}
	}
}
