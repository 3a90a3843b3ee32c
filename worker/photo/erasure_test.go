package photo

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var erasureRef = Ref{Board: "cats", ID: "0123456789abcdef0123456789abcdef"}

// erased returns a version of the original.
func erased(version, etag, sha string, bytes int64) ErasedObject {
	return ErasedObject{Bucket: UploadsBucket, Key: erasureRef.Key(), VersionID: version, ETag: etag, SHA256: sha, Bytes: bytes}
}

func TestErasureAdd(t *testing.T) {
	variant := func(version, etag, sha string) ErasedObject {
		return ErasedObject{Bucket: VariantsBucket, Key: erasureRef.VariantKey("large", "0123456789abcdef", JPEG), VersionID: version, ETag: etag, SHA256: sha, Bytes: 9}
	}
	for name, tc := range map[string]struct {
		before, add, want []ErasedObject
		unchanged         bool
	}{
		"nothing":                         {unchanged: true},
		"the first":                       {add: []ErasedObject{erased("v1", "e", "", 5)}, want: []ErasedObject{erased("v1", "e", "", 5)}},
		"the same again":                  {before: []ErasedObject{erased("v1", "e", "ab", 5)}, add: []ErasedObject{erased("v1", "e", "", 5)}, want: []ErasedObject{erased("v1", "e", "ab", 5)}, unchanged: true},
		"another version":                 {before: []ErasedObject{erased("v2", "f", "", 5)}, add: []ErasedObject{erased("v1", "e", "", 5)}, want: []ErasedObject{erased("v1", "e", "", 5), erased("v2", "f", "", 5)}},
		"a variant that a manifest names": {before: []ErasedObject{variant("", "", "ab")}, add: []ErasedObject{variant("v1", "e", "")}, want: []ErasedObject{variant("v1", "e", "ab")}},
		"the same bytes in two versions": {before: []ErasedObject{variant("", "", "ab")}, add: []ErasedObject{variant("v1", "e", ""), variant("v2", "e", "")},
			want: []ErasedObject{variant("v1", "e", "ab"), variant("v2", "e", "ab")}},
		"other bytes keep their own digest": {before: []ErasedObject{erased("v1", "e", "ab", 5)}, add: []ErasedObject{erased("v2", "f", "", 5)},
			want: []ErasedObject{erased("v1", "e", "ab", 5), erased("v2", "f", "", 5)}},
		"originals before variants": {add: []ErasedObject{variant("v1", "e", ""), erased("v1", "e", "", 5)}, want: []ErasedObject{erased("v1", "e", "", 5), variant("v1", "e", "")}},
	} {
		t.Run(name, func(t *testing.T) {
			e := Erasure{Objects: tc.before}
			if changed := e.Add(tc.add...); changed == tc.unchanged {
				t.Errorf("changed: %v", changed)
			}
			if diff := cmp.Diff(tc.want, e.Objects); diff != "" {
				t.Error(diff)
			}
			if e.Add(tc.add...) {
				t.Error("a second time changes it again")
			}
		})
	}
}

