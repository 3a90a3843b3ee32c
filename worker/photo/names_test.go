package photo

import (
	"regexp"
	"strings"
	"testing"
)

// FuzzNames compares boards and ids with regular expressions.
func FuzzNames(f *testing.F) {
	board := regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	id := regexp.MustCompile(`^(?:[0-3][0-9a-v]{24}|[0-3][0-9a-v]{44}|[0-9a-f]{32})$`)
	for _, s := range []string{"", "a", "-", "a-", "-a", "a-b", "A", "ä", "a\n", "9", "a--b", string(NewID()), string(NewID()) + "\n",
		strings.Repeat("a", 32), strings.Repeat("g", 32), strings.Repeat("a", 63), strings.Repeat("a", 64), "4" + strings.Repeat("a", 24),
		"3" + strings.Repeat("v", 24), "3" + strings.Repeat("w", 24), "0" + strings.Repeat("0", 44), "a" + strings.Repeat("0", 44), strings.Repeat("0", 31)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := ParseBoard(s); (err == nil) != board.MatchString(s) {
			t.Errorf("board %q: %v", s, err)
		}
		if _, err := ParseID(s); (err == nil) != id.MatchString(s) {
			t.Errorf("id %q: %v", s, err)
		}
	})
}
