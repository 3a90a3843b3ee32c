package photo

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseBoard(t *testing.T) {
	for _, s := range []string{"a", "7", "holiday-2026", "a--b", strings.Repeat("a", 63)} {
		if b, err := ParseBoard(s); err != nil || string(b) != s {
			t.Errorf("ParseBoard(%q) = %q, %v", s, b, err)
		}
	}
	for _, s := range []string{"", "-a", "a-", "A", "a/b", "a b", "ä", "a.b", "..", strings.Repeat("a", 64), "a\n"} {
		if b, err := ParseBoard(s); !errors.Is(err, ErrName) {
			t.Errorf("ParseBoard(%q) = %q, %v, want ErrName", s, b, err)
		}
	}
}

func TestNewIDIsParsedAndFresh(t *testing.T) {
	seen := map[ID]bool{}
	for range 1000 {
		id := NewID()
		if got, err := ParseID(string(id)); err != nil || got != id {
			t.Fatalf("ParseID(NewID() = %q) = %q, %v", id, got, err)
		}
		if seen[id] {
			t.Fatalf("%q came twice", id)
		}
		seen[id] = true
	}
}

func TestKeys(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	ref, err := ParseKey("cats/" + id)
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		ref.Key():                            "cats/" + id,
		ref.Prefix():                         "0/cats/" + id + "/",
		ref.ManifestKey():                    "0/cats/" + id + "/manifest.json",
		ref.VariantKey("large", id+id, JPEG): "0/cats/" + id + "/large-0123456789abcdef.jpg",
		ref.VariantKey("thumb", id+id, PNG):  "0/cats/" + id + "/thumb-0123456789abcdef.png",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, key := range []string{"", "cats", "cats/", "/" + id, "cats/" + id + "/", "cats/" + id + "/manifest.json",
		"cats/" + strings.ToUpper(id), "cats/../" + id, "cats/" + id[1:], "cats//" + id} {
		if ref, err := ParseKey(key); !errors.Is(err, ErrName) {
			t.Errorf("ParseKey(%q) = %v, %v, want ErrName", key, ref, err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("cats/0123456789abcdef0123456789abcdef")
	f.Add("cats/../x")
	f.Fuzz(func(t *testing.T, key string) {
		if ref, err := ParseKey(key); err == nil && ref.Key() != key {
			t.Errorf("ParseKey(%q).Key() = %q", key, ref.Key())
		}
	})
}

func testManifest() *Manifest {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return &Manifest{Version: ManifestVersion, Board: "cats", ID: NewID(), State: Ready,
		Source:   Source{Bytes: 5, ETag: `"e"`, Modified: at, Owner: "ann"},
		Photo:    &Info{Format: JPEG, Width: 4, Height: 3},
		Variants: []Variant{{Name: "large", Key: "k", ContentType: "image/jpeg", Width: 4, Height: 3, Bytes: 9, SHA256: "00"}},
		Created:  at}
}

func TestTombstoneIsAManifest(t *testing.T) {
	ref, at := testManifest().Ref(), time.Date(2026, 11, 23, 13, 0, 0, 0, time.FixedZone("", 3600))
	b, err := Tombstone(ref, at).MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	if m, err := ParseManifest(ref, b); err != nil || m.State != Removed || !m.Created.Equal(at) || m.Source.SameVersion(testManifest().Source) {
		t.Errorf("%s: %v", b, err)
	}
}

func TestManifestRoundTrip(t *testing.T) {
	m := testManifest()
	b, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseManifest(m.Ref(), b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := got.MarshalIndented()
	if err != nil || string(again) != string(b) {
		t.Errorf("round trip gave\n%s, %v, want\n%s", again, err, b)
	}
}

func TestSourceSame(t *testing.T) {
	s := Source{Bytes: 1, ETag: `"a"`, VersionID: "v"}
	if !s.SameVersion(Source{Bytes: 1, ETag: `"a"`, VersionID: "v", Owner: "someone", Modified: time.Now()}) {
		t.Error("owner and time are no part of the version")
	}
	if unversioned := (Source{Bytes: 1, ETag: `"a"`}); !s.SameVersion(unversioned) || !unversioned.SameVersion(s) {
		t.Error("an unknown version counts as another")
	}
	for _, o := range []Source{{Bytes: 2, ETag: `"a"`, VersionID: "v"}, {Bytes: 1, ETag: `"b"`, VersionID: "v"}, {Bytes: 1, ETag: `"a"`, VersionID: "w"}} {
		if s.SameVersion(o) {
			t.Errorf("%+v is the same as %+v", s, o)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, f := range slices.Concat(Readable, Written) {
		if got, ok := FormatOf(f.ContentType()); !ok || got != f {
			t.Errorf("FormatOf(%q) = %q, %v", f.ContentType(), got, ok)
		}
		if got, ok := ReadableFormat(f.ContentType()); ok != slices.Contains(Readable, f) || ok && got != f {
			t.Errorf("ReadableFormat(%q) = %q, %v", f.ContentType(), got, ok)
		}
	}
	if f, ok := ReadableFormat("image/heif"); !ok || f != HEIC {
		t.Errorf("ReadableFormat(image/heif) = %q, %v", f, ok)
	}
	if f, ok := FormatOf("image/svg+xml"); ok {
		t.Errorf("FormatOf(image/svg+xml) = %q", f)
	}
}
