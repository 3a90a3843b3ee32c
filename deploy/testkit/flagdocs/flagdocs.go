// Package flagdocs writes the settings of a program's commands as tables into its pages, and fails a test whose page
// differs from the program. So a page cannot promise a setting that does not exist, or a different default.
package flagdocs

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write the tables of settings into the pages")

// Check compares the tables in page with the commands of cl, a kong structure. A table stands between the lines
//
//	<!-- settings: COMMAND -->
//	<!-- end of settings -->
//
// where COMMAND is the path of a command, such as "run" or "dlq list". With the flag -update it writes the tables. A
// page without any table fails.
func Check(t *testing.T, page string, cl any, options ...kong.Option) {
	t.Helper()
	k, err := kong.New(cl, options...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want, tables, err := render(text, k.Model.Node)
	switch {
	case err != nil:
		t.Fatalf("%s: %v", page, err)
	case tables == 0:
		t.Fatalf("%s has no table of settings", page)
	case bytes.Equal(text, want):
	case *update:
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the tables of settings in %s differ from the program: run this test with -update", page)
	}
}

const begin, end = "<!-- settings: ", "<!-- end of settings -->"

// render returns page with its tables generated again, and the number of tables.
func render(page []byte, root *kong.Node) (_ []byte, tables int, err error) {
	var out bytes.Buffer
	inside := false
	for line := range strings.Lines(string(page)) {
		name, isBegin := strings.CutPrefix(strings.TrimSpace(line), begin)
		switch {
		case isBegin && inside:
			return nil, 0, fmt.Errorf("a table begins before the one above it ends: %s", line)
		case isBegin:
			inside = true
			tables++
			command, err := find(root, strings.Fields(strings.TrimSuffix(name, "-->")))
			if err != nil {
				return nil, 0, err
			}
			out.WriteString(line)
			out.WriteString(Table(command))
		case strings.TrimSpace(line) == end:
			inside = false
			out.WriteString(line)
		case !inside:
			out.WriteString(line)
		}
	}
	if inside {
		return nil, 0, fmt.Errorf("the last table has no end")
	}
	return out.Bytes(), tables, nil
}

func find(node *kong.Node, path []string) (*kong.Node, error) {
	for _, name := range path {
		var next *kong.Node
		for _, child := range node.Children {
			if child.Name == name {
				next = child
			}
		}
		if next == nil {
			return nil, fmt.Errorf("the program has no command %q", strings.Join(path, " "))
		}
		node = next
	}
	return node, nil
}

// Table returns the visible flags of a command, without --help and --version, as a Markdown table. A row has the
// environment variable, or the flag if there is none, the default and the help.
func Table(command *kong.Node) string {
	var b strings.Builder
	b.WriteString("| setting | default | meaning |\n|---|---|---|\n")
	for _, f := range command.Flags {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			continue
		}
		name := "--" + f.Name
		if len(f.Envs) > 0 {
			name = f.Envs[0]
		}
		help, preset, _ := strings.Cut(f.Help, " Default: ")
		preset = strings.TrimSuffix(preset, ".")
		switch {
		case f.Required:
			preset = "required"
		case f.HasDefault && f.Default != "":
			preset = "`" + f.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, cell(preset), cell(help))
	}
	return b.String()
}

// cell escapes what would end a cell of a table.
func cell(text string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text) }
