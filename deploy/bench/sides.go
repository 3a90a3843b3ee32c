package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"darkroom/deploy/local/build"
)

// quality is the quality of all JPEG variants, on the scale of libjpeg.
const quality = 80

// size specifies a variant: the photo scaled down to fit inside it.
type size struct {
	Name   string `json:"name"`
	Width  int    `json:"width"`  // pixels
	Height int    `json:"height"` // pixels
}

// sizes are the variants, from the largest to the smallest.
var sizes = []size{{"large", 1600, 1600}, {"medium", 800, 800}, {"small", 320, 320}}

// side is a program that makes the variants.
type side struct {
	name string
	// command returns the command that makes the variants of files, one after another. All files have the same content. The
	// variants are {out}/000/{size}.jpg, {out}/001/{size}.jpg and so on, or .png: see kind.output.
	command func(files []string, k kind, out string) command
}

// darkroom is the index of the worker among the sides of every photo.
const darkroom = 0

// fileName returns the name of the i-th file of a photo. Without the extension it is the folder of its variants.
func fileName(i int, k kind) string { return fmt.Sprintf("%03d", i) + k.extension() }

// variantPath returns the path of a variant of the i-th file.
func variantPath(out string, i int, name string, k kind) string {
	_, ext := k.output()
	return filepath.Join(out, fmt.Sprintf("%03d", i), name+ext)
}

// buildWorker compiles the worker into dir with the flags of the container image. It returns its side and version.
func buildWorker(ctx context.Context, dir string) (side, string, error) {
	program := filepath.Join(dir, build.Worker)
	if err := build.Release(ctx, dir, build.Worker); err != nil {
		return side{}, "", err
	}
	version, err := output(ctx, "", environment(), program, "--version")
	return workerSide(program), version, err
}

func workerSide(program string) side {
	type spec struct {
		size
		Fit     string `json:"fit"`
		Quality int    `json:"quality"`
	}
	var specs []spec
	for _, s := range sizes {
		specs = append(specs, spec{s, "inside", quality})
	}
	env := environment("RENDERS=1", "GOMAXPROCS=1", "VARIANTS="+mustJSON(specs))
	return side{"darkroom", func(files []string, _ kind, out string) command {
		return command{args: append([]string{program, "render", "-o", out}, files...), env: env}
	}}
}

var (
	//go:embed sharp/package.json
	packageJSON []byte
	//go:embed sharp/sharp.mjs
	script []byte
)

// job is the argument of the script, as JSON.
type job struct {
	Way     string `json:"way"`
	File    string `json:"file,omitempty"`
	Count   int    `json:"count,omitempty"`
	Out     string `json:"out,omitempty"`
	Format  string `json:"format,omitempty"` // format of the variants
	Quality int    `json:"quality,omitempty"`
	Sizes   []size `json:"sizes,omitempty"`
}

// installSharp installs sharp and the script into a folder below cache unless they are there. It returns the two sides and
// the versions of sharp and its libraries.
func installSharp(ctx context.Context, cache string, say func(string)) ([]side, map[string]string, error) {
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, nil, fmt.Errorf("%s is not in PATH: measuring sharp needs Node.js 20.9 or later, with npm", name)
		}
	}
	var pinned struct{ Dependencies struct{ Sharp string } }
	if err := json.Unmarshal(packageJSON, &pinned); err != nil {
		return nil, nil, fmt.Errorf("package.json: %w", err)
	}
	dir := filepath.Join(cache, "sharp-"+pinned.Dependencies.Sharp)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	program := filepath.Join(dir, "sharp.mjs")
	if err := errors.Join(replace(filepath.Join(dir, "package.json"), packageJSON), replace(program, script)); err != nil {
		return nil, nil, err
	}
	versions, err := sharpVersions(ctx, program)
	if err != nil || versions["sharp"] != pinned.Dependencies.Sharp {
		say("installing sharp " + pinned.Dependencies.Sharp + " into " + dir)
		if _, err := output(ctx, dir, os.Environ(), "npm", "install", "--no-audit", "--no-fund", "--no-package-lock"); err != nil {
			return nil, nil, fmt.Errorf("install sharp: %w", err)
		}
		if versions, err = sharpVersions(ctx, program); err != nil {
			return nil, nil, fmt.Errorf("sharp is installed in %s but does not run: %w", dir, err)
		}
	}
	if got := versions["sharp"]; got != pinned.Dependencies.Sharp {
		return nil, nil, fmt.Errorf("sharp in %s is %s, not the pinned %s: remove the folder and try again", dir, got, pinned.Dependencies.Sharp)
	}
	return []side{sharpSide(program, "usual"), sharpSide(program, "best")}, versions, nil
}

func sharpVersions(ctx context.Context, program string) (map[string]string, error) {
	text, err := output(ctx, "", environment(), "node", program, mustJSON(job{Way: "versions"}))
	if err != nil {
		return nil, err
	}
	var versions map[string]string
	if err := json.Unmarshal([]byte(text), &versions); err != nil {
		return nil, fmt.Errorf("versions of sharp: %w", err)
	}
	return versions, nil
}

func sharpSide(program, way string) side {
	return side{"sharp-" + way, func(files []string, k kind, out string) command {
		format, _ := k.output()
		j := job{Way: way, File: files[0], Count: len(files), Out: out, Format: format, Quality: quality, Sizes: sizes}
		return command{args: []string{"node", program, mustJSON(j)}, env: environment()}
	}}
}

// replace writes a file atomically, so that a concurrent run never reads half of it.
func replace(path string, data []byte) error {
	temporary := path + "." + strconv.Itoa(os.Getpid())
	if err := os.WriteFile(temporary, data, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// mustJSON encodes a value of one of this program's types, which cannot fail.
func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
