package build

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/aws/internal/awscli"
	"darkroom/deploy/aws/internal/shell"
)

const exampleDockerfile = `ARG GOLANG=golang:1
ARG BASE=static:2
ARG VERSION=devel

FROM --platform=$BUILDPLATFORM $GOLANG AS build
COPY go.mod go.sum ./
COPY --chmod=0644 worker worker
FROM ${BASE}
COPY --from=build /out/worker /worker
`

// sources writes files below a folder, and returns it.
func sources(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// example is a repository with files that go into an image, and files that do not.
func example() map[string]string {
	return map[string]string{
		"worker/Dockerfile": exampleDockerfile, "go.mod": "module a", "go.sum": "", "worker/main.go": "package main", "worker/internal/a.go": "package internal", "worker/internal/notices.md": "words",
		".dockerignore": "# comment\n.git\n**/*_test.go\n**/README.md\n**/testdata\n!worker/keep/README.md\n", "worker/main_test.go": "x", "worker/README.md": "x", "worker/testdata/a.jpg": "x", "worker/keep/README.md": "kept", "other/main.go": "x", "README.md": "x",
	}
}

// tag returns the tag of the image of a repository, for a processor.
func tag(t *testing.T, files map[string]string, goarch string, pins ...string) string {
	t.Helper()
	inputs, err := Builder{CLI: awscli.CLI{Shell: &shell.Shell{Dir: sources(t, files)}}, GOARCH: goarch}.Inputs(pins)
	if err != nil {
		t.Fatal(err)
	}
	return inputs.Tag()
}

// TestTag changes one file at a time. Only those that go into the image count.
func TestTag(t *testing.T) {
	pins := []string{"BASE=static:2@sha256:a", "GOLANG=golang:1@sha256:b"}
	first := tag(t, example(), "arm64", pins...)
	for name := range example() {
		counts := !slices.Contains([]string{".dockerignore", "worker/main_test.go", "worker/README.md", "worker/testdata/a.jpg", "other/main.go", "README.md"}, name)
		files := example()
		files[name] += "\n# changed"
		if changed := tag(t, files, "arm64", pins...) != first; changed != counts {
			t.Errorf("%s changes the tag: %v, want %v", name, changed, counts)
		}
	}
	files := example()
	files["worker/new.go"] = "package main"
	others := []string{tag(t, files, "arm64", pins...), tag(t, example(), "amd64", pins...), tag(t, example(), "arm64", "BASE=static:2@sha256:a", "GOLANG=golang:1@sha256:c")}
	delete(files, "worker/new.go")
	delete(files, "worker/internal/a.go")
	others = append(others, tag(t, files, "arm64", pins...))
	for i, other := range others {
		if other == first || slices.Contains(others[:i], other) {
			t.Errorf("tag %d of %q is that of another content", i, others)
		}
	}
	if again := tag(t, example(), "arm64", pins[1], pins[0]); again != first || len(first) != 16 {
		t.Errorf("tags %s and %s, want the same 16 digits", first, again)
	}
}

func TestDockerfileThatCannotBeRead(t *testing.T) {
	for change, want := range map[string]string{
		"COPY go.mod go.sum ./|COPY *.mod ./":                "want plain paths",
		"COPY go.mod go.sum ./|COPY [\"go.mod\", \"./\"]":    "want plain paths",
		"FROM ${BASE}|FROM static:2":                         "want a build argument with a default",
		"ARG BASE=static:2|ARG BASE":                         "want a build argument with a default",
		"COPY --chmod=0644 worker worker|COPY absent absent": "no such file",
	} {
		from, to, _ := strings.Cut(change, "|")
		files := example()
		files["worker/Dockerfile"] = strings.Replace(exampleDockerfile, from, to, 1)
		root := sources(t, files)
		_, err := Builder{CLI: awscli.CLI{Shell: &shell.Shell{Dir: root}}}.Inputs(nil)
		if err == nil {
			_, err = readBases(filepath.Join(root, dockerfile), nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", to, err, want)
		}
	}
}

func TestReadBases(t *testing.T) {
	root := sources(t, example())
	all, err := readBases(filepath.Join(root, dockerfile), []string{"BASE=mirror/static:2"})
	want := []base{{"GOLANG", "golang:1", true}, {"BASE", "mirror/static:2", true}}
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("bases %v, %v, want %v", all, err, want)
	}
	for given, want := range map[string]string{"BASE": "NAME=VALUE", "BASE=": "NAME=VALUE", "OTHER=1": "no such ARG", "REVISION=1": "the build sets it", "VERSION=1": "the build sets it"} {
		if _, err := readBases(filepath.Join(root, dockerfile), []string{given}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", given, err, want)
		}
	}
}

// TestOwnDockerfile reads the Dockerfile of this repository. The images must be those that the build uses.
func TestOwnDockerfile(t *testing.T) {
	all, err := readBases("../../../../"+dockerfile, nil)
	if err != nil || len(all) != 2 || all[0].name != "GOLANG" || all[1].name != "BASE" {
		t.Errorf("bases %v, %v", all, err)
	}
	copied, err := readCopies("../../../../" + dockerfile)
	if want := []string{"go.mod", "go.sum", "worker", "worker/THIRD_PARTY.md"}; err != nil || !slices.Equal(copied, want) {
		t.Errorf("copies %q, %v, want %q", copied, err, want)
	}
}

func TestGOARCH(t *testing.T) {
	if got, err := GOARCH("X86_64"); got != "amd64" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := GOARCH("RISCV64"); err == nil || err.Error() != `"RISCV64" is not an architecture: want ARM64 or X86_64` {
		t.Errorf("error %v", err)
	}
}
