package photo

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func pairs(n int) map[string]string {
	m := map[string]string{}
	for i := range n {
		m[fmt.Sprint("k", i)] = "v"
	}
	return m
}

func TestLabels(t *testing.T) {
	for name, c := range map[string]struct {
		labels Labels
		want   string // beginning of the error; empty: valid
	}{
		"none":               {Labels{}, ""},
		"plain":              {Labels{Name: "IMG_1.jpg", Metadata: map[string]string{"album": "summer 2026", "a.b_c-D9": ""}}, ""},
		"not Latin":          {Labels{Name: "写真 ❤️ 👩‍👩‍👧 עברית.jpg", Metadata: map[string]string{"a": "Grüße"}}, ""},
		"markup is text":     {Labels{Name: `"><script>alert(1)</script>&amp;/../%00.jpg`}, ""},
		"longest name":       {Labels{Name: strings.Repeat("n", MaxName)}, ""},
		"longer name":        {Labels{Name: strings.Repeat("ü", MaxName/2) + "nn"}, "name is 256 bytes long in UTF-8: want at most 255"},
		"newline":            {Labels{Name: "a\nb"}, "name has the control character U+000A"},
		"null":               {Labels{Name: "a\x00"}, "name has the control character U+0000"},
		"delete":             {Labels{Name: "a\x7f"}, "name has the control character U+007F"},
		"C1":                 {Labels{Name: "a\u009bb"}, "name has the control character U+009B"},
		"line separator":     {Labels{Name: "a\u2028b"}, "name has the control character U+2028"},
		"right-to-left":      {Labels{Name: "a\u202egpj.exe"}, "name has the control character U+202E"},
		"isolate":            {Labels{Metadata: map[string]string{"k": "\u2066"}}, "metadata.k has the control character U+2066"},
		"not UTF-8":          {Labels{Name: "a\xff"}, "name is not valid UTF-8"},
		"most pairs":         {Labels{Metadata: pairs(MaxPairs)}, ""},
		"more pairs":         {Labels{Metadata: pairs(MaxPairs + 1)}, "metadata has 21 pairs: want at most 20"},
		"empty key":          {Labels{Metadata: map[string]string{"": "v"}}, `metadata has the key "": want`},
		"key with a space":   {Labels{Metadata: map[string]string{"a b": "v"}}, `metadata has the key "a b": want`},
		"key of a header":    {Labels{Metadata: map[string]string{"a\r\nb": "v"}}, `metadata has the key "a\r\nb": want`},
		"long key":           {Labels{Metadata: map[string]string{strings.Repeat("k", 65): "v"}}, "metadata has the key"},
		"longest value":      {Labels{Metadata: map[string]string{"k": strings.Repeat("v", MaxPairValue)}}, ""},
		"longer value":       {Labels{Metadata: map[string]string{"k": strings.Repeat("v", MaxPairValue+1)}}, "metadata.k is 1025 bytes long in UTF-8: want at most 1024"},
		"value with control": {Labels{Metadata: map[string]string{"k": "\x1b[2J"}}, "metadata.k has the control character U+001B"},
	} {
		err := c.labels.Validate()
		if (c.want == "") != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		m := c.labels.UserMetadata("ann b/ü")
		for name, value := range m {
			if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("%s: %q is no value of a header", name, value)
			}
		}
		if owner, got := ParseUserMetadata(m); owner != "ann b/ü" || err == nil && !cmp.Equal(got, c.labels) || err != nil && got.Validate() != nil {
			t.Errorf("%s: read as %q %+v", name, owner, got)
		}
	}
}

// TestNameAlwaysFits: a client that sends a name and no metadata is never refused because of the other metadata of the
// photo.
func TestNameAlwaysFits(t *testing.T) {
	m := Labels{Name: strings.Repeat("猫", MaxName/3)}.UserMetadata(strings.Repeat("o", 1024)) // the longest that the API accepts
	m[MetaLimits] = Limits{MaxBytes: 5 << 30, MaxPixels: 1<<63 - 1, Formats: Readable}.String()
	m[MetaTraceparent] = strings.Repeat("t", 55)
	if n := UserMetadataBytes(m); n > MaxUserMetadata {
		t.Errorf("%d bytes, want at most %d", n, MaxUserMetadata)
	}
}

// TestManifestDropsLabels: labels that no worker of this release writes do not make a manifest unusable, and are left
// out.
func TestManifestDropsLabels(t *testing.T) {
	m := testManifest()
	m.Source.Labels = Labels{Name: "a\x00b", Metadata: map[string]string{"k": "v"}}
	b, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseManifest(m.Ref(), b)
	if want := (Labels{Metadata: map[string]string{"k": "v"}}); err != nil || !cmp.Equal(got.Source.Labels, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzParseUserMetadata: whatever a bucket holds, the labels keep to the limits, and are written back as they were
// read.
func FuzzParseUserMetadata(f *testing.F) {
	f.Add("ann", "a.jpg", "k=v")
	f.Add("%zz", "%00", "k=v&k=w&;&%zz")
	f.Add("", "%E2%80%AE", "=&a+b=c")
	f.Fuzz(func(t *testing.T, owner, name, metadata string) {
		who, l := ParseUserMetadata(map[string]string{MetaOwner: owner, MetaName: name, MetaMetadata: metadata})
		if err := l.Validate(); err != nil {
			t.Error(err)
		}
		m := l.UserMetadata(who)
		again, l2 := ParseUserMetadata(m)
		if again != who || !cmp.Equal(l, l2) {
			t.Errorf("%q %+v, and again %q %+v", who, l, again, l2)
		}
		if unescaped, err := url.PathUnescape(owner); err == nil && who != unescaped {
			t.Errorf("the owner %q is read as %q", owner, who)
		}
	})
}
