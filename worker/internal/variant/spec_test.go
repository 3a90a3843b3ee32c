package variant

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestParseSpecs(t *testing.T) {
	got, err := ParseSpecs([]byte(`[{"name":"big","width":8192,"height":1,"fit":"inside"},
		{"name":"a-1","width":10,"height":20,"fit":"fill","quality":1}]`))
	want := []Spec{{"big", 8192, 1, Inside, DefaultQuality}, {"a-1", 10, 20, Fill, 1}}
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
	spec := func(fields string) string { return `{"name":"a","width":1,"height":1,"fit":"fill"` + fields + `}` }
	many := strings.Repeat(spec("")+",", MaxSpecs+1)
	for text, want := range map[string]string{
		``:   "specs: want a JSON array",
		`{}`: "specs: want a JSON array",
		`[]`: "specs: want 1 to 16",
		`[` + strings.TrimSuffix(many, ",") + `]`:                   "specs: want 1 to 16",
		`[` + spec("") + `] x`:                                      "specs: want a JSON array",
		`[3]`:                                                       "specs[0]: want a JSON object, not a number",
		`[` + spec(`,"colour":1`) + `]`:                             `specs[0]: unknown field "colour"`,
		`[` + spec(`,"quality":0`) + `]`:                            "specs[0].quality: 0",
		`[` + spec(`,"quality":101`) + `]`:                          "specs[0].quality: 101",
		`[` + spec(`,"quality":"x"`) + `]`:                          "specs[0].quality: want a whole number, not a JSON string",
		`[` + spec(`,"fit":7`) + `]`:                                "specs[0].fit: want a string, not a JSON number",
		`[` + spec(`,"fit":"cover"`) + `]`:                          `specs[0].fit: "cover"`,
		`[` + spec(`,"width":0`) + `]`:                              "specs[0].width: 0",
		`[` + spec(`,"width":1.5`) + `]`:                            "specs[0].width: want a whole number",
		`[` + spec(`,"height":8193`) + `]`:                          "specs[0].height: 8193",
		`[` + spec(`,"name":"A"`) + `]`:                             `specs[0].name: "A"`,
		`[` + spec(`,"name":""`) + `]`:                              `specs[0].name: ""`,
		`[` + spec(`,"name":"../x"`) + `]`:                          `specs[0].name: "../x"`,
		`[` + spec(`,"name":"manifest"`) + `]`:                      "specs[0].name: \"manifest\"",
		`[` + spec("") + `,` + spec("") + `]`:                       `specs[1].name: "a" is the name of specs[0]`,
		`[` + spec("") + `,` + spec(`,"name":"b","width":-1`) + `]`: "specs[1].width: -1",
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
		fmt.Sprintf("max pixels: %d", mostPixels+1): {MaxPixels: mostPixels + 1},
		"specs: want":    {Specs: []Spec{}},
		"specs[0].width": {Specs: []Spec{{Name: "a", Height: 1, Fit: Fill, Quality: 1}}},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if _, err := New(c); err == nil {
			t.Errorf("New took what Validate refuses: %s", want)
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
