package engine

import (
	"errors"
	"strings"
	"testing"

	"darkroom/worker/photo"
)

func TestSniffNamesWhatItIsNot(t *testing.T) {
	e := engine(t, Config{})
	for file, want := range map[string]string{
		"":                             "empty",
		"Dear holiday,\nwish you were": "text",
		"ends within a letter \xc3":    "text",
		"\x00\x00\x00\x18ftypisom....": "MP4",
		"II*\x00\x08\x00\x00\x00":      "TIFF",
		"MM\x00*\x00\x00\x00\x08":      "TIFF",
		"BM6\x00\x00\x00":              "BMP",
		"%PDF-1.7\n":                   "PDF",
		"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>": "SVG",
		"<!DOCTYPE html><title>x</title>":                                      "web page",
		"RIFF\x00\x00\x00\x00WAVEfmt ":                                         "not a picture of a known type",
		"\x00\x01\x02":                                                         "not a picture of a known type",
		"\xff\xd8":                                                             "not a picture of a known type",
	} {
		_, err := e.Inspect([]byte(file))
		wantReason(t, err, photo.ReasonUnsupported)
		var r *Rejection
		if errors.As(err, &r) && !strings.Contains(r.Detail(), want) {
			t.Errorf("%.20q: %q, want a word of %q", file, r.Detail(), want)
		}
	}
}
