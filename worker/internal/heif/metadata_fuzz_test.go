package heif

import (
	"bytes"
	"slices"
	"testing"

	"darkroom/worker/internal/c2pa/c2patest"
)

// FuzzMetadata reads and adds metadata. It checks for panics, that the limits hold, and that metadata added to a
// readable file can be read back.
func FuzzMetadata(f *testing.F) {
	file := seed(f, "quadrants.heic")
	described, err := AddMetadata(file, []byte("MM\x00*exif"), []byte("<xmp/>"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(slices.Concat(described, box("uuid", []byte(credentialsUUID), c2patest.UUIDBox(c2patest.Store("Camera", "1")))))
	f.Add(seed(f, "alpha.heic"))
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := ReadHeader(data)
		if len(before.EXIF) > maxMetadata || len(before.XMP) > maxMetadata || len(before.Credentials) > len(data) {
			t.Fatalf("%d bytes of EXIF, %d of XMP, %d of credentials", len(before.EXIF), len(before.XMP), len(before.Credentials))
		}
		out, fault := AddMetadata(data, []byte("MM\x00*more"), nil)
		if err != nil || fault != nil || bytes.Contains(data, []byte("Exif")) { // a damaged item may come first
			return
		}
		after, err := ReadHeader(out)
		if err == nil && after.Width == before.Width && !bytes.Equal(after.EXIF, []byte("MM\x00*more")) {
			t.Fatalf("EXIF %q", after.EXIF)
		}
	})
}
