package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/rusage"
)

// vipsProgram is the name of libvips' command line thumbnailer, and of the side.
const vipsProgram = "vipsthumbnail"

// errNoVips says that vipsthumbnail is not installed.
var errNoVips = errors.New(vipsProgram + " is not in PATH (Debian: libvips-tools)")

var (
	//go:embed vipsthumbnail.sh
	vipsScript string
	//go:embed vipsencode.sh
	vipsEncodeScript string
)

// findVips returns the side of vipsthumbnail and the version of libvips, or errNoVips.
func findVips(ctx context.Context) (side, string, error) {
	if _, err := exec.LookPath(vipsProgram); err != nil {
		return side{}, "", errNoVips
	}
	version, err := rusage.Output(ctx, "", rusage.Environment(), vipsProgram, "--vips-version")
	return vipsSide(), version, err
}

func vipsSide() side {
	env := rusage.Environment("VIPS_CONCURRENCY=1")
	sh := func(script string, args ...string) rusage.Command {
		return rusage.Command{Args: append([]string{"/bin/sh", "-c", script, vipsProgram}, args...), Env: env}
	}
	return side{
		name: vipsProgram,
		command: func(files []string, to target, out string) rusage.Command {
			options := "[strip]"
			if to.lossy() {
				options = fmt.Sprintf("[Q=%d,strip]", to.quality)
			}
			args := []string{out, to.extension + options}
			for _, s := range sizes {
				args = append(args, fmt.Sprintf("%dx%d>", s.Width, s.Height)) // never enlarges
			}
			return sh(vipsScript, append(args, files...)...)
		},
		encode: func(files []string, to target, out string) rusage.Command {
			var grid []string
			for _, q := range to.grid {
				grid = append(grid, strconv.Itoa(q))
			}
			return sh(vipsEncodeScript, append([]string{out, to.extension, strings.Join(grid, " ")}, files...)...)
		},
	}
}

// decodeHEIC writes a HEIC as a PNG of the same size into dir, upright and in sRGB, and returns its path. The standard
// library has no decoder of HEIC.
func decodeHEIC(ctx context.Context, p photoset.Original, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, p.Name+".png")
	const any = "100000x100000>" // no photo is larger
	_, err := rusage.Output(ctx, "", rusage.Environment(), vipsProgram, p.Path, "--size", any, "--export-profile", "srgb", "--output", path+"[compression=1,strip]")
	return path, err
}
