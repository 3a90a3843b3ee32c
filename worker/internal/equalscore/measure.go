package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"strconv"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/ssimulacra2"
	"darkroom/worker/photo"
)

// sides are the sizes that are measured, given as the longer side of a variant in pixels.
var sides = []int{1600, 800, 320}

// variant holds the pixels of a photo at one of the sizes.
type variant struct {
	side   int
	pixels *image.NRGBA
}

// render returns the pixels of a photo at each size that is not larger than the photo.
func render(ctx context.Context, data []byte) ([]variant, error) {
	var specs []engine.Spec
	for _, side := range sides {
		specs = append(specs, engine.Spec{Name: strconv.Itoa(side), Width: side, Height: side, Fit: engine.Inside,
			Formats: []engine.Output{engine.Output(photo.PNG)}, Background: "#ffffff", Quality: engine.DefaultQuality})
	}
	e, err := engine.New(engine.Config{Specs: specs})
	if err != nil {
		return nil, err
	}
	h, err := e.Inspect(data)
	if err != nil {
		return nil, err
	}
	made, err := e.Render(ctx, data, h, nil)
	if err != nil {
		return nil, err
	}
	var variants []variant
	for i, file := range made.Images {
		if max(file.Width, file.Height) < sides[i] {
			continue
		}
		m, err := png.Decode(bytes.NewReader(file.Data))
		if err != nil {
			return nil, fmt.Errorf("decode the variant of %d pixels: %w", sides[i], err)
		}
		pixels, err := raster.FromImage(m).NRGBA(ctx)
		if err != nil {
			return nil, err
		}
		variants = append(variants, variant{sides[i], pixels})
	}
	return variants, nil
}

// result compares the two encoders on one picture.
type result struct {
	score    float64 // score of the baseline
	baseline int     // bytes of the baseline
	bytes    float64 // bytes of Darkroom's file at that score
	points   float64 // score of Darkroom's file at the baseline's quality, minus the baseline's
	usual    float64 // bytes of that file, divided by those of the baseline
}

func (r result) ratio() float64 { return r.bytes / float64(r.baseline) }

// errOutOfReach means that no quality reaches the score of the baseline, or that all exceed it.
var errOutOfReach = errors.New("no two qualities are around the score of the baseline")

// measure compares the encoders on a picture.
func measure(ctx context.Context, m *image.NRGBA) (result, error) {
	reference, err := ssimulacra2.New(ctx, m)
	if err != nil {
		return result{}, err
	}
	var baseline bytes.Buffer
	o := &jpegn.EncodeOptions{Quality: engine.DefaultQuality, Subsampling: jpegn.Subsample420, OptimizeCoding: true}
	if err := jpegn.Encode(&baseline, m, o); err != nil {
		return result{}, fmt.Errorf("encode the baseline: %w", err)
	}
	first, err := judge(ctx, reference, baseline.Bytes())
	if err != nil {
		return result{}, err
	}
	known := map[int]point{}
	fileAt := func(quality int) (point, error) {
		if p, ok := known[quality]; ok {
			return p, nil
		}
		data, err := encode(ctx, m, quality)
		if err != nil {
			return point{}, err
		}
		known[quality], err = judge(ctx, reference, data)
		return known[quality], err
	}
	usual, err := fileAt(engine.DefaultQuality)
	if err != nil {
		return result{}, err
	}
	r := result{score: first.score, baseline: int(first.bytes), points: usual.score - first.score, usual: usual.bytes / first.bytes}
	r.bytes, err = bytesAt(first.score, engine.DefaultQuality, fileAt)
	return r, err
}

// encode returns the file that the engine writes for the picture by default.
func encode(ctx context.Context, m *image.NRGBA, quality int) ([]byte, error) {
	progressive := max(m.Rect.Dx(), m.Rect.Dy()) >= engine.ProgressiveSide
	return format.Lookup(photo.JPEG).Encode(ctx, raster.FromRGBA(m), format.Options{Quality: quality, Progressive: progressive})
}

// point is the size of a file in bytes, and its score.
type point struct{ bytes, score float64 }

// judge scores a file.
func judge(ctx context.Context, reference *ssimulacra2.Reference, data []byte) (point, error) {
	m, err := format.DecodeNRGBA(ctx, data, format.Limits{Pixels: engine.MaxPixels})
	if err != nil {
		return point{}, err
	}
	score, err := reference.Score(ctx, m)
	return point{float64(len(data)), score}, err
}

// bytesAt returns the bytes of a file with the given score. It looks for the two qualities around it from the quality
// start, in steps that double until they pass it and are halved from there.
func bytesAt(score float64, start int, fileAt func(quality int) (point, error)) (float64, error) {
	low, high := 0, 101 // low scores less, or is 0; high scores at least as much, or is 101
	for quality, step := start, 1; high-low > 1; {
		p, err := fileAt(quality)
		if err != nil {
			return 0, err
		}
		if p.score < score {
			low = quality
		} else {
			high = quality
		}
		switch {
		case low == 0:
			quality = max(high-step, 1)
		case high == 101:
			quality = min(low+step, 100)
		default:
			quality = (low + high) / 2
		}
		step *= 2
	}
	if low == 0 || high == 101 {
		return 0, fmt.Errorf("%w, %.2f", errOutOfReach, score)
	}
	below, err := fileAt(low)
	if err != nil {
		return 0, err
	}
	above, err := fileAt(high)
	if err != nil {
		return 0, err
	}
	part := (score - below.score) / (above.score - below.score)
	return math.Exp(math.Log(below.bytes)*(1-part) + math.Log(above.bytes)*part), nil
}
