package engine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// boxSpec returns the Spec of a box with no other field set.
func boxSpec(name string, w, h int, fit Fit, quality int) Spec {
	return Spec{Name: name, Width: w, Height: h, Fit: fit, Quality: quality}
}

func TestParseSpecs(t *testing.T) {
	got, err := ParseSpecs([]byte(`[{"name":"big","width":8192,"height":1,"fit":"inside"},
		{"name":"a-1","width":10,"height":20,"fit":"fill","quality":1}]`))
	want := []Spec{boxSpec("big", 8192, 1, Inside, DefaultQuality), boxSpec("a-1", 10, 20, Fill, 1)}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}

	got, err = ParseSpecs([]byte(`[{"name":"all","width":9,"fit":"inside","upscale":true,"sharpen":50,"light":"gamma","background":"#A0b0c0",
		"formats":["original","webp"],"quality":70,"lossless":true,"progressive":true,"chroma":"4:4:4","hdr":"keep"},
		{"name":"moves","width":9,"fit":"inside","formats":["gif","webp"],"animate":true,"progressive":true},
		{"name":"crop","width":9,"height":8,"fit":"fill","anchor":"smart"}]`))
	want = []Spec{{Name: "all", Width: 9, Fit: Inside, Upscale: true, Sharpen: 50, Light: GammaLight, Background: "#A0b0c0",
		Formats: []Output{Original, WebP}, Quality: 70, Lossless: true, Progressive: new(true), Chroma: Chroma444, HDR: KeepHDR},
		{Name: "moves", Width: 9, Fit: Inside, Formats: []Output{animatedOnly, WebP}, Quality: DefaultQuality, Animate: true, Progressive: new(true)},
		{Name: "crop", Width: 9, Height: 8, Fit: Fill, Anchor: Smart, Quality: DefaultQuality}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}

	text, err := json.Marshal(DefaultSpecs())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseSpecs(text); err != nil || !reflect.DeepEqual(got, DefaultSpecs()) {
		t.Errorf("the defaults came back as %v, %v", got, err)
	}
}

