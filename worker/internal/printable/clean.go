package printable

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns at most as many characters of text as given, without any that could disturb the line around it. A
// control character or the end of a line becomes a space. Line leaves out invalid characters, those that change the
// direction of the text around them, and space at both ends. Text without anything that shows becomes empty.
func Line(text string, most int) string { return clean(text, most, ' ') }

// Lines is Line for text of several lines, which end in newlines.
func Lines(text string, most int) string { return clean(text, most, '\n') }

func clean(text string, most int, newline rune) string {
	if !strings.ContainsFunc(text, shows) {
		return ""
	}
	var b strings.Builder
	for _, r := range strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) {
		switch {
		case most == 0:
			return strings.TrimSpace(b.String())
		case r == utf8.RuneError, r == '\ufeff', unicode.In(r, unicode.Noncharacter_Code_Point, unicode.Bidi_Control):
			continue
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029': // the last two separate lines and paragraphs
			r = newline
		case unicode.IsControl(r):
			r = ' '
		}
		b.WriteRune(r)
		most--
	}
	return strings.TrimSpace(b.String())
}

// shows reports whether a character alone leaves a mark on the page: it is a letter, number, punctuation or symbol.
func shows(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}
