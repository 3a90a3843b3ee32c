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

	"darkroom/deploy/bench/internal/rusage"
	"darkroom/deploy/local/build"
)

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
	// variants are {out}/000/{size}.jpg, {out}/001/{size}.jpg and so on, with the extension of the target.
	command func(files []string, to target, out string) rusage.Command
	// encode returns the command that encodes PNG files in each quality of the target's grid without resizing them. The files
	// of NAME.png are {out}/NAME/q20.jpg and so on.
	encode func(files []string, to target, out string) rusage.Command
	// only is the one format in which the side differs from the others, or "".
	only string
}

// sideNames are the names of all sides.
var sideNames = []string{"darkroom", "sharp-usual", "sharp-best", "sharp-mozjpeg", vipsProgram}

// darkroom is the index of the worker among the sides of every photo.
const darkroom = 0

// gridName returns the name of a file in one of the qualities of the grid, without its extension.
func gridName(quality int) string { return fmt.Sprintf("q%d", quality) }

// variantPath returns the path of a variant of the i-th file.
func variantPath(out string, i int, name string, to target) string {
	return filepath.Join(out, fmt.Sprintf("%03d", i), name+to.extension)
}

// findWorker returns the side and the version of a worker. It compiles it into dir, with the flags of the container image,
// unless program is the path of one.
func findWorker(ctx context.Context, program, dir string, say func(string)) (side, string, error) {
	if program == "" {
		say("building the worker")
		program = filepath.Join(dir, build.Worker)
		if err := build.Release(ctx, dir, build.Worker); err != nil {
			return side{}, "", err
		}
	}
	version, err := rusage.Output(ctx, "", rusage.Environment(), program, "--version")
	return workerSide(program), version, err
}

func workerSide(program string) side {
	type spec struct {
		size
		Fit     string   `json:"fit"`
		Formats []string `json:"formats"`
		Quality int      `json:"quality,omitempty"`
	}
	render := func(specs []spec, out string, files []string) rusage.Command {
		env := rusage.Environment("RENDERS=1", "GOMAXPROCS=1", "VARIANTS="+mustJSON(specs))
		return rusage.Command{Args: append([]string{program, "render", "-o", out}, files...), Env: env}
	}
	return side{
		name: "darkroom",
		command: func(files []string, to target, out string) rusage.Command {
			var specs []spec
			for _, s := range sizes {
				specs = append(specs, spec{s, "inside", []string{to.Name}, to.quality})
			}
			return render(specs, out, files)
		},
		encode: func(files []string, to target, out string) rusage.Command {
			var specs []spec
			for _, q := range to.grid {
				all := sizes[0] // no file is larger
				all.Name = gridName(q)
				specs = append(specs, spec{all, "inside", []string{to.Name}, q})
			}
			return render(specs, out, files)
		},
	}
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
	// Files and Grid are set instead of File, Count, Quality and Sizes to encode files in these qualities.
	Files []string `json:"files,omitempty"`
	Grid  []int    `json:"grid,omitempty"`
}

// errNoNode says that a program of Node.js is not installed.
var errNoNode = errors.New("is not in PATH: measuring sharp needs Node.js 20.9 or later, with npm")

// installSharp installs sharp and the script into a folder below cache unless they are there. It returns the sides and the
// versions of sharp and its libraries.
func installSharp(ctx context.Context, cache string, say func(string)) ([]side, map[string]string, error) {
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, nil, fmt.Errorf("%s %w", name, errNoNode)
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
		if _, err := rusage.Output(ctx, dir, os.Environ(), "npm", "install", "--no-audit", "--no-fund", "--no-package-lock"); err != nil {
			return nil, nil, fmt.Errorf("install sharp: %w", err)
		}
		if versions, err = sharpVersions(ctx, program); err != nil {
			return nil, nil, fmt.Errorf("sharp is installed in %s but does not run: %w", dir, err)
		}
	}
	if got := versions["sharp"]; got != pinned.Dependencies.Sharp {
		return nil, nil, fmt.Errorf("sharp in %s is %s, not the pinned %s: remove the folder and try again", dir, got, pinned.Dependencies.Sharp)
	}
	mozjpeg := sharpSide(program, "mozjpeg")
	mozjpeg.only = toJPEG.Name // the same as the usual way for the others
	return []side{sharpSide(program, "usual"), sharpSide(program, "best"), mozjpeg}, versions, nil
}

func sharpVersions(ctx context.Context, program string) (map[string]string, error) {
	text, err := rusage.Output(ctx, "", rusage.Environment(), "node", program, mustJSON(job{Way: "versions"}))
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
	node := func(j job) rusage.Command {
		return rusage.Command{Args: []string{"node", program, mustJSON(j)}, Env: rusage.Environment()}
	}
	return side{
		name: "sharp-" + way,
		command: func(files []string, to target, out string) rusage.Command {
			return node(job{Way: way, File: files[0], Count: len(files), Out: out, Format: to.Name, Quality: to.quality, Sizes: sizes})
		},
		encode: func(files []string, to target, out string) rusage.Command {
			return node(job{Way: way, Out: out, Format: to.Name, Files: files, Grid: to.grid})
		},
	}
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
