// Package printable makes text from elsewhere safe to show on a terminal. A key, a reason or the body of a message can
// hold anything, including sequences that move the cursor, change the title of the window or hide what follows.
package printable

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text returns s unchanged if it is printable and does not begin with a quote. Otherwise it quotes s as Go does.
func Text(s string) string {
	if strings.HasPrefix(s, `"`) || hasUnprintable(s) {
		return strconv.Quote(s)
	}
	return s
}

// Escape returns s with each unprintable character except newlines escaped as in Go. It is for sentences, where quotes
// would look wrong.
func Escape(s string) string {
	if !hasUnprintable(s) {
		return s
	}
	var b strings.Builder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		for len(line) > 0 {
			r, size := utf8.DecodeRuneInString(line)
			if r == utf8.RuneError && size == 1 || !strconv.IsPrint(r) {
				quoted := strconv.Quote(line[:size])
				b.WriteString(quoted[1 : len(quoted)-1])
			} else {
				b.WriteString(line[:size])
			}
			line = line[size:]
		}
	}
	return b.String()
}

func hasUnprintable(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
}
