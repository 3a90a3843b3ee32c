package build

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// dockerfile is the worker's, below the root of the repository, which is the context of the build.
const dockerfile = "worker/Dockerfile"

// Inputs are the lines that name all that goes into the worker's image:
//
//	darkroom worker image 1          the version of this list
//	platform linux/arm64
//	build-arg BASE=gcr.io/...@sha256:...
//	DIGEST  worker/main.go           as sha256sum prints it
//
// with a build argument for each base image, and a file for each that the Dockerfile copies and .dockerignore does not
// leave out. VERSION and REVISION are not among them: VERSION is the tag, and REVISION only says which commit was built
// first.
type Inputs string

// Tag returns the tag of an image that is built from the inputs: 16 hexadecimal digits of their SHA-256.
func (i Inputs) Tag() string { return fmt.Sprintf("%x", sha256.Sum256([]byte(i)))[:16] }

// Inputs lists what goes into the image. pins are the build arguments.
func (b Builder) Inputs(pins []string) (Inputs, error) {
	copied, err := readCopies(filepath.Join(b.Dir, dockerfile))
	if err != nil {
		return "", err
	}
	files, err := contextFiles(b.Dir, copied)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "darkroom worker image 1\nplatform linux/%s\n", b.GOARCH)
	for _, p := range slices.Sorted(slices.Values(pins)) {
		fmt.Fprintf(&text, "build-arg %s\n", p)
	}
	for _, name := range append(files, dockerfile) {
		content, err := os.ReadFile(filepath.Join(b.Dir, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(content), filepath.ToSlash(name))
	}
	return Inputs(text.String()), nil
}

// CurrentInputs lists what goes into the image, after it has asked docker for the digests of the base images.
func (b Builder) CurrentInputs(ctx context.Context) (Inputs, error) {
	pins, err := b.pins(ctx)
	if err != nil || b.Dry {
		return "", err
	}
	return b.Inputs(pins)
}

// contextFiles returns the files below sources that .dockerignore does not leave out, sorted. The Dockerfile itself is
// not among them, as it counts in any case.
func contextFiles(root string, sources []string) (files []string, err error) {
	ignore, err := os.Open(filepath.Join(root, ".dockerignore"))
	if err != nil {
		return nil, err
	}
	defer ignore.Close()
	patterns, err := ignorefile.ReadAll(ignore)
	if err != nil {
		return nil, fmt.Errorf(".dockerignore: %w", err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, fmt.Errorf(".dockerignore: %w", err)
	}
	for _, source := range sources {
		err := filepath.WalkDir(filepath.Join(root, source), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			ignored, err := matcher.MatchesOrParentMatches(name)
			if err != nil || ignored || filepath.ToSlash(name) == dockerfile {
				return err
			}
			if !e.Type().IsRegular() {
				return fmt.Errorf("%s is not a regular file, so its content cannot name an image", name)
			}
			files = append(files, name)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

var (
	copyLine = regexp.MustCompile(`(?m)^\s*(?:COPY|ADD)\s+(.*)$`)
	fromLine = regexp.MustCompile(`(?m)^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$`)
	argLine  = regexp.MustCompile(`^\s*ARG\s+([A-Za-z_]\w*)=(\S+)\s*$`)
)

// readCopies returns the paths of the context that a Dockerfile copies. Copies from another stage do not count.
func readCopies(file string) (sources []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for _, m := range copyLine.FindAllStringSubmatch(string(text), -1) {
		words := strings.Fields(m[1])
		var paths []string
		stage := false
		for _, w := range words {
			stage = stage || strings.HasPrefix(w, "--from=")
			if !strings.HasPrefix(w, "--") {
				paths = append(paths, w)
			}
		}
		if stage {
			continue
		}
		if len(paths) < 2 || strings.ContainsAny(m[1], "*?[]$\\<\"") {
			return nil, fmt.Errorf("%s: %q: want plain paths, whose files name the image", file, m[0])
		}
		sources = append(sources, paths[:len(paths)-1]...)
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("%s copies nothing", file)
	}
	return sources, nil
}

// base is a build argument of a Dockerfile.
type base struct {
	name, value string
	image       bool // a FROM names it
}

// readBases returns the build arguments that name the base images of a Dockerfile, and the given ones, as NAME=VALUE.
// Each base image must come from an argument with a default, so that its digest can be given.
func readBases(file string, given []string) (all []base, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	head, _, found := strings.Cut(string(text), "\nFROM ")
	if !found {
		return nil, fmt.Errorf("%s has no FROM", file)
	}
	presets := map[string]string{}
	for line := range strings.Lines(head) {
		if m := argLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			presets[m[1]] = m[2]
		}
	}
	for _, g := range given {
		name, value, ok := strings.Cut(g, "=")
		switch {
		case !ok || value == "":
			return nil, fmt.Errorf("build argument %q: want NAME=VALUE", g)
		case name == "VERSION" || name == "REVISION":
			return nil, fmt.Errorf("build argument %s cannot be given: the build sets it", name)
		case presets[name] == "":
			return nil, fmt.Errorf("build argument %s: %s has no such ARG before its first FROM", name, file)
		}
		presets[name] = value
	}
	stages := map[string]bool{}
	for _, m := range fromLine.FindAllStringSubmatch(string(text), -1) {
		image := m[1]
		stages[m[2]] = true
		if stages[image] {
			continue
		}
		name := strings.Trim(strings.TrimPrefix(image, "$"), "{}")
		if !strings.HasPrefix(image, "$") || presets[name] == "" {
			return nil, fmt.Errorf("%s: FROM %s: want a build argument with a default, so that the image's digest can be given", file, image)
		}
		if !slices.ContainsFunc(all, func(b base) bool { return b.name == name }) {
			all = append(all, base{name: name, value: presets[name], image: true})
		}
	}
	for _, g := range given {
		name, _, _ := strings.Cut(g, "=")
		if !slices.ContainsFunc(all, func(b base) bool { return b.name == name }) {
			all = append(all, base{name: name, value: presets[name]})
		}
	}
	if len(all) == 0 {
		return nil, errors.New(file + " names no base image")
	}
	return all, nil
}
