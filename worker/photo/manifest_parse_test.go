package photo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// document is the JSON of a manifest, for tests that change it in ways that the type does not allow.
func document(t *testing.T, m *Manifest, changes map[string]any) []byte {
	t.Helper()
	text, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for name, value := range changes {
		fields[name] = value
	}
	if text, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestParseManifestRefuses(t *testing.T) {
	m := testManifest()
	const next = ManifestVersion + 1
	changed := func(changes map[string]any) []byte { return document(t, m, changes) }
	for _, tc := range []struct {
		name  string
		text  []byte
		newer bool
		want  string
	}{
		{"empty", nil, false, "it is empty"},
		{"half a document", changed(nil)[:40], false, "not JSON: byte 40"},
		{"not JSON", []byte("<html>"), false, "not JSON: byte 1"},
		{"two documents", append(changed(nil), "{}"...), false, "not JSON"},
		{"zero bytes", make([]byte, 100), false, "not JSON"},
		{"null", []byte("null"), false, "its version is 0"},
		{"a list", []byte("[]"), false, "it is a JSON array, not an object"},
		{"no version", changed(map[string]any{"version": nil}), false, "its version is 0"},
		{"version 0", changed(map[string]any{"version": 0}), false, "its version is 0"},
		{"negative version", changed(map[string]any{"version": -2}), false, "its version is -2"},
		{"version is text", changed(map[string]any{"version": "1"}), false, "field version has the wrong type"},
		{"other id", changed(map[string]any{"id": NewID()}), false, "another photo"},
		{"other board", changed(map[string]any{"board": "dogs"}), false, `another photo, "dogs/`},
		{"no id", changed(map[string]any{"id": nil}), false, "another photo"},
		{"state of a photo without a manifest", changed(map[string]any{"state": Processing}), false, `its state "processing" is unknown`},
		{"unknown state", changed(map[string]any{"state": "archived"}), false, `its state "archived" is unknown`},
		{"ready without variants", changed(map[string]any{"variants": nil}), false, "names no variant"},
		{"no state", changed(map[string]any{"state": nil}), false, `its state "" is unknown`},
		{"field of another type", changed(map[string]any{"variants": "none"}), false, "field variants has the wrong type"},
		{"number too large", changed(map[string]any{"source": map[string]any{"bytes": 1e30}}), false, "field source.bytes has the wrong type or size"},
		{"no time", changed(map[string]any{"created": "yesterday"}), false, "a wrong value"},
		{"too large", append(changed(nil), bytes.Repeat([]byte(" "), MaxManifestBytes)...), false, "larger than 1048576 bytes"},

		{"newer, unknown state", changed(map[string]any{"version": next, "state": "archived"}), true, `its state "archived" is unknown`},
		{"newer, other id", changed(map[string]any{"version": next, "id": NewID()}), true, "another photo"},
		{"newer, field of another type", changed(map[string]any{"version": next, "variants": "none"}), true, "field variants"},
		{"a version beyond any", changed(map[string]any{"version": 1e30}), true, "field version"},
		{"between versions", changed(map[string]any{"version": ManifestVersion + 0.5}), true, "field version"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ParseManifest(m.Ref(), tc.text)
			if !errors.Is(err, ErrManifest) || errors.Is(err, ErrNewerManifest) != tc.newer || got != nil {
				t.Fatalf("%+v, %v, want ErrManifest, newer %v", got, err, tc.newer)
			}
			if text := err.Error(); !strings.Contains(text, tc.want) || !strings.Contains(text, m.Ref().Key()) || strings.Contains(text, "photo.") {
				t.Errorf("%q, want the photo and %q, and no Go type", text, tc.want)
			}
		})
	}
}

// TestParseNewerManifest: what this release knows of a newer manifest is taken, whatever else it holds.
func TestParseNewerManifest(t *testing.T) {
	for _, state := range []State{Ready, Rejected, Removed} {
		m := testManifest()
		m.State = state
		text := document(t, m, map[string]any{"version": ManifestVersion + 1, "colours": []int{1, 2}, "renditions": map[string]any{"a": 1}})
		got, err := ParseManifest(m.Ref(), text)
		if err != nil || !got.Newer() {
			t.Fatalf("%s: %+v, %v", state, got, err)
		}
		m.Version++
		if diff := cmp.Diff(m, got); diff != "" {
			t.Errorf("%s: %s", state, diff)
		}
	}
	if testManifest().Newer() {
		t.Error("a manifest of this release is newer")
	}
}

func TestReadManifest(t *testing.T) {
	m := testManifest()
	text := document(t, m, nil)
	full := append(text, bytes.Repeat([]byte(" "), MaxManifestBytes-len(text))...)
	if got, err := ReadManifest(m.Ref(), bytes.NewReader(full)); err != nil || got.ID != m.ID {
		t.Errorf("of the maximum size: %+v, %v", got, err)
	}
	if _, err := ReadManifest(m.Ref(), bytes.NewReader(append(full, ' '))); !errors.Is(err, ErrManifest) {
		t.Errorf("one byte larger: %v, want ErrManifest", err)
	}
	if _, err := ReadManifest(m.Ref(), iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, ErrManifest) {
		t.Errorf("a failing reader: %v, want its error and no ErrManifest", err)
	}
}

func FuzzParseManifest(f *testing.F) {
	m := testManifest()
	text, err := m.MarshalIndented()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"version":2}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := ParseManifest(m.Ref(), b)
		if err == nil && (got.Ref() != m.Ref() || got.Version < 1) || err != nil && !errors.Is(err, ErrManifest) {
			t.Errorf("%q: %+v, %v", b, got, err)
		}
	})
}
