package template

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"darkroom/deploy/aws/template/assemble"
)

var update = flag.Bool("update", false, "write template.yaml from its sources")

//go:generate go test . -run TestTemplateIsCurrent -update

// header is at the top of template.yaml.
const header = `Made from the files in source by "go generate ./deploy/aws/template", so change those. README.md in deploy/aws says how
to run the system, and the tests in this folder check this template against rules, each with its reason.
The names of buckets, queues and log groups begin with the stack's name, which must therefore be in lower case and at
most 40 characters long.
`

// TestTemplateIsCurrent compares template.yaml with what its sources make. With the flag -update it writes the file.
func TestTemplateIsCurrent(t *testing.T) {
	const file = "template.yaml"
	want, err := assemble.Template(os.DirFS("source"), header)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what its sources make (%v): run go generate ./deploy/aws/template", file, err)
	}
}
