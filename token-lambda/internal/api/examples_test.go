package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"darkroom/token-lambda/contract"
)

// TestExamples checks every example of the document against its schema and, if it is a problem, against the table of
// types. Everything that is sent or answered as JSON has an example, except the document itself.
func TestExamples(t *testing.T) {
	d := readDocument(t)
	unused := map[string]bool{}
	all, _ := d.lookup("components", "examples")
	for name := range all {
		unused[name] = true
	}
	check := func(path ...string) {
		contents, where := d.lookup(path...)
		for kind := range contents {
			media, _ := d.lookup(append(slices.Clone(where), kind)...)
			examples, _ := media["examples"].(map[string]any)
			if schema, _ := media["schema"].(map[string]any); len(examples) == 0 && kind != htmlType && schema["$ref"] != nil {
				t.Errorf("%s %s has no example", strings.Join(where, "/"), kind)
			}
			for name := range examples {
				delete(unused, name)
				example, _ := d.lookup(append(slices.Clone(where), kind, "examples", name)...)
				text, err := json.Marshal(example["value"])
				if err != nil {
					t.Fatal(err)
				}
				d.validate(t, text, append(slices.Clone(where), kind, "schema")...)
				if kind == contract.ProblemContentType {
					wantOfTable(t, name, text)
				}
			}
		}
	}
	paths, _ := d.lookup("paths")
	for path := range paths {
		for _, method := range []string{"get", "post", "delete"} {
			check("paths", path, method, "requestBody", "content")
			responses, _ := d.lookup("paths", path, method, "responses")
			for status := range responses {
				_, where := d.lookup("paths", path, method, "responses", status)
				check(append(where, "content")...)
			}
		}
	}
	if len(unused) > 0 {
		t.Errorf("no answer has the examples %v", slices.Sorted(maps.Keys(unused)))
	}
	var single contract.ProblemType
	var list contract.ProblemTypeList
	readExample(t, d, "problemType", &single)
	readExample(t, d, "problemTypes", &list)
	for _, got := range append(list.Problems, single) {
		if want, ok := contract.FindProblemType(got.Slug); !ok || got != want {
			t.Errorf("an example has %+v, want %+v", got, want)
		}
	}
}

// wantOfTable checks the type, title and status of an example of a problem, and those of the faults in it.
func wantOfTable(t *testing.T, name string, text []byte) {
	t.Helper()
	var p contract.Problem
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	if want, ok := contract.FindProblemType(p.Slug()); !ok || p.Title != want.Title || p.Status != want.Status {
		t.Errorf("example %s is %d %q, want %+v", name, p.Status, p.Title, want)
	}
	for _, f := range p.Uploads {
		if want, ok := contract.FindProblemType(f.Slug()); !ok || f.Title != want.Title {
			t.Errorf("example %s has a fault %q, want %+v", name, f.Title, want)
		}
	}
}

func readExample(t *testing.T, d *document, name string, into any) {
	t.Helper()
	example, _ := d.lookup("components", "examples", name)
	text, err := json.Marshal(example["value"])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
