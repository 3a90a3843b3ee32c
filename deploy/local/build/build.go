// Package build compiles Darkroom's programs with the go command: for the local system, the tests and the benchmarks.
// Every program is static (CGO_ENABLED=0), and its codecs run in the WebAssembly sandbox (build tag nodynamic).
package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Names of the programs, which are also the names of their files.
const (
	Local       = "local"
	TokenLambda = "token-lambda"
	Worker      = "worker"
)

// packages maps each program to its package.
var packages = map[string]string{
	Local:       "darkroom/deploy/local",
	TokenLambda: "darkroom/token-lambda",
	Worker:      "darkroom/worker",
}

// All returns the names of all programs.
func All() []string { return []string{TokenLambda, Worker, Local} }

// Programs compiles the named programs into dir. It needs the go command, and a working directory inside Darkroom's
// source. It fails if ctx ends first.
func Programs(ctx context.Context, dir string, names ...string) error {
	err := compile(ctx, dir, names)
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w; use --bin for programs that are already built", err)
	}
	return err
}

// Release is like [Programs], with the flags of the container images: no symbol table and no file system paths.
func Release(ctx context.Context, dir string, names ...string) error {
	return compile(ctx, dir, names, "-trimpath", "-ldflags=-s -w")
}

// Cached is like [Programs], for tests. Linking takes most of the time of a build, and of the commands of go only `go
// run` caches what it has linked. The programs have no symbol table, and no commit in their version.
func Cached(ctx context.Context, dir string, names ...string) error {
	for _, name := range names {
		// go run does not start the program, but cp PROGRAM DIR/NAME.
		if err := run(ctx, "build "+name, "run", "-tags", "nodynamic", "-trimpath", "-exec", "cp", packages[name], filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func compile(ctx context.Context, dir string, names []string, flags ...string) error {
	args := slices.Concat([]string{"build", "-tags", "nodynamic"}, flags, []string{"-o", dir + string(filepath.Separator)})
	for _, name := range names {
		args = append(args, packages[name])
	}
	return run(ctx, "build "+strings.Join(names, ", "), args...)
}

// run runs the go command. Errors begin with what.
func run(ctx context.Context, what string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // lets go remove its temporary files
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s: %w", what, err)
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", what, ctx.Err())
	case err != nil:
		return fmt.Errorf("%s: %w\n%s", what, err, out)
	}
	return nil
}

// Check reports the first of the named programs that is missing from dir or not executable.
func Check(dir string, names ...string) error {
	for _, name := range names {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("program folder: %w", err)
		}
	}
	return nil
}
