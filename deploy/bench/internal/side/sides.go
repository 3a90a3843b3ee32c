// Package side holds the programs of a comparison, and the variants that each makes from a photo: the worker of this
// repository, sharp in several ways, and vipsthumbnail.
package side

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

// Size specifies a variant: the photo scaled down to fit inside it.
type Size struct {
	Name   string `json:"name"`
	Width  int    `json:"width"`  // pixels
	Height int    `json:"height"` // pixels
}

// Sizes lists the variants, from the largest to the smallest.
var Sizes = []Size{{"large", 1600, 1600}, {"medium", 800, 800}, {"small", 320, 320}}

// Side is a program that makes the variants.
type Side struct {
	Name string
	// Command returns the command that makes the variants of files, one after another. All files have the same content.
	// The variants are {out}/000/{size}.jpg, {out}/001/{size}.jpg and so on, with the extension of the target.
	Command func(files []string, to Target, out string) rusage.Command
	// Encode returns the command that encodes PNG files at each quality of the target's grid without resizing them. The
	// files of NAME.png are {out}/NAME/q20.jpg and so on.
	Encode func(files []string, to Target, out string) rusage.Command
	// Only is the one format in which the side differs from the others, or "".
	Only string
}

// Names lists the names of all sides.
var Names = []string{"darkroom", "sharp-usual", "sharp-best", "sharp-mozjpeg", VIPSProgram}

// Darkroom is the index of the worker among the sides of every photo.
const Darkroom = 0

// GridName returns the name of a file at one of the qualities of the grid, without its extension.
func GridName(quality int) string { return fmt.Sprintf("q%d", quality) }

// VariantPath returns the path of a variant of the i-th file.
func VariantPath(out string, i int, name string, to Target) string {
	return filepath.Join(out, fmt.Sprintf("%03d", i), name+to.Extension)
}

// FindWorker returns the side and the version of a worker. It uses program if that is not empty. Otherwise it compiles
// the worker into dir, with the flags of the container image.
func FindWorker(ctx context.Context, program, dir string, say func(string)) (Side, string, error) {
	if program == "" {
		say("building the worker")
		program = filepath.Join(dir, build.Worker)
		if err := build.Release(ctx, dir, build.Worker); err != nil {
			return Side{}, "", err
		}
	}
	version, err := rusage.Output(ctx, "", rusage.Environment(), program, "--version")
	return WorkerSide(program), version, err
}

func WorkerSide(program string) Side {
	type spec struct {
		Size
		Fit     string   `json:"fit"`
		Formats []string `json:"formats"`
		Quality int      `json:"quality,omitempty"`
	}
	render := func(specs []spec, out string, files []string) rusage.Command {
		env := rusage.Environment("RENDERS=1", "GOMAXPROCS=1", "VARIANTS="+MustJSON(specs))
		return rusage.Command{Args: append([]string{program, "render", "-o", out}, files...), Env: env}
	}
	return Side{
		Name: "darkroom",
		Command: func(files []string, to Target, out string) rusage.Command {
			var specs []spec
			for _, s := range Sizes {
				specs = append(specs, spec{s, "inside", []string{to.Name}, to.Quality})
			}
			return render(specs, out, files)
		},
		Encode: func(files []string, to Target, out string) rusage.Command {
			var specs []spec
			for _, q := range to.Grid {
				all := Sizes[0] // limit that no file exceeds
				all.Name = GridName(q)
				specs = append(specs, spec{all, "inside", []string{to.Name}, q})
			}
			return render(specs, out, files)
		},
	}
}

var (
	//go:embed sharp/package.json
	PackageJSON []byte
	//go:embed sharp/sharp.mjs
	Script []byte
)

// job is the argument of the script, as JSON.
type job struct {
	Way     string `json:"way"`
	File    string `json:"file,omitempty"`
	Count   int    `json:"count,omitempty"`
	Out     string `json:"out,omitempty"`
	Format  string `json:"format,omitempty"` // format of the variants
	Quality int    `json:"quality,omitempty"`
	Sizes   []Size `json:"sizes,omitempty"`
	// Files and Grid are set instead of File, Count, Quality and Sizes to encode files at these qualities.
	Files []string `json:"files,omitempty"`
	Grid  []int    `json:"grid,omitempty"`
}

// ErrNoNode means that node or npm is not installed.
var ErrNoNode = errors.New("is not in PATH: measuring sharp needs Node.js 20.9 or later, with npm")

// InstallSharp installs sharp and the script into a folder below cache unless they are there. It returns the sides and
// the versions of sharp and its libraries.
func InstallSharp(ctx context.Context, cache string, say func(string)) ([]Side, map[string]string, error) {
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, nil, fmt.Errorf("%s %w", name, ErrNoNode)
		}
	}
	var pinned struct{ Dependencies struct{ Sharp string } }
	if err := json.Unmarshal(PackageJSON, &pinned); err != nil {
		return nil, nil, fmt.Errorf("package.json: %w", err)
	}
	dir := filepath.Join(cache, "sharp-"+pinned.Dependencies.Sharp)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	program := filepath.Join(dir, "sharp.mjs")
	if err := errors.Join(replace(filepath.Join(dir, "package.json"), PackageJSON), replace(program, Script)); err != nil {
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
	mozjpeg := SharpSide(program, "mozjpeg")
	mozjpeg.Only = ToJPEG.Name // it is the same as the usual way for other formats
	return []Side{SharpSide(program, "usual"), SharpSide(program, "best"), mozjpeg}, versions, nil
}

func sharpVersions(ctx context.Context, program string) (map[string]string, error) {
	text, err := rusage.Output(ctx, "", rusage.Environment(), "node", program, MustJSON(job{Way: "versions"}))
	if err != nil {
		return nil, err
	}
	var versions map[string]string
	if err := json.Unmarshal([]byte(text), &versions); err != nil {
		return nil, fmt.Errorf("versions of sharp: %w", err)
	}
	return versions, nil
}

func SharpSide(program, way string) Side {
	node := func(j job) rusage.Command {
		return rusage.Command{Args: []string{"node", program, MustJSON(j)}, Env: rusage.Environment()}
	}
	return Side{
		Name: "sharp-" + way,
		Command: func(files []string, to Target, out string) rusage.Command {
			return node(job{Way: way, File: files[0], Count: len(files), Out: out, Format: to.Name, Quality: to.Quality, Sizes: Sizes})
		},
		Encode: func(files []string, to Target, out string) rusage.Command {
			return node(job{Way: way, Out: out, Format: to.Name, Files: files, Grid: to.Grid})
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

// MustJSON encodes a value of one of this program's types, which cannot fail.
func MustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
