package gifscan

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestApplicationExtensions(t *testing.T) {
	trailer := []byte{1}
	for i := range 256 {
		trailer = append(trailer, byte(255-i))
	}
	xmp := func(packet string) []byte {
		return slices.Concat([]byte("\x21\xff\x0bXMP DataXMP"+packet), trailer, []byte{0})
	}
	credentials := []byte("\x21\xff\x0bC2PA_GIF\x01\x00\x00\x03abc\x02de\x00")
	header := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff")
	picture := []byte("\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00")
	loop := []byte("\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")
	packet := "<x>" + strings.Repeat("packet", 100) + "</x>"
	for name, c := range map[string]struct {
		extension   []byte
		xmp         string
		credentials string
	}{
		"XMP":                   {xmp(packet), packet, ""},
		"empty XMP":             {xmp(""), "", ""},
		"XMP twice":             {slices.Concat(xmp("<a/>"), xmp("<b/>")), "<a/>", ""},
		"XMP without a trailer": {[]byte("\x21\xff\x0bXMP DataXMP\x04<a/>\x00"), "", ""},
		"credentials":           {credentials, "", "abc|de"},
		"both":                  {slices.Concat(credentials, loop, xmp(packet)), packet, "abc|de"},
		"something else":        {loop, "", ""},
		"a comment like XMP":    {bytes.Replace(xmp(packet), []byte("\x21\xff"), []byte("\x21\xfe"), 1), "", ""},
		"empty credentials":     {[]byte("\x21\xff\x0bC2PA_GIF\x01\x00\x00\x00"), "", ""},
	} {
		for place, file := range map[string][]byte{"before": slices.Concat(header, c.extension, picture, []byte{0x3b}), "behind": slices.Concat(header, picture, c.extension, []byte{0x3b})} {
			f, err := Open(file)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, place, err)
			}
			if got := string(bytes.Join(f.Credentials, []byte("|"))); string(f.XMP) != c.xmp || got != c.credentials {
				t.Errorf("%s, %s: XMP %q, credentials %q", name, place, f.XMP, got)
			}
			if f.Animated || f.Frame.Dx() != 1 {
				t.Errorf("%s, %s: frame %v, animated %v", name, place, f.Frame, f.Animated)
			}
		}
	}
}

// TestManyParts checks the limit on the parts of a store in many small blocks.
func TestManyParts(t *testing.T) {
	f := new(File)
	f.application(append([]byte(credentialsExtension), bytes.Repeat([]byte("\x01x"), 2*maxParts)...))
	if len(f.Credentials) != maxParts {
		t.Errorf("%d parts, want %d", len(f.Credentials), maxParts)
	}
}
