package flagdocs

import (
	"regexp"
	"slices"

	"github.com/alecthomas/kong"
)

var (
	quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	// bothNames matches VARIABLE (--flag), oneName a variable or a flag, and the parenthesis that follows it.
	bothNames = regexp.MustCompile(`\b([A-Z][A-Z0-9_]+) \(--[a-z0-9-]+\)`)
	oneName   = regexp.MustCompile(`(\b[A-Z][A-Z0-9_]+\b|--[a-z0-9-]+)( \()?`)
)

// WithoutFlags returns a message with the variables alone where it names settings as VARIABLE (--flag).
func WithoutFlags(message string) string { return bothNames.ReplaceAllString(message, "$1") }

// settingNames returns the variables and flags of the settings of a command, and of those below it, that have both. A
// flag that has a variable in one command and none in another does not count.
func settingNames(root *kong.Node) []string {
	var both, flagOnly []string
	for _, f := range allFlags(root) {
		if len(f.Envs) > 0 {
			both = append(append(both, "--"+f.Name), f.Envs...)
		} else {
			flagOnly = append(flagOnly, "--"+f.Name)
		}
	}
	return slices.DeleteFunc(both, func(name string) bool { return slices.Contains(flagOnly, name) })
}

func allFlags(node *kong.Node) []*kong.Flag {
	all := slices.Clone(node.Flags)
	for _, child := range node.Children {
		all = append(all, allFlags(child)...)
	}
	return all
}

// namedOnce returns a setting that message names only by its variable or only by its flag, or "". A variable whose
// value follows in parentheses is enough. Quoted text names nothing.
func namedOnce(message string, settings []string) string {
	message = quoted.ReplaceAllString(message, `""`)
	var twice []string
	for _, m := range bothNames.FindAllStringSubmatch(message, -1) {
		twice = append(twice, m[1])
	}
	for _, m := range oneName.FindAllStringSubmatch(bothNames.ReplaceAllString(message, ""), -1) {
		if m[2] == "" && slices.Contains(settings, m[1]) && !slices.Contains(twice, m[1]) {
			return m[1]
		}
	}
	return ""
}
