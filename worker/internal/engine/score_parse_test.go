package engine

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestEffortOfScore checks that a photo with a Score gets more time.
func TestEffortOfScore(t *testing.T) {
	h := func(s Spec) float64 {
		e := engine(t, Config{Specs: []Spec{s}, MaxPixels: 1 << 26})
		return e.Effort(must(e.Inspect(toJPEG(t, scene(400, 300), nil))))
	}
	if fixed, scored := h(boxSpec("v", 400, 400, Inside, 80)), h(scoredSpec("v", 400, 75, JPEG)); !(scored >= fixed) {
		t.Errorf("effort %v with a score, %v without", scored, fixed)
	}
}

// TestParseScore checks that scores are rejected that are out of range, next to a quality, or useless.
func TestParseScore(t *testing.T) {
	for fields, want := range map[string]string{
		`"score":0`:                                     "specs[0].score: 0: want 30 to 95",
		`"score":0,"quality":80`:                        "specs[0].score: 0: want 30 to 95",
		`"score":29`:                                    "specs[0].score: 29: want 30 to 95",
		`"score":75,"score":80`:                         `specs[0]: "score" comes twice: want each entry once`,
		`"score":96`:                                    "specs[0].score: 96: want 30 to 95",
		`"score":75,"quality":80`:                       "specs[0].score: 75: the spec has a quality already",
		`"score":75,"quality":0`:                        "specs[0].quality: 0",
		`"score":75,"formats":["png"]`:                  `specs[0].score: there is no "jpeg", "webp", "avif" among the formats`,
		`"score":75,"formats":["webp"],"lossless":true`: `specs[0].score: there is no "jpeg", "avif" among the formats`,
	} {
		_, err := ParseSpecs([]byte(`[{"name":"a","width":1,"fit":"inside",` + fields + `}]`))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", fields, err, want)
		}
	}
	specs, err := ParseSpecs([]byte(`[{"name":"a","width":1,"fit":"inside","score":75}]`))
	if err != nil || specs[0].Score != 75 || specs[0].Quality != 0 {
		t.Fatalf("%+v, %v", specs, err)
	}
	text, err := json.Marshal(specs)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseSpecs(text); err != nil || !reflect.DeepEqual(again, specs) {
		t.Errorf("%s came back as %+v, %v", text, again, err)
	}
}
