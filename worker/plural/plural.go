// Package plural writes counts for people: "1 message", but "2 messages".
package plural

import (
	"fmt"
	"strings"
)

// Count returns n and the noun, such as "1 photo", "0 photos" or "3 retries". The noun is given in the singular and
// forms its plural by the rules: -s, -es after a sibilant, -ies for a consonant with y.
func Count[N int | int64](n N, noun string) string {
	if n != 1 {
		noun = form(noun)
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func form(noun string) string {
	for _, ending := range []string{"s", "x", "z", "ch", "sh"} {
		if strings.HasSuffix(noun, ending) {
			return noun + "es"
		}
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou") {
		return stem + "ies"
	}
	return noun + "s"
}
