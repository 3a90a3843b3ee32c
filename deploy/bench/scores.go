package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/rusage"
	"darkroom/deploy/bench/internal/side"
	"darkroom/worker/plural"
)

// scorerPackage is the command that scores variants. It uses packages that only those below worker may import.
const scorerPackage = "darkroom/worker/internal/variantscore"

// scores holds the bytes and the scores of a side's variants of a photo, parallel to sizes.
type scores struct {
	bytes     []float64
	reference []float64 // SSIMULACRA2 against a reduction of the photo in linear light
	pixels    []float64 // SSIMULACRA2 against the pixels before encoding
	psnr      []float64 // luma in dB, against the reduction
	equal     []float64 // bytes of a file that scores --score against its pixels; 0 if the grid does not reach it
}

// answer is the output of the scorer.
type answer struct {
	Width  int      `json:"width"` // size of the photo in pixels, upright
	Height int      `json:"height"`
	Files  []scored `json:"files"`
}

// scored is the scorer's result for a file.
type scored struct {
	Bytes     int64   `json:"bytes"`
	Width     int     `json:"width"`
	Height    int     `json:"height"`
	PSNR      float64 `json:"psnr"`
	Reference float64 `json:"reference"`
	Pixels    float64 `json:"pixels"`
}

// scoredFile is a file for the scorer.
type scoredFile struct {
	Path      string `json:"path"`
	Reference bool   `json:"reference"`        // compare it with the photo
	Pixels    string `json:"pixels,omitempty"` // path of the pixels that it was encoded from
}

// buildScorer compiles the scorer into dir and returns its path.
func buildScorer(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "variantscore")
	_, err := rusage.Output(ctx, "", append(os.Environ(), "CGO_ENABLED=0"), "go", "build", "-tags", "nodynamic", "-trimpath", "-o", path, scorerPackage)
	return path, err
}

// judge scores a side's variants of the last round.
func (b *bench) judge(ctx context.Context, s *samples, which int) error {
	own, err := b.pixels(ctx, s, which)
	if err != nil {
		return fmt.Errorf("its pixels: %w", err)
	}
	grid := filepath.Join(b.dir, "grid")
	if err := os.RemoveAll(grid); err != nil {
		return err
	}
	if s.to.Lossy() && b.score > 0 {
		c := s.sides[which].Encode(own, s.to, grid)
		if _, err := rusage.Output(ctx, "", c.Env, c.Args...); err != nil {
			return err
		}
	}
	var files []scoredFile
	for i, v := range side.Sizes {
		files = append(files, scoredFile{side.VariantPath(b.outFolder(s, which), 0, v.Name, s.to), true, own[i]})
		if b.score == 0 {
			continue
		}
		for _, q := range s.to.Grid {
			files = append(files, scoredFile{filepath.Join(grid, v.Name, side.GridName(q)+s.to.Extension), false, own[i]})
		}
	}
	a, err := b.ask(ctx, s.photo, files)
	if err != nil {
		return err
	}
	results := a.Files
	s.size = image.Pt(a.Width, a.Height)
	sc := &s.scores[which]
	each := len(files) / len(side.Sizes)
	for i, v := range side.Sizes {
		r := results[i*each]
		got := image.Pt(r.Width, r.Height)
		if want := v.Fit(s.size); max(got.X-want.X, want.X-got.X, got.Y-want.Y, want.Y-got.Y) > 1 { // each side may round
			return fmt.Errorf("%s has %v pixels, want about %v", files[i*each].Path, got, want)
		}
		sc.bytes = append(sc.bytes, float64(r.Bytes))
		sc.reference, sc.pixels, sc.psnr = append(sc.reference, r.Reference), append(sc.pixels, r.Pixels), append(sc.psnr, r.PSNR)
		sc.equal = append(sc.equal, bytesAt(b.score, results[i*each+1:][:each-1]))
	}
	return nil
}

// pixels makes lossless versions of the side's variants of the photo, and returns their paths, parallel to sizes.
func (b *bench) pixels(ctx context.Context, s *samples, which int) (paths []string, err error) {
	out := filepath.Join(b.dir, "pixels", s.photo.Name, s.sides[which].Name)
	for _, v := range side.Sizes {
		paths = append(paths, side.VariantPath(out, 0, v.Name, side.ToPNG))
	}
	if _, err := os.Stat(paths[0]); err == nil {
		return paths, nil // made for another format already
	}
	c := s.sides[which].Command([]string{filepath.Join(b.dir, "in", s.photo.Name, photoset.FileName(0, s.photo.Kind))}, side.ToPNG, out)
	if _, err := rusage.Output(ctx, "", c.Env, c.Args...); err != nil {
		return nil, err
	}
	return paths, nil
}

// ask runs the scorer on files of a photo.
func (b *bench) ask(ctx context.Context, p photoset.Original, files []scoredFile) (answer, error) {
	photo := p.Path
	if p.Decoded != "" {
		photo = p.Decoded
	}
	cmd := exec.CommandContext(ctx, b.scorer)
	cmd.Stdin = strings.NewReader(side.MustJSON(map[string]any{"photo": photo, "files": files}))
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return answer{}, ctx.Err()
		}
		return answer{}, fmt.Errorf("score the variants: %w\n%s", err, strings.TrimSpace(problems.String()))
	}
	var a answer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		return answer{}, fmt.Errorf("decode the scores: %w", err)
	}
	if len(a.Files) != len(files) {
		return answer{}, fmt.Errorf("got %d of %s", len(a.Files), plural.Count(len(files), "score"))
	}
	return a, nil
}

// bytesAt returns the bytes of a file with the given score, from files of rising quality. It interpolates the logarithm
// of the bytes between the first two files around the score. It returns 0 if the score is below or above all of them.
func bytesAt(score float64, files []scored) float64 {
	for i := 1; i < len(files); i++ {
		low, high := files[i-1], files[i]
		if low.Pixels <= score && score < high.Pixels {
			part := (score - low.Pixels) / (high.Pixels - low.Pixels)
			return math.Exp(math.Log(float64(low.Bytes))*(1-part) + math.Log(float64(high.Bytes))*part)
		}
	}
	return 0
}
