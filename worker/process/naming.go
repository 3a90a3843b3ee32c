package process

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"
)

// namedSettings is an error about settings whose text names each setting in both ways: VARIABLE (--flag). Someone who
// sets variables does not know the flags, and the reverse.
type namedSettings struct {
	text string
	err  error
}

func (n namedSettings) Error() string { return n.text }
func (n namedSettings) Unwrap() error { return n.err }

// nameSettings rewrites the text of an error that parsing returned.
func nameSettings(err error) error {
	var parsed *kong.ParseError
	if !errors.As(err, &parsed) || parsed.Context == nil {
		return err
	}
	both := map[string]string{} // key: --flag or VARIABLE
	for _, f := range parsed.Context.Flags() {
		if len(f.Envs) > 0 {
			name := f.Envs[0] + " (--" + f.Name + ")"
			both["--"+f.Name], both[f.Envs[0]] = name, name
		}
	}
	return namedSettings{bothNames(err.Error(), both), err}
}

var (
	// fromEnvironment ends kong's error about a variable, which repeats its value.
	fromEnvironment = regexp.MustCompile(` \(from envar [A-Z0-9_]+="(?:[^"\\]|\\.)*"\)`)
	// names matches quoted text, which is never a name, and flags with their placeholder and variables, with a parenthesis
	// that follows.
	names = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|(--[a-z0-9-]+|\b[A-Z][A-Z0-9_]+\b)(=[^ ,]+)?( \()?`)
)

// bothNames puts both names of a setting where text names it first. A name with a value in parentheses stays as it is.
func bothNames(text string, both map[string]string) string {
	text = fromEnvironment.ReplaceAllString(text, "")
	if rest, ok := strings.CutPrefix(text, "missing flags: "); ok {
		text = "these settings are required: " + rest
	}
	var b strings.Builder
	end := 0
	done := map[string]bool{}
	for _, m := range names.FindAllStringSubmatchIndex(text, -1) {
		if m[2] < 0 || m[6] >= 0 {
			continue
		}
		name, ok := both[text[m[2]:m[3]]]
		if !ok || done[name] {
			continue
		}
		done[name] = true
		b.WriteString(text[end:m[2]])
		b.WriteString(name)
		if end = m[3]; m[4] >= 0 {
			end = m[5]
		}
	}
	return b.String() + text[end:]
}
