// Command bench compares the worker's engine with programs of libvips on the same photos, on one thread: with sharp
// (https://sharp.pixelplumbing.com, a Node.js module that includes libvips) on JPEG and PNG, and with vipsthumbnail on
// HEIC, which the published sharp cannot decode:
//
//	go run ./deploy/bench                    photos that the program draws, the same for everyone
//	go run ./deploy/bench PHOTO|DIR...       your own JPEG, PNG and HEIC photos
//
// Each side makes the same three variants of each photo, which fit inside 1600, 800 and 320 pixels, and writes them to
// files: as JPEG and WebP at quality 80 and as AVIF at quality 50. A PNG with a transparent pixel becomes PNG instead
// of JPEG, with default options. The sides are
//
//	darkroom       the command `worker render`, built from this source like the container image
//	sharp-usual    one pipeline per size from the file, as in sharp's documentation
//	sharp-best     decodes once to the largest size, makes each smaller size from the one before, standard Huffman tables
//	sharp-mozjpeg  the usual way with mozjpeg's encoder, for JPEG
//	vipsthumbnail  like sharp-best, with uncompressed files between the steps; libheif and libde265 decode
//
// A round runs every side on every photo, one process at a time, so that other load on the machine affects all sides
// alike. The CPU time of a photo (user and system, all threads, as reported by the operating system) is that of a
// process that renders the photo 1+N times minus that of a process that renders it once, divided by N. The start-up
// time of a program cancels out. A ratio compares two times from the same round. The program prints the median over the
// rounds with the minimum and the maximum. Peak memory is the highest resident set of the longer process, including the
// program, as the median over the rounds. The steps of vipsthumbnail are processes of their own, each for all photos:
// their times are added, and the largest one counts for the memory.
//
// Quality is the SSIMULACRA2 of a variant against the full-size original, reduced in linear light, and against the
// side's own pixels before encoding. For the bytes at equal quality, each side encodes its pixels at several qualities.
// The command worker/internal/variantscore scores the files. It ignores colour profiles, which a side may convert or
// keep, so the scores of a photo that is not in sRGB mean little. The original of a HEIC is the picture that
// vipsthumbnail decodes, in sRGB, because libde265 decodes every sample as the standard demands. From CPU time and
// bytes the program calculates what a million photos cost.
//
// The program needs the go command; node and npm for sharp, which is left out without them; and vipsthumbnail for HEIC,
// which is left out without it. The first run installs sharp, at the version pinned in
// internal/side/sharp/package.json, into the user's cache folder. A run without photos draws a HEIC if heif-enc is
// installed. Linux and macOS account for memory differently: compare sides, not systems.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/alecthomas/kong"

	"darkroom/deploy/bench/internal/counting"
	"darkroom/deploy/bench/internal/rusage"
	"darkroom/worker/process"
)

const description = `Compares the worker's engine on one thread with sharp (libvips), and on HEIC with vipsthumbnail (libvips and libde265). Prints CPU time, memory, bytes, quality by SSIMULACRA2, bytes at equal quality, and what a million photos cost.

Each side makes three variants of each photo, which fit inside 1600, 800 and 320 pixels: JPEG, WebP and AVIF, or PNG instead of JPEG for a PNG with transparent pixels. "usual" is one sharp pipeline per size; ` +
	`"best" decodes once and makes each size from the one before, and so does vipsthumbnail. CPU time is what the operating system reports, without the start of the process.

Needs the go command; node and npm for JPEG and PNG; vipsthumbnail for HEIC. The first run installs sharp into your cache folder.`

type commandLine struct {
	Version kong.VersionFlag `help:"Print the version and exit."`
	Paths   []string         `arg:"" optional:"" name:"photo" help:"JPEG, PNG and HEIC photos, and folders of them. Default: generated photos, which are three JPEGs of 12 megapixels (baseline, turned by EXIF, progressive), one of 2, two PNGs of 4 (RGB, RGBA), and a HEIC of 12 if vipsthumbnail and heif-enc are installed."`
	Rounds  int              `default:"5" placeholder:"N" help:"Number of measurements of each side on each photo."`
	Repeat  int              `default:"6" placeholder:"N" help:"Number of photos per measurement. Small photos need more for a stable result."`
	Equal   bool             `help:"Instead of times, print the bytes of JPEGs at equal SSIMULACRA2, compared with quality 80 of a standard encoder."`
	Count   bool             `help:"Instead of times, count the instructions of the worker for drawn photos on amd64 and arm64, under qemu-user. Fails if a job takes over 2 % more than deploy/bench/budget.json says. Needs gcc and qemu-user."`
	Update  bool             `help:"With --count: write the counts into deploy/bench/budget.json."`
	Formats []string         `placeholder:"NAME,..." help:"Formats of the variants: jpeg, webp, avif. Default: all. AVIF takes most of the time."`
	Sides   []string         `placeholder:"NAME,..." help:"Sides besides darkroom: sharp-usual, sharp-best, sharp-mozjpeg, vipsthumbnail. Default: all."`
	Score   float64          `default:"75" placeholder:"SCORE" help:"SSIMULACRA2 score at which bytes are compared. 0 skips the comparison, which encodes many files."`
	Worker  string           `type:"existingfile" placeholder:"FILE" help:"Measure this program instead of building the worker."`
	Readme  bool             `help:"Write the means into the tables of deploy/bench/README.md, instead of printing. Run it in the root of the source. With --formats, the tables of the other formats stay, if they are of the same programs, settings and photos."`
	JSON    bool             `name:"json" help:"Print JSON instead of tables."`
	Keep    string           `type:"path" placeholder:"DIR" help:"Keep the variants of each side and the generated photos in this folder."`
	Account bool             `hidden:"" help:"Run the program in the arguments and print its resource use as JSON."`
}

func main() {
	var cl commandLine
	process.Main(&cl, "bench", description)
}

// Validate reports the first invalid setting.
func (c *commandLine) Validate() error {
	if c.Rounds < 1 || c.Repeat < 1 {
		return errors.New("--rounds and --repeat must be at least 1")
	}
	if c.Update && !c.Count {
		return errors.New("--update needs --count")
	}
	if c.Score < 0 || c.Score > 95 {
		return errors.New("--score must be from 0 to 95")
	}
	return nil
}

// Run runs the benchmark.
func (c *commandLine) Run(ctx context.Context) error {
	if c.Account {
		return rusage.Account(ctx, os.Stdout, c.Paths)
	}
	measure := c.measure
	switch {
	case c.Equal:
		measure = c.equal
	case c.Count:
		measure = func(ctx context.Context) error { return counting.Run(ctx, c.Update) }
	}
	err := measure(ctx)
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}
