package format

import (
	"testing"

	"darkroom/worker/photo"
)

func TestSniff(t *testing.T) {
	for head, want := range map[string]photo.Format{
		"\xff\xd8\xff\xe0":             photo.JPEG,
		"\x89PNG\r\n\x1a\n":            photo.PNG,
		"GIF87a":                       photo.GIF,
		"GIF89a":                       photo.GIF,
		"RIFF\x00\x00\x00\x00WEBPVP8 ": photo.WebP,
		"\x00\x00\x00\x18ftypheic....": photo.HEIC,
		"\x00\x00\x00\x18ftypmif1....": photo.HEIC,
		"\x00\x00\x00\x18ftypavif....": photo.AVIF,
	} {
		if got, err := sniff([]byte(head)); got.Name != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", head, got.Name, err, want)
		}
	}
}
