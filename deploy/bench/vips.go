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
)

// vipsProgram is the name of libvips' command line thumbnailer, and of the side.
const vipsProgram = "vipsthumbnail"

// errNoVips says that vipsthumbnail is not installed.
var errNoVips = errors.New(vipsProgram + " is not in PATH (Debian: libvips-tools)")

//go:embed vipsthumbnail.sh
var vipsScript string

// findVips returns the side of vipsthumbnail and the version of libvips, or errNoVips.
func findVips(ctx context.Context) (side, string, error) {
	if _, err := exec.LookPath(vipsProgram); err != nil {
		return side{}, "", errNoVips
	}
	version, err := output(ctx, "", environment(), vipsProgram, "--vips-version")
	return vipsSide(), version, err
}

func vipsSide() side {
	env := environment("VIPS_CONCURRENCY=1")
	return side{vipsProgram, func(files []string, _ kind, out string) command {
		args := []string{"/bin/sh", "-c", vipsScript, vipsProgram, out, strconv.Itoa(quality)}
		for _, s := range sizes {
			args = append(args, fmt.Sprintf("%dx%d>", s.Width, s.Height)) // never enlarges
		}
		return command{args: append(args, files...), env: env}
	}}
}

// decodeHEIC writes a HEIC as a PNG of the same size into dir, upright and in sRGB, and returns its path. The standard
// library has no decoder of HEIC.
func decodeHEIC(ctx context.Context, p original, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, p.name+".png")
	const any = "100000x100000>" // no photo is larger
	_, err := output(ctx, "", environment(), vipsProgram, p.path, "--size", any, "--export-profile", "srgb", "--output", path+"[compression=1,strip]")
	return path, err
}
