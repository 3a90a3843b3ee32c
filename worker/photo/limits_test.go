package photo

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLimitsRoundTrip(t *testing.T) {
	for text, l := range map[string]Limits{
		"": {},
		"bytes=1048576&format=jpeg&format=png&pixels=24000000": {MaxBytes: 1 << 20, MaxPixels: 24_000_000, Formats: []Format{JPEG, PNG}},
		"pixels=1": {MaxPixels: 1},
	} {
		if got := l.String(); got != text {
			t.Errorf("%+v is %q, want %q", l, got, text)
		}
		got, err := ParseLimits(text)
		if diff := cmp.Diff(l, got); err != nil || diff != "" {
			t.Errorf("%q: %v, %s", text, err, diff)
		}
	}
	if got, err := ParseLimits("pixels=5&colours=2"); err != nil || got.MaxPixels != 5 {
		t.Errorf("with a name of a later release: %+v, %v", got, err)
	}
	for _, text := range []string{"bytes=", "bytes=0", "pixels=-4", "pixels=1e6", "bytes=99999999999999999999", "%zz", "a;b"} {
		if l, err := ParseLimits(text); err == nil {
			t.Errorf("%q: %+v, want an error", text, l)
		}
	}
}

func TestTakes(t *testing.T) {
	if l := (Limits{}); !l.Takes(HEIC) {
		t.Error("no limit takes no HEIC")
	}
	if l := (Limits{Formats: []Format{JPEG, PNG}}); !l.Takes(PNG) || l.Takes(HEIC) {
		t.Error("JPEG and PNG: want PNG and no HEIC")
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
