package flagdocs

import (
	"bytes"
	_ "embed"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

// CheckWords compares what a program says before it does anything with its section of testdata/words.txt: the help of
// every command, and the messages for wrong settings, by what was set. The file has the words of all programs, so that
// they can be read and reviewed in one go. With the flag -update it writes the section.
func CheckWords(t *testing.T, program, description string, cl any, messages map[string]string, options ...kong.Option) {
	t.Helper()
	t.Setenv("COLUMNS", "100")
	var got strings.Builder
	k := process.Parser(cl, program, description, options...)
	writeHelp(t, &got, k, k.Model.Node, nil)
	settings := settingNames(k.Model.Node)
	for _, set := range slices.Sorted(maps.Keys(messages)) {
		if name := namedOnce(messages[set], settings); name != "" {
			t.Errorf("%s: names %s in one way only, want VARIABLE (--flag):\n%s", set, name, messages[set])
		}
		got.WriteString("\n$ " + set + "\n" + strings.TrimSpace(messages[set]) + "\n")
	}
	path := wordsFile(t)
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	sections := parseSections(string(text))
	switch {
	case sections[program] == got.String():
	case *update:
		sections[program] = got.String()
		if err := os.WriteFile(path, []byte(formatSections(sections)), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the words of %s differ from %s: read them, and run this test with -update\n%s", program, path, got.String())
	}
}

// wordsFile returns the path of the file, which lies beside this one: a test runs in the folder of its own package.
func wordsFile(t *testing.T) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		t.Skip("built with -trimpath: the file of words cannot be found")
	}
	return filepath.Join(filepath.Dir(file), "testdata", "words.txt")
}

// writeHelp writes the help of a command and of those below it.
func writeHelp(t *testing.T, out *strings.Builder, k *kong.Kong, node *kong.Node, path []string) {
	t.Helper()
	var text bytes.Buffer
	k.Stdout = &text
	trace, err := kong.Trace(k, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := trace.PrintUsage(false); err != nil {
		t.Fatal(err)
	}
	out.WriteString("\n$ " + strings.Join(append([]string{k.Model.Name}, path...), " ") + " --help\n")
	for line := range strings.Lines(text.String()) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	for _, child := range node.Children {
		if child.Type == kong.CommandNode && !child.Hidden {
			writeHelp(t, out, k, child, append(slices.Clone(path), child.Name))
		}
	}
}

// A section begins with this and the name of its program.
const sectionMark = "##### "

func parseSections(text string) map[string]string {
	sections := map[string]string{}
	name := ""
	for line := range strings.Lines(text) {
		if program, ok := strings.CutPrefix(line, sectionMark); ok {
			name = strings.TrimSpace(program)
			continue
		}
		sections[name] += line
	}
	delete(sections, "")
	return sections
}

func formatSections(sections map[string]string) string {
	var b strings.Builder
	for _, program := range slices.Sorted(maps.Keys(sections)) {
		b.WriteString(sectionMark + program + "\n" + sections[program])
	}
	return b.String()
}