// TestErasureIsBounded: a tombstone can always be stored and read, whatever a photo had.
func TestErasureIsBounded(t *testing.T) {
	m := Tombstone(erasureRef, time.Now())
	m.Erasure = new(Erasure)
	const n = 20_000
	objects := make([]ErasedObject, n)
	for i := range objects {
		// A key of many control characters takes six times its length in JSON.
		objects[i] = ErasedObject{Bucket: VariantsBucket, Key: erasureRef.Prefix() + strings.Repeat("\x01", i%900) + fmt.Sprint(i), VersionID: "v", ETag: `"e"`}
	}
	m.Erasure.Add(objects...)
	if got := len(m.Erasure.Objects) + m.Erasure.Omitted; got != n || m.Erasure.Omitted == 0 || len(m.Erasure.Objects) < 150 {
		t.Errorf("%d objects and %d omitted, want %d in all", len(m.Erasure.Objects), m.Erasure.Omitted, n)
	}
	text, err := m.MarshalIndented()
	if err != nil || len(text) > MaxErasureBytes+1<<10 {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	got, err := ParseManifest(erasureRef, text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseErasure(t *testing.T) {
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	m := Tombstone(erasureRef, at)
	m.Erasure = &Erasure{ListedAt: at, ErasedAt: at, Purge: &Purge{RequestedAt: at, PurgedAt: at}}
	own := erased("v1", `"e"`, "", 5)
	m.Erasure.Objects = []ErasedObject{own,
		{Bucket: UploadsBucket, Key: "cats/ffffffffffffffffffffffffffffffff"}, {Bucket: "secrets", Key: erasureRef.Key()},
		{Bucket: VariantsBucket, Key: erasureRef.Key()}, erased("v2", `"e"`, "", -1)}
	m.Erasure.Omitted = -1
	text := document(t, m, nil)
	got, err := ParseManifest(erasureRef, text)
	if err != nil {
		t.Fatal(err)
	}
	m.Erasure.Objects, m.Erasure.Omitted = []ErasedObject{own}, 0
	if diff := cmp.Diff(m, got); diff != "" {
		t.Error(diff)
	}
	ready := testManifest()
	text = document(t, ready, map[string]any{"erasure": map[string]any{"erasedAt": at}})
	if got, err := ParseManifest(ready.Ref(), text); err != nil || got.Erasure != nil {
		t.Errorf("a photo that is ready: %+v, %v", got, err)
	}
}

func TestErased(t *testing.T) {
	at := time.Now()
	for name, tc := range map[string]struct {
		erasure         *Erasure
		erased, pending bool
	}{
		"no record":       {},
		"not yet":         {erasure: &Erasure{ListedAt: at}},
		"no CDN":          {erasure: &Erasure{ListedAt: at, ErasedAt: at}, erased: true},
		"purge requested": {erasure: &Erasure{ErasedAt: at, Purge: &Purge{RequestedAt: at}}, erased: true, pending: true},
		"purged":          {erasure: &Erasure{ErasedAt: at, Purge: &Purge{RequestedAt: at, PurgedAt: at}}, erased: true},
		"erasing again":   {erasure: &Erasure{Purge: &Purge{RequestedAt: at}}},
	} {
		m := Tombstone(erasureRef, at)
		m.Erasure = tc.erasure
		if m.Erased() != tc.erased || m.PurgePending() != tc.pending {
			t.Errorf("%s: erased %v, purge pending %v", name, m.Erased(), m.PurgePending())
		}
	}
	ready := testManifest()
	ready.Erasure = &Erasure{ErasedAt: at}
	if ready.Erased() {
		t.Error("a photo that is ready counts as erased")
	}
}

// TestTombstoneNamesNoPerson: whatever a manifest says about people, none of it reaches the record.
func TestTombstoneNamesNoPerson(t *testing.T) {
	m := testManifest()
	m.Source.SHA256 = "abcd"
	m.Source.Labels = Labels{Name: "Ann's birthday.jpg"}
	m.Source.Owner = "ann@example.com"
	m.Variants[0].Key = m.Ref().VariantKey("large", "0123456789abcdef", JPEG)
	m.Photo.Credit = Credit{Creator: "Ann"}
	tomb := Tombstone(m.Ref(), m.Created)
	tomb.Erasure = new(Erasure)
	tomb.Erasure.Add(m.NamedObjects()...)
	text, err := json.Marshal(tomb)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(string(text)), "ann") {
		t.Errorf("%s", text)
	}
	if n := len(tomb.Erasure.Objects); n != 2 {
		t.Errorf("%d objects, want the original and the variant", n)
	}
	m.Variants[0].Key = "another/key"
	if n := len(m.NamedObjects()); n != 1 {
		t.Errorf("%d objects with a key that is not the photo's", n)
	}
}
