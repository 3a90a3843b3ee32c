package printable

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for in, c := range map[string]struct {
		most        int
		line, lines string
	}{
		" a b ":               {9, "a b", "a b"},
		"a\x00b\tc\x1b[2Jd":   {20, "a b c [2Jd", "a b c [2Jd"},
		"a\r\nb\rc\n":         {20, "a b c", "a\nb\nc"},
		"a\u2028b":            {20, "a b", "a\nb"},
		"a\xffb\ufffdc":       {20, "abc", "abc"},
		"a\u202eb\u2066c":     {20, "abc", "abc"},
		"\ufeffa\ufffeb":      {20, "ab", "ab"},
		"👩\u200d🚀 नमस्ते":     {20, "👩\u200d🚀 नमस्ते", "👩\u200d🚀 नमस्ते"},
		"ééé":                 {2, "éé", "éé"},
		"é é":                 {2, "é", "é"},
		"\u202e\u202e\u202e":  {2, "", ""},
		"\u200b \u200b\u2060": {9, "", ""},
		"\u200ba":             {9, "\u200ba", "\u200ba"},
		"":                    {0, "", ""},
	} {
		if got := Line(in, c.most); got != c.line {
			t.Errorf("Line(%q, %d) = %q, want %q", in, c.most, got, c.line)
		}
		if got := Lines(in, c.most); got != c.lines {
			t.Errorf("Lines(%q, %d) = %q, want %q", in, c.most, got, c.lines)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b[2J\xff\u202eb\r\nc", 5)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = most & 0xff
		for _, got := range []string{Line(text, most), strings.ReplaceAll(Lines(text, most), "\n", " ")} {
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) > most || strings.ContainsFunc(got, unicode.IsControl) {
				t.Errorf("%q of %q", got, text)
			}
		}
	})
}
