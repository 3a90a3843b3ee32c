package side

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

// VIPSProgram is the name of libvips' command line thumbnailer, and of the side.
const VIPSProgram = "vipsthumbnail"

// ErrNoVIPS means that vipsthumbnail is not installed.
var ErrNoVIPS = errors.New(VIPSProgram + " is not in PATH (Debian: libvips-tools)")

var (
	//go:embed vipsthumbnail.sh
	vipsScript string
	//go:embed vipsencode.sh
	vipsEncodeScript string
)

// FindVIPS returns the side of vipsthumbnail and the version of libvips, or ErrNoVIPS.
func FindVIPS(ctx context.Context) (Side, string, error) {
	if _, err := exec.LookPath(VIPSProgram); err != nil {
		return Side{}, "", ErrNoVIPS
	}
	version, err := rusage.Output(ctx, "", rusage.Environment(), VIPSProgram, "--vips-version")
	return VIPSSide(), version, err
}

func VIPSSide() Side {
	env := rusage.Environment("VIPS_CONCURRENCY=1")
	sh := func(script string, args ...string) rusage.Command {
		return rusage.Command{Args: append([]string{"/bin/sh", "-c", script, VIPSProgram}, args...), Env: env}
	}
	return Side{
		Name: VIPSProgram,
		Command: func(files []string, to Target, out string) rusage.Command {
			options := "[strip]"
			if to.Lossy() {
				options = fmt.Sprintf("[Q=%d,strip]", to.Quality)
			}
			args := []string{out, to.Extension + options}
			for _, s := range Sizes {
				args = append(args, fmt.Sprintf("%dx%d>", s.Width, s.Height)) // never enlarges
			}
			return sh(vipsScript, append(args, files...)...)
		},
		Encode: func(files []string, to Target, out string) rusage.Command {
			var grid []string
			for _, q := range to.Grid {
				grid = append(grid, strconv.Itoa(q))
			}
			return sh(vipsEncodeScript, append([]string{out, to.Extension, strings.Join(grid, " ")}, files...)...)
		},
	}
}

// DecodeHEIC writes a HEIC as a PNG of the same size into dir, upright and in sRGB, and returns its path. The standard
// library has no decoder of HEIC.
func DecodeHEIC(ctx context.Context, p photoset.Original, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, p.Name+".png")
	const any = "100000x100000>" // limit that no photo exceeds
	_, err := rusage.Output(ctx, "", rusage.Environment(), VIPSProgram, p.Path, "--size", any, "--export-profile", "srgb", "--output", path+"[compression=1,strip]")
	return path, err
}
