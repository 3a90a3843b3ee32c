package credit

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"darkroom/worker/internal/exif"
	"darkroom/worker/photo"
)

// check reports a Credit that breaks the rules of [photo.Credit], and one that changes when it is written and read.
func check(t *testing.T, c photo.Credit) {
	t.Helper()
	for _, f := range Fields {
		text := *member(&c, f)
		if n := utf8.RuneCountInString(text); n > limits[f] || !utf8.ValidString(text) {
			t.Errorf("%s has %d characters: %q", f, n, text)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && (r != '\n' || f != Description) }) {
			t.Errorf("%s has a control character: %q", f, text)
		}
	}
	again := Blocks{EXIF: EXIF(c), XMP: XMP(c)}.Read(Fields)
	if again.Copyright != c.Copyright || again.Creator != c.Creator || again.Credit != c.Credit || again.Description != c.Description {
		t.Errorf("%+v\nread again is\n%+v", c, again)
	}
}

func FuzzXMP(f *testing.F) {
	f.Add(XMP(photo.Credit{Copyright: "©", Creator: "a; b", Credit: "c", Description: "d\ne"}))
	f.Add(packet(`ps:Credit="x"`, `<dc:creator><r:Seq><r:li r:parseType="Resource"><r:value>x</r:value></r:li></r:Seq></dc:creator>`))
	f.Add([]byte(strings.Repeat("<a>", 100)))
	f.Fuzz(func(t *testing.T, b []byte) { check(t, Blocks{XMP: b}.Read(Fields)) })
}

func FuzzResources(f *testing.F) {
	f.Add(resource(0x0404, "name", append(dataset(1, 90, "\x1b%G"), dataset(2, 80, "é")...)))
	f.Add(append(resource(0x0425, "", make([]byte, 16)), resource(0x0404, "", dataset(2, 116, "\xe9"))...))
	f.Fuzz(func(t *testing.T, b []byte) { check(t, Blocks{Resources: b}.Read(Fields)) })
}

func FuzzEXIF(f *testing.F) {
	f.Add(EXIF(photo.Credit{Copyright: "©", Creator: "a; b", Description: "d\ne"}))
	f.Add(exif.Encode(map[uint16]string{exif.Copyright: "a\x00b\x00c"}))
	f.Fuzz(func(t *testing.T, b []byte) { check(t, Blocks{EXIF: b}.Read(Fields)) })
}

func FuzzTexts(f *testing.F) {
	f.Add("Author", []byte("\xe9"), true, false)
	f.Add("Description", []byte("x\x9cK\x04\x00\x00b\x00b"), false, true)
	f.Fuzz(func(t *testing.T, keyword string, value []byte, latin1, packed bool) {
		check(t, Blocks{Texts: []Text{{keyword, value, latin1, packed}}}.Read(Fields))
	})
}