func TestParseSpecsRefuses(t *testing.T) {
	spec := func(fields string) string { // the fields, and a valid value of each required one that they lack
		required := ""
		for _, field := range []string{`"name":"a"`, `"width":1`, `"height":1`, `"fit":"fill"`} {
			if name, _, _ := strings.Cut(field, ":"); !strings.Contains(fields, name) {
				required += "," + field
			}
		}
		return "{" + strings.TrimPrefix(required+fields, ",") + "}"
	}
	many := strings.Repeat(spec("")+",", MaxSpecs+1)
	for text, want := range map[string]string{
		``:   "specs: want a JSON array",
		`{}`: "specs: want a JSON array",
		`[]`: "specs: want 1 to 16",
		`[` + strings.TrimSuffix(many, ",") + `]`:                     "specs: want 1 to 16",
		`[` + spec("") + `] x`:                                        "specs: want a JSON array",
		`[3]`:                                                         "specs[0]: want a JSON object, not a number",
		`[` + spec(`,"colour":1`) + `]`:                               `specs[0]: unknown field "colour"`,
		`[` + spec(`,"quality":0`) + `]`:                              "specs[0].quality: 0",
		`[` + spec(`,"quality":101`) + `]`:                            "specs[0].quality: 101",
		`[` + spec(`,"quality":"x"`) + `]`:                            "specs[0].quality: want a whole number, not a JSON string",
		`[` + spec(`,"fit":7`) + `]`:                                  "specs[0].fit: want a string, not a JSON number",
		`[` + spec(`,"fit":"cover"`) + `]`:                            `specs[0].fit: "cover"`,
		`[` + spec(`,"width":0`) + `]`:                                "specs[0].width: 0",
		`[` + spec(`,"width":1.5`) + `]`:                              "specs[0].width: want a whole number",
		`[` + spec(`,"height":8193`) + `]`:                            "specs[0].height: 8193",
		`[` + spec(`,"name":"A"`) + `]`:                               `specs[0].name: "A"`,
		`[` + spec(`,"name":""`) + `]`:                                `specs[0].name: ""`,
		`[` + spec(`,"name":"../x"`) + `]`:                            `specs[0].name: "../x"`,
		`[` + spec(`,"name":"manifest"`) + `]`:                        "specs[0].name: \"manifest\"",
		`[` + spec("") + `,` + spec("") + `]`:                         `specs[1].name: "a" is the name of specs[0]`,
		`[` + spec("") + `,` + spec(`,"name":"b","width":-1`) + `]`:   "specs[1].width: -1",
		`[` + spec(`,"anchor":"middle"`) + `]`:                        `specs[0].anchor: "middle": want one of "centre", "top"`,
		`[` + spec(`,"anchor":"top","fit":"inside"`) + `]`:            `specs[0].anchor: "top": only "fill" crops`,
		`[` + spec(`,"height":0`) + `]`:                               "specs[0].height: 0",
		`[{"name":"a","fit":"inside"}]`:                               "specs[0].width: want a width, a height or both",
		`[` + spec(`,"upscale":"yes"`) + `]`:                          "specs[0].upscale: want true or false, not a JSON string",
		`[` + spec(`,"light":"srgb"`) + `]`:                           `specs[0].light: "srgb": want "linear" or "gamma"`,
		`[` + spec(`,"sharpen":201`) + `]`:                            "specs[0].sharpen: 201: want 0 to 200 percent",
		`[` + spec(`,"background":"white"`) + `]`:                     `specs[0].background: "white": want a colour as #rrggbb`,
		`[` + spec(`,"formats":"jpeg"`) + `]`:                         "specs[0].formats: want a list of formats, not a JSON string",
		`[` + spec(`,"formats":["jpeg","bmp"]`) + `]`:                 `specs[0].formats[1]: "bmp": want one of "auto", "original", "jpeg"`,
		`[` + spec(`,"formats":["jpeg","gif"]`) + `]`:                 `specs[0].formats[1]: "gif": only animations are written as GIF: set "animate" to true`,
		`[` + spec(`,"animate":true`) + `]`:                           `specs[0].animate: there is no "webp", "gif" or "original" among the formats`,
		`[` + spec(`,"animate":true,"formats":["jpeg","avif"]`) + `]`: `specs[0].animate: there is no "webp"`,
		`[` + spec(`,"animate":"yes"`) + `]`:                          `specs[0].animate: want true or false, not a JSON string`,
		`[` + spec(`,"formats":["jpeg","jpeg"]`) + `]`:                `specs[0].formats[1]: "jpeg" is in the list already`,
		`[` + spec(`,"lossless":true`) + `]`:                          `specs[0].lossless: there is no "webp"`,
		`[` + spec(`,"progressive":true,"formats":["webp"]`) + `]`:    `specs[0].progressive: there is no "jpeg"`,
		`[` + spec(`,"chroma":"4:4:4","formats":["png"]`) + `]`:       `specs[0].chroma: there is no "jpeg"`,
		`[` + spec(`,"hdr":"keep","formats":["png","webp"]`) + `]`:    `specs[0].hdr: there is no "jpeg" among the formats`,
		`[` + spec(`,"hdr":true`) + `]`:                               "specs[0].hdr: want a string, not a JSON bool",
		`[` + spec(`,"hdr":"yes"`) + `]`:                              `specs[0].hdr: "yes": want "keep" or "drop"`,
		`[` + spec(`,"chroma":"4:1:1"`) + `]`:                         `specs[0].chroma: "4:1:1"`,
	} {
		if _, err := ParseSpecs([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for want, c := range map[string]Config{
		"max bytes: -1":  {MaxBytes: -1},
		"max pixels: -1": {MaxPixels: -1},
		fmt.Sprintf("max pixels: %d", MaxPixels+1): {MaxPixels: MaxPixels + 1},
		"specs: want":    {Specs: []Spec{}},
		"specs[0].width": {Specs: []Spec{{Name: "a", Height: 1, Fit: Fill, Quality: 1}}},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if _, err := New(c); err == nil {
			t.Errorf("New accepts what Validate rejects: %s", want)
		}
	}
}

func FuzzParseSpecs(f *testing.F) {
	f.Add([]byte(`[{"name":"a","width":1,"height":1,"fit":"fill","quality":5}]`))
	f.Add([]byte(`[{"name":"a"},null,3]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		specs, err := ParseSpecs(text)
		if err != nil {
			return
		}
		if _, err := New(Config{Specs: specs}); err != nil {
			t.Errorf("ParseSpecs took %q, New says %v", text, err)
		}
	})
}
