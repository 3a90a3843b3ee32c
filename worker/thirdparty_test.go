package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const thirdParty = "THIRD_PARTY.md"

var updateThirdParty = flag.Bool("update-third-party", false, "write the table of modules into "+thirdParty)

// module is a dependency of the worker, as `go list -m -json` describes it.
type module struct{ Path, Version, Dir string }

// modules returns the modules that are linked into the worker.
func modules(t *testing.T) []module {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "nodynamic", "-json=Module", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []module
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ Module *module }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && p.Module.Version != "" && !slices.Contains(all, *p.Module) {
			all = append(all, *p.Module)
		}
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// licences are parts of the text of each licence, without white space, by its SPDX identifier.
var licences = []struct{ id, text string }{
	{"Apache-2.0", "Apache License Version 2.0, January 2004"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"BSD-3-Clause", "Neither the name of"},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
}

// licence returns the identifier of the first licence in a module's file, or "" if the test does not know it.
func (m module) licence() string {
	for _, name := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING"} {
		text, err := os.ReadFile(filepath.Join(m.Dir, name))
		if err != nil {
			continue
		}
		words := strings.Join(strings.Fields(string(text)), " ")
		for _, l := range licences {
			if strings.Contains(words, l.text) {
				return l.id
			}
		}
	}
	return ""
}

// TestThirdParty: the page lists the modules that the worker is made of, each with its version and its licence, and the
// versions of the C libraries in the WebAssembly codecs.
func TestThirdParty(t *testing.T) {
	page, err := os.ReadFile(thirdParty)
	if err != nil {
		t.Fatal(err)
	}
	table := "| module | version | licence |\n|---|---|---|\n"
	all := modules(t)
	for _, m := range all {
		id := m.licence()
		if id == "" {
			t.Errorf("%s: the licence is missing or none that this test knows", m.Path)
		}
		table += fmt.Sprintf("| %s | %s | %s |\n", m.Path, m.Version, id)
	}
	const begin, end = "<!-- modules -->\n", "<!-- end of modules -->\n"
	before, rest, ok := strings.Cut(string(page), begin)
	listed, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the modules", thirdParty)
	}
	if *updateThirdParty {
		if err := os.WriteFile(thirdParty, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		listed = table
	}
	if diff := cmp.Diff(table, listed); diff != "" {
		t.Errorf("%s is not what go.mod says; write it with -run TestThirdParty -update-third-party:\n%s", thirdParty, diff)
	}

	// How each codec module builds its WebAssembly.
	version := regexp.MustCompile(`(?m)^LIB(\w+)_VERSION = v?(\S+)$`)
	names := map[string]string{"AVIF": "libavif", "AVIF_AOM": "libaom", "AVIF_YUV": "libyuv", "WEBP": "libwebp"}
	blobs := 0
	for _, m := range all {
		recipes, _ := filepath.Glob(filepath.Join(m.Dir, "lib", "Makefile*"))
		for _, path := range recipes {
			recipe, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range version.FindAllStringSubmatch(string(recipe), -1) {
				blobs++
				name := names[v[1]]
				if row := fmt.Sprintf("| %s | %s | %s |", strings.TrimPrefix(m.Path, "github.com/"), name, v[2]); name == "" || !strings.Contains(string(page), row) {
					t.Errorf("%s does not have the row %q", thirdParty, row)
				}
			}
		}
	}
	if blobs < 4 {
		t.Errorf("found %d C libraries, want at least 4", blobs)
	}
}
