package main

import (
	"context"
	"fmt"
	"image"
	"os"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/ssimulacra2"
)

// minPSNR is the lowest valid PSNR in dB. A picture that is not upright, or not of this photo, has less than 15. One
// that lost half of its texture to the encoder still has more than 20.
const minPSNR = 16

// judge measures the variants of one photo. It decodes the photo when it is first needed.
type judge struct {
	photo   string
	full    *light
	reduced map[image.Point]reduction
	pixels  string // path of the file in own
	own     *ssimulacra2.Reference
	size    image.Point // size of own
}

// reduction is the photo at the size of a variant.
type reduction struct {
	pixels    *image.NRGBA
	reference *ssimulacra2.Reference
}

// measure measures a variant. It returns an error if the variant does not show the photo.
func (j *judge) measure(ctx context.Context, f file) (result, error) {
	m, bytes, err := decodeVariant(ctx, f.Path)
	if err != nil {
		return result{}, err
	}
	size := m.Rect.Size()
	r := result{Bytes: bytes, Width: size.X, Height: size.Y}
	if f.Reference {
		to, err := j.reduce(ctx, size)
		if err != nil {
			return result{}, err
		}
		if r.PSNR = psnr(luma(m), luma(to.pixels)); r.PSNR < minPSNR {
			return result{}, fmt.Errorf("the file does not show %s: its PSNR is %.1f dB", j.photo, r.PSNR)
		}
		if r.Reference, err = to.reference.Score(ctx, m); err != nil {
			return result{}, err
		}
	}
	if f.Pixels == "" {
		return r, nil
	}
	if f.Pixels != j.pixels {
		own, _, err := decodeVariant(ctx, f.Pixels)
		if err != nil {
			return result{}, fmt.Errorf("its pixels: %w", err)
		}
		if j.own, err = ssimulacra2.New(ctx, own); err != nil {
			return result{}, err
		}
		j.pixels, j.size = f.Pixels, own.Rect.Size()
	}
	if size != j.size {
		return result{}, fmt.Errorf("the file has %v pixels, but %s has %v", size, f.Pixels, j.size)
	}
	r.Pixels, err = j.own.Score(ctx, m)
	return r, err
}

// reduce returns the photo at a size.
func (j *judge) reduce(ctx context.Context, size image.Point) (reduction, error) {
	if r, ok := j.reduced[size]; ok {
		return r, nil
	}
	if j.full == nil {
		m, err := decodePhoto(j.photo)
		if err != nil {
			return reduction{}, fmt.Errorf("%s: %w", j.photo, err)
		}
		j.full, j.reduced = newLight(m), map[image.Point]reduction{}
	}
	small, err := j.full.resize(ctx, size)
	if err != nil {
		return reduction{}, err
	}
	m := small.nrgba()
	reference, err := ssimulacra2.New(ctx, m)
	if err != nil {
		return reduction{}, err
	}
	j.reduced[size] = reduction{m, reference}
	return j.reduced[size], nil
}

// decodeVariant reads a variant. It returns its pixels and the size of the file in bytes.
func decodeVariant(ctx context.Context, path string) (*image.NRGBA, int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	m, err := format.DecodeNRGBA(ctx, data, format.Limits{Pixels: engine.MaxPixels})
	return m, int64(len(data)), err
}
