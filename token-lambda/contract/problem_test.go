package contract

import (
	"fmt"
	"go/ast"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProblemTypesAreAll: ProblemTypes has every slug, once and in full.
func TestProblemTypesAreAll(t *testing.T) {
	var want []string
	for _, file := range parseFiles(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && fmt.Sprint(spec.Type) == "Slug" {
				want = append(want, strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
			}
			return true
		})
	}
	var got []string
	titles := map[string]Slug{}
	for _, p := range ProblemTypes {
		got = append(got, string(p.Slug))
		if found, ok := FindProblemType(p.Slug); !ok || found != p {
			t.Errorf("%s is found as %+v", p.Slug, found)
		}
		if http.StatusText(p.Status) == "" || p.Status < 400 {
			t.Errorf("%s has the status %d", p.Slug, p.Status)
		}
		if other, twice := titles[p.Title]; twice || !regexp.MustCompile(`^[A-Z][a-z ]+$`).MatchString(p.Title) {
			t.Errorf("%s has the title %q, %s too", p.Slug, p.Title, other)
		}
		titles[p.Title] = p.Slug
		for _, text := range []string{p.Meaning, p.Cause, p.Remedy} {
			if !regexp.MustCompile(`^[A-Za-z].+[^.]\.$`).MatchString(text) {
				t.Errorf("%s: %q is no sentence", p.Slug, text)
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("constants (-) and ProblemTypes (+):\n%s", diff)
	}
	if p, ok := FindProblemType("teapot"); ok {
		t.Errorf("found %+v", p)
	}
}

func TestSlugs(t *testing.T) {
	for problemType, want := range map[string]Slug{"https://api.example/prod/problems/timeout": ProblemTimeout, "/problems/new": "new", "about:blank": "about:blank", "": ""} {
		if got := (Problem{Type: problemType}).Slug(); got != want {
			t.Errorf("%q has the slug %q, want %q", problemType, got, want)
		}
	}
	if got := (Fault{Type: "http://localhost" + ProblemTimeout.Path()}).Slug(); got != ProblemTimeout {
		t.Errorf("slug %q", got)
	}
}

// TestProblemsInREADME compares the table of README.md with ProblemTypes.
func TestProblemsInREADME(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| slug | status | title | meaning |\n|---|---|---|---|\n")
	for _, p := range ProblemTypes {
		fmt.Fprintf(&want, "| `%s` | %d | %s | %s |\n", p.Slug, p.Status, p.Title, p.Meaning)
	}
	got := regexp.MustCompile(`(?m)^\| slug \| status .*\n(\|.*\n)+`).FindString(string(text))
	if diff := cmp.Diff(want.String(), got); diff != "" {
		t.Errorf("the table in README.md (+) must be:\n%s\n%s", want.String(), diff)
	}
}
