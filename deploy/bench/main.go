// Command bench measures the worker's engine against sharp (https://sharp.pixelplumbing.com, a Node.js module that has
// libvips with it) on the same photos, on one thread:
//
//	go run ./deploy/bench                    photos that are drawn for it, so that anyone can
//	go run ./deploy/bench PHOTO|DIR...       your photos: JPEG and PNG
//
// Each side makes of each photo the same three variants, which fit inside 1600, 800 and 320 pixels, and writes them to
// files: JPEG at quality 80, or of a PNG with any transparent pixel PNG, as each side writes it by default. The sides are
//
//	darkroom       the command `worker render`, built from this source as the container has it
//	sharp-usual    one pipeline a size from the file, as sharp's documentation shows
//	sharp-best     decodes once to the largest size, makes each smaller one of the one before, standard Huffman tables
//
// A round runs each side on each photo, one process at a time, in turn: what else the machine does meets all alike. The
// CPU time of a photo (user and system, all threads, as the operating system accounts for it) is that of a process that
// does the photo 1+N times less that of one that does it once, divided by N: starting a program costs nothing in it.
// A ratio is of two times in one round; the median over the rounds is printed, with the least and the greatest. Peak
// memory is the greatest resident set of the longer process, the program itself included, median over the rounds.
//
// Quality is the PSNR of the luma of a variant, after its encoding, against the original in full size: decoded by the
// standard library and resampled by imaging's Lanczos filter, and seen on white where it is transparent. Sharp converts a photo that has an ICC profile to sRGB
// while Darkroom keeps the profile: of such a photo neither the PSNR nor the work is quite the same.
//
// It needs the go command, node and npm. The first run installs sharp, at the version pinned in sharp/package.json, into
// the user's cache folder. Linux and macOS account for memory differently; compare sides, not systems.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

const description = `Measures the worker's engine against sharp (libvips), on one thread, and prints a table of ratios: below 1, Darkroom is faster.

Each side makes of each photo three variants inside 1600, 800 and 320 pixels: JPEG at quality 80, or PNG of a PNG with transparent pixels. "usual" is one sharp pipeline a size; ` +
	`"best" decodes once and makes each size of the one before. CPU time is the operating system's account of the process, without its start.

Needs the go command, node and npm. The first run installs sharp into your cache folder.`

type commandLine struct {
	Version kong.VersionFlag `help:"Print the version and exit."`
	Paths   []string         `arg:"" optional:"" name:"photo" help:"JPEG and PNG photos, and folders of them. Without any, photos are drawn: three JPEGs of 12 megapixels (baseline, turned by EXIF, progressive) and one of 2, and two PNGs of 4 (RGB, RGBA)."`
	Rounds  int              `default:"5" placeholder:"N" help:"How many times each side is measured on each photo."`
	Repeat  int              `default:"6" placeholder:"N" help:"How many photos a measurement counts. More make it steadier, which small photos need."`
	JSON    bool             `name:"json" help:"Print JSON instead of tables."`
	Keep    string           `type:"path" placeholder:"DIR" help:"Keep the variants of each side, and the photos drawn, in this folder."`
	Account bool             `hidden:"" help:"Run the program that the arguments name and print what it used, as JSON."`
}

func main() {
	var cl commandLine
	process.Main(&cl, "bench", description)
}

// Run is what the program does, given its flags.
func (c *commandLine) Run(ctx context.Context) error {
	if c.Account {
		return account(ctx, os.Stdout, c.Paths)
	}
	err := c.measure(ctx)
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}
