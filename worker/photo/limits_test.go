package photo

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimitsRoundTrip(t *testing.T) {
	for text, l := range map[string]Limits{
		"bytes=1048576&format=jpeg&format=png&pixels=24000000": {MaxBytes: 1 << 20, MaxPixels: 24_000_000, Formats: []Format{JPEG, PNG}},
		"bytes=1&format=heic&pixels=9223372036854775807":       {MaxBytes: 1, MaxPixels: math.MaxInt64, Formats: []Format{HEIC}},
	} {
		if got := l.String(); got != text {
			t.Errorf("%+v is %q, want %q", l, got, text)
		}
		got, err := ParseLimits(text)
		if diff := cmp.Diff(l, got); err != nil || diff != "" {
			t.Errorf("%q: %v, %s", text, err, diff)
		}
	}
	if got := (Limits{}).String(); got != "" {
		t.Errorf("no limits are %q", got)
	}
}

// TestUnreadableLimits: limits that are not exactly what the API writes are an error. The limits that can be read are
// returned with it.
func TestUnreadableLimits(t *testing.T) {
	jpeg := []Format{JPEG}
	for text, want := range map[string]Limits{
		"":                                                        {},
		"bytes":                                                   {},
		"v=2":                                                     {},
		"bytes=5&format=jpeg":                                     {MaxBytes: 5, Formats: jpeg},
		"bytes=5&pixels=6":                                        {MaxBytes: 5, MaxPixels: 6},
		"format=jpeg&pixels=6":                                    {MaxPixels: 6, Formats: jpeg},
		"bytes=5&format=jpeg&pixels=6&v=2":                        {5, 6, jpeg},
		"bytes=5&format=jpeg&pixels=6&colours=2":                  {5, 6, jpeg},
		"bytes=5&format=jpeg&pixels=6&bytes=9":                    {5, 6, jpeg},
		"bytes=9&format=jpeg&pixels=6&bytes=5":                    {5, 6, jpeg},
		"bytes=9&format=jpeg&pixels=6&pixels=x":                   {9, 6, jpeg},
		"bytes=5&format=jpeg&format=jpeg&pixels=6":                {5, 6, jpeg},
		"bytes=5&format=jpeg&format=tiff&pixels=6":                {5, 6, jpeg},
		"bytes=5&format=tiff&pixels=6":                            {5, 6, []Format{}},
		"bytes=5&format=&pixels=6":                                {5, 6, []Format{}},
		"bytes=&format=jpeg&pixels=6":                             {0, 6, jpeg},
		"bytes=0&format=jpeg&pixels=6":                            {0, 6, jpeg},
		"bytes=5&format=jpeg&pixels=-4":                           {5, 0, jpeg},
		"bytes=5&format=jpeg&pixels=1e6":                          {5, 0, jpeg},
		"bytes=99999999999999999999&format=jpeg&pixels=6":         {0, 6, jpeg},
		"bytes=5&format=jpeg&pixels=6&%zz":                        {5, 6, jpeg},
		"bytes=5;a&format=jpeg&pixels=6":                          {0, 6, jpeg},
		"bytes=5&format=jpeg&pixels=6,bytes=5&format=png&pixels=": {5, 0, []Format{JPEG, PNG}},
	} {
		got, err := ParseLimits(text)
		if diff := cmp.Diff(want, got); err == nil || diff != "" {
			t.Errorf("%q: %v, %s", text, err, diff)
		}
	}
}

func TestStricter(t *testing.T) {
	for _, c := range []struct{ a, b, want Limits }{
		{Limits{}, Limits{}, Limits{}},
		{Limits{}, Limits{5, 6, []Format{JPEG}}, Limits{5, 6, []Format{JPEG}}},
		{Limits{5, 9, []Format{JPEG, PNG}}, Limits{7, 6, []Format{PNG, HEIC}}, Limits{5, 6, []Format{PNG}}},
		{Limits{5, 0, []Format{JPEG}}, Limits{0, 6, []Format{PNG}}, Limits{5, 6, []Format{}}},
		{Limits{Formats: []Format{}}, Limits{Formats: []Format{PNG}}, Limits{Formats: []Format{}}},
		{Limits{Formats: []Format{}}, Limits{}, Limits{Formats: []Format{}}},
	} {
		for _, got := range []Limits{c.a.Stricter(c.b), c.b.Stricter(c.a)} {
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%+v and %+v: %s", c.a, c.b, diff)
			}
		}
	}
}

func TestBoardLimits(t *testing.T) {
	boards, err := ParseBoardLimits(`{"cats": {"contentTypes": ["image/heif", "image/heic"], "maxBytes": 5, "maxPixels": 6}, "dogs": {}}`)
	if err != nil {
		t.Fatal(err)
	}
	for board, want := range map[Board]Limits{"cats": {5, 6, []Format{HEIC}}, "dogs": {}} {
		got, err := boards[board].Limits()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, %s", board, err, diff)
		}
	}
	for _, b := range []BoardLimits{{MaxBytes: -1}, {MaxPixels: -1}, {ContentTypes: []string{"image/tiff"}}} {
		if l, err := b.Limits(); err == nil {
			t.Errorf("%+v: %+v, want an error", b, l)
		}
	}
	for _, text := range []string{"", "[]", `{"cats": {"maxbites": 5}}`, `{"cats": {"maxBytes": "5"}}`, `{} {}`, `{"cats": 5}`, `{"CATS": {}}`,
		`{"cats": {"maxBytes": 5}, "cats": {}}`, `{"cats": {"maxBytes": 5, "maxBytes": 6}}`, `{"cats": {"maxBytes": 5, "maxbytes": 6}}`} {
		if got, err := ParseBoardLimits(text); err == nil {
			t.Errorf("%s: %v, want an error", text, got)
		}
	}
}

func TestAccepts(t *testing.T) {
	if l := (Limits{}); !l.Accepts(HEIC) {
		t.Error("no limit takes no HEIC")
	}
	if l := (Limits{Formats: []Format{JPEG, PNG}}); !l.Accepts(PNG) || l.Accepts(HEIC) {
		t.Error("JPEG and PNG: want PNG and no HEIC")
	}
	if l := (Limits{Formats: []Format{}}); l.Accepts(JPEG) {
		t.Error("no format: takes JPEG")
	}
}

func FuzzParseLimits(f *testing.F) {
	f.Add("bytes=1048576&format=jpeg&format=png&pixels=24000000")
	f.Add("pixels=%31")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLimits(s)
		if err != nil {
			return
		}
		again, err := ParseLimits(l.String())
		if diff := cmp.Diff(l, again); err != nil || diff != "" {
			t.Errorf("%q, then %q: %v, %s", s, l.String(), err, diff)
		}
	})
}
