package pages

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// TestPages checks every page of the repository: its links lead somewhere, the page of a folder has a table of
// contents, and lines of prose are at most MaxColumns wide.
func TestPages(t *testing.T) {
	all, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"README.md", ".github/CONTRIBUTING.md", "deploy/aws/README.md"} {
		if _, ok := all[path]; !ok {
			t.Errorf("found no %s among %d pages below %s", path, len(all), root)
		}
	}
	for _, fault := range Broken(root, all) {
		t.Error(fault)
	}
	for path, p := range all {
		if strings.Contains(path, "testdata/") {
			continue
		}
		for _, l := range p.Long {
			t.Errorf("%s:%d: wider than %d columns", path, l.Number, MaxColumns)
		}
		if path == "README.md" {
			continue
		}
		for _, section := range p.Missing() {
			t.Errorf("%s: the table of contents lacks [...](#%s)", path, section)
		}
	}
}

func TestParse(t *testing.T) {
	p := Parse("a.md", strings.Join([]string{
		"# Title", "", "## Contents", "", "- [One](#one-two)", "", "## One: `two`", "", "see [x](b.md#y) and `[no](no.md)` and ![p](p.svg)",
		"## Again", "## Again", "```", "# no heading", "[no](no.md)", "```", `<img src="q.png"> <a id="here"></a>`, "[r]: ref.md",
		strings.Repeat("word ", 21), "| " + strings.Repeat("cell ", 30), "https://example.com/" + strings.Repeat("a", 100),
	}, "\n"))
	var fragments, targets []string
	for _, h := range p.Headings {
		fragments = append(fragments, h.Fragment)
	}
	for _, l := range p.Links {
		targets = append(targets, l.Target)
	}
	if want := []string{"title", "contents", "one-two", "again", "again-1", "here"}; !slices.Equal(fragments, want) {
		t.Errorf("fragments %q, want %q", fragments, want)
	}
	if want := []string{"#one-two", "b.md#y", "p.svg", "q.png", "ref.md"}; !slices.Equal(targets, want) {
		t.Errorf("targets %q, want %q", targets, want)
	}
	if got, want := p.Missing(), []string{"again", "again-1"}; !slices.Equal(got, want) {
		t.Errorf("missing in the table of contents: %q, want %q", got, want)
	}
	if len(p.Long) != 1 || p.Long[0].Number != 18 {
		t.Errorf("long lines %v, want line 18 alone", p.Long)
	}
}

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{
		"What it costs":            "what-it-costs",
		"`worker dlq list`":        "worker-dlq-list",
		"Alarms, and what to do":   "alarms-and-what-to-do",
		"[Link](x.md) with_under":  "link-with_under",
		"DarkroomPhotosLate: fast": "darkroomphotoslate-fast",
	} {
		if got := Slug(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestBroken(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"README.md":         "# Top\n[a](sub/README.md#part) [b](sub#part) [c](sub) [d](https://example.com/x) [e](#top) [f](code.go)\n",
		"code.go":           "",
		"sub/a.md":          "[a](../README.md#nowhere)\n[b](gone.md)\n[c](#nothing)\n[d](../../outside.md)\n[e](../sub#none)\n",
		"sub/.keep":         "",
		"sub/p/x.txt":       "",
		".github/b.md":      "[a](../README.md#absent)\n",
		".git/c.md":         "[a](gone.md)\n",
		"node_modules/d.md": "[a](gone.md)\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "sub/README.md"), []byte("# Sub\n## Part\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		".github/b.md:1: README.md has no heading #absent",
		"sub/a.md:1: README.md has no heading #nowhere",
		"sub/a.md:2: gone.md is not in the repository",
		"sub/a.md:3: sub/a.md has no heading #nothing",
		"sub/a.md:4: ../../outside.md is not in the repository",
		"sub/a.md:5: sub/README.md has no heading #none",
	}
	if got := Broken(dir, all); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
