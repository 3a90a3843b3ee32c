package format

import (
	"slices"
	"testing"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// TestTable compares the table with the lists in package photo, which the token Lambda reads without the codecs.
func TestTable(t *testing.T) {
	var readable, written []photo.Format
	for _, f := range table {
		if f.Readable() {
			readable = append(readable, f.Name)
		}
		if f.Written() {
			written = append(written, f.Name)
		}
		if reads := f.sniff != nil && f.inspect != nil && f.decodeMemory != nil; reads != f.Readable() {
			t.Errorf("%s: some functions to read it are missing", f.Name)
		}
		if writes := f.encodeMemory != nil; writes != f.Written() {
			t.Errorf("%s: encode and encodeMemory go together", f.Name)
		}
		if got := Lookup(f.Name); got.Name != f.Name {
			t.Errorf("Lookup(%q) returns %q", f.Name, got.Name)
		}
	}
	if !slices.Equal(readable, photo.Readable) {
		t.Errorf("the table reads %q, package photo lists %q", readable, photo.Readable)
	}
	if !slices.Equal(written, photo.Written) {
		t.Errorf("the table writes %q, package photo lists %q", written, photo.Written)
	}
}

// TestUnknownFormat looks up a format without a row.
func TestUnknownFormat(t *testing.T) {
	f := Lookup("tiff")
	if f.Readable() || f.Written() {
		t.Errorf("%+v, want a zero row", f)
	}
	if _, err := Decode(t.Context(), nil, Header{Format: "tiff"}, Target{}); err == nil {
		t.Error("Decode: no error")
	}
	gif := Lookup(photo.GIF)
	if _, err := gif.Encode(t.Context(), raster.Picture{}, Options{}); err == nil {
		t.Error("Encode of a format that is only read: no error")
	}
}
