// Command variantscore measures how good variants of a photo are. The benchmark runs it:
//
//	go run ./worker/internal/variantscore < REQUEST.json
//
// The request is JSON with two fields. The field "photo" is the path of the photo in full size: a JPEG or a PNG. The
// field "files" is a list of variants, with these fields:
//
//	path       the variant: a file that Darkroom reads
//	reference  compare it with a reduction of the photo to the same size
//	pixels     path of the pixels that it was encoded from, as a lossless file of the same size
//
// The answer is JSON with the size of the photo and the results of the files, in the same order: see type answer.
// Scores are SSIMULACRA 2.1 (package ssimulacra2). 100 means no difference, 90 a difference that nobody sees next to
// the original, and 70 high quality.
//
// The standard library decodes the photo. The reduction is a Lanczos filter with three lobes, which adds up amounts of
// light, premultiplied by alpha, in floating point. Colour profiles are ignored: a photo must be in sRGB for its scores
// to mean something.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "variantscore:", err)
		os.Exit(1)
	}
}

// request names the photo and the files to measure.
type request struct {
	Photo string `json:"photo"`
	Files []file `json:"files"`
}

// file is a variant. Files with the same Pixels should follow one another, because those of the last file are kept.
type file struct {
	Path      string `json:"path"`
	Reference bool   `json:"reference"`
	Pixels    string `json:"pixels"`
}

// answer is the output of run.
type answer struct {
	Width  int      `json:"width"` // size of the photo in pixels, upright; 0 if no file was compared with it
	Height int      `json:"height"`
	Files  []result `json:"files"`
}

// result has the measurements of a variant. A score that was not asked for is 0.
type result struct {
	Bytes     int64   `json:"bytes"`
	Width     int     `json:"width"`     // pixels
	Height    int     `json:"height"`    // pixels
	PSNR      float64 `json:"psnr"`      // luma in dB, against the reduction of the photo
	Reference float64 `json:"reference"` // score against the reduction of the photo
	Pixels    float64 `json:"pixels"`    // score against the pixels before encoding
}

// run reads a request and writes its results.
func run(ctx context.Context, in io.Reader, out io.Writer) error {
	var r request
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return fmt.Errorf("decode the request: %w", err)
	}
	j := judge{photo: r.Photo}
	a := answer{Files: make([]result, 0, len(r.Files))}
	for _, f := range r.Files {
		m, err := j.measure(ctx, f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		a.Files = append(a.Files, m)
	}
	if j.full != nil {
		a.Width, a.Height = j.full.w, j.full.h
	}
	return json.NewEncoder(out).Encode(a)
}
