package engine

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/internal/c2pa/c2patest"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/heif"
	"darkroom/worker/photo"
)

// TestCredentialsAreFound reads content credentials from every container, and none from files that are damaged or only
// look as if they had some.
func TestCredentialsAreFound(t *testing.T) {
	jpeg := toJPEG(t, scene(60, 40), nil)
	jumbf := func(segments ...[]byte) []byte {
		var all []byte
		for _, s := range segments {
			all = append(all, segment(0xeb, s)...)
		}
		return insert(jpeg, 2, all)
	}
	store := c2patest.Store("Came\x1bra\u202e", strings.Repeat("9", 300))
	parts := c2patest.Segments(store, 7, 60)
	others := c2patest.Segments(c2patest.Superbox("mp7t", "other"), 1, 60)
	generator := "Came ra " + strings.Repeat("9", photo.MaxClaimGenerator-8)
	for name, c := range map[string]struct {
		file []byte
		want Words
	}{
		"in one segment":         {jumbf(c2patest.Segments(store, 7, 1<<15)...), Words{ContentCredentials: true, ClaimGenerator: generator}},
		"in several":             {jumbf(parts...), Words{ContentCredentials: true, ClaimGenerator: generator}},
		"after another box":      {jumbf(append(others, parts...)...), Words{ContentCredentials: true, ClaimGenerator: generator}},
		"between another's":      {jumbf(slices.Insert(slices.Clone(parts), 1, others...)...), Words{ContentCredentials: true, ClaimGenerator: generator}},
		"a segment is missing":   {jumbf(slices.Delete(slices.Clone(parts), 2, 3)...), Words{ContentCredentials: true}},
		"the first is missing":   {jumbf(parts[1:]...), Words{}},
		"another box alone":      {jumbf(others...), Words{}},
		"not JUMBF":              {jumbf([]byte("HDR_RI ver=11 and more")), Words{}},
		"too short":              {jumbf([]byte("JP")), Words{}},
		"in a text":              {insert(jpeg, 2, segment(0xfe, store)), Words{}},
		"PNG of something else":  {insert(toPNG(t, scene(60, 40)), 33, chunk("caBX", []byte("hello"))), Words{}},
		"WebP of something else": {riff("VP8X", vp8x(0, 60, 40), "VP8L", vp8l(scene(60, 40)), "C2PA", ""), Words{}},
	} {
		if got := rendering(t, smallEngine(t, 20), c.file).Words; got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestCredentialsOfTheReferenceImplementation reads what c2pa-rs wrote into every container (see testdata/credentials),
// and checks that no variant has any of it.
func TestCredentialsOfTheReferenceImplementation(t *testing.T) {
	race.Skip(t)
	if err := heif.Check(); err != nil {
		t.Skip(err)
	}
	paths, err := filepath.Glob("testdata/credentials/*.gz")
	if err != nil || len(paths) != len(photo.Readable) {
		t.Fatalf("%d files for %d formats, %v", len(paths), len(photo.Readable), err)
	}
	e := engine(t, keepEverything())
	for _, path := range paths {
		z, err := gzip.NewReader(bytes.NewReader(must(os.ReadFile(path))))
		if err != nil {
			t.Fatal(err)
		}
		r := rendering(t, e, must(io.ReadAll(z)))
		if want := (Words{ContentCredentials: true, ClaimGenerator: "Test of stores 1.2.3"}); r.Words != want {
			t.Errorf("%s: %+v, want %+v", path, r.Words, want)
		}
		for _, i := range r.Images {
			h, err := format.Inspect(i.Data, format.Limits{Pixels: 1 << 20})
			if err != nil || h.Credentials != nil || bytes.Contains(i.Data, []byte("jumb")) || bytes.Contains(i.Data, []byte("c2pa")) {
				t.Errorf("%s: the variant in %s has content credentials, %v", path, i.Format, err)
			}
		}
	}
}
