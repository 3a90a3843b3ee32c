package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"darkroom/token-lambda/contract"
)

// preferredWait returns how long the headers prefer to wait: the preference wait of RFC 7240, section 4.3, a whole
// number of seconds. A longer wait than contract.MaxWait is cut to it. preferredWait ignores other preferences, every
// wait but the first, and a value that is no number, as section 2 asks for.
func preferredWait(h http.Header) (wait time.Duration, ok bool) {
	for _, value := range h.Values(contract.PreferHeader) {
		for preference := range splitUnquoted(value, ',') {
			for first := range splitUnquoted(preference, ';') { // parameters follow
				name, value, _ := strings.Cut(first, "=")
				if strings.EqualFold(trim(name), contract.WaitParameter) {
					return seconds(unquote(trim(value)))
				}
				break
			}
		}
	}
	return 0, false
}

// seconds returns a number of seconds, at most contract.MaxWait.
func seconds(digits string) (time.Duration, bool) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil { // more than 32 bits
		return contract.MaxWait, true
	}
	return min(time.Duration(n)*time.Second, contract.MaxWait), true
}

// trim removes the white space that HTTP allows around a part of a header.
func trim(s string) string { return strings.Trim(s, " \t") }

// splitUnquoted returns the parts of s between separators that are not in a quoted string (RFC 9110, section 5.6.4). A
// quoted string without its closing mark reaches to the end.
func splitUnquoted(s string, separator byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		quoted, start := false, 0
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == '"':
				quoted = !quoted
			case quoted && s[i] == '\\':
				i++
			case !quoted && s[i] == separator:
				if !yield(s[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(s[start:])
	}
}

// unquote returns the contents of a quoted string, and any other text as it is. It drops each backslash that escapes
// the character after it.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	for s = s[1 : len(s)-1]; s != ""; s = s[1:] {
		if s[0] == '\\' && len(s) > 1 {
			s = s[1:]
		}
		b.WriteByte(s[0])
	}
	return b.String()
}
