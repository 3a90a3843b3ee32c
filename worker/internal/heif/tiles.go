package heif

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"

	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/sandbox"
)

// tilePixels are the pixels of a decoded tile, in one of three forms.
type tilePixels struct {
	width, height int
	samples       *hevc.Picture
	rgba          *image.NRGBA // straight or premultiplied; the same, because tiles have no alpha
	deep          []byte       // RGBA with 16 bits a sample, little-endian
}

// maxKeptMemory is the most bytes that a decoder may take if it is kept for other pictures. The tiles of phones take a
// tenth of it.
const maxKeptMemory = 16 << 20

// decoders keeps decoders for the tiles of other pictures.
var decoders = sync.Pool{New: func() any { return new(hevc.Decoder) }}

// tileDecoder decodes the tiles of a picture one after another.
type tileDecoder struct {
	memory *sandbox.Memory // linear memory of the sandboxed codec
	hevc   *hevc.Decoder
	keep   bool

	part    bool  // damaged tiles are drawn as far as they decode
	damage  error // the first fault
	decoded int   // number of tiles decoded, in whole or in part
}

func (d *tileDecoder) incomplete() bool { return d.part }

func (h Header) newTileDecoder() *tileDecoder {
	d := &tileDecoder{memory: sandbox.NewMemory(h.codecMemory()), keep: h.decodeMemory() <= maxKeptMemory}
	if d.keep {
		d.hevc = decoders.Get().(*hevc.Decoder)
	} else {
		d.hevc = new(hevc.Decoder)
	}
	return d
}

// close ends the use of the decoder and of all pixels that it returned.
func (d *tileDecoder) close() {
	if d.keep {
		decoders.Put(d.hevc)
	}
}

// decode decodes a tile of a picture and calls use with its pixels, which are only valid during the call. If part is
// set, a tile that does not decode is not an error, and use is not called for it.
func (d *tileDecoder) decode(ctx context.Context, p *picture, t tile, use func(tilePixels) error) error {
	err := d.decodeTile(ctx, p, t, use)
	switch {
	case err == nil:
		d.decoded++
	case d.part && (errors.Is(err, ErrCorrupt) || errors.Is(err, ErrTruncated)):
		d.damage = cmp.Or(d.damage, err)
		return nil
	}
	return err
}

func (d *tileDecoder) decodeTile(ctx context.Context, p *picture, t tile, use func(tilePixels) error) error {
	checked := func(pixels tilePixels) error {
		if pixels.width != t.coded.width || pixels.height != t.coded.height {
			return corrupt("decoded to %d x %d pixels, %d x %d were announced", pixels.width, pixels.height, t.coded.width, t.coded.height)
		}
		return use(pixels)
	}
	if p.sandboxed() {
		file, err := p.singleFile(t)
		if err != nil {
			return err
		}
		return decodeAV1(ctx, d.memory, file, checked)
	}
	units, err := t.units(d.part)
	if err != nil {
		return err
	}
	decode := d.hevc.Decode
	if d.part {
		decode = func(ctx context.Context, units [][]byte) (*hevc.Picture, error) {
			m, damage, err := d.hevc.DecodePart(ctx, units)
			d.damage = cmp.Or(d.damage, damage)
			return m, err
		}
	}
	m, err := decode(ctx, units)
	switch {
	case errors.Is(err, hevc.ErrUnsupported):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	case errors.Is(err, hevc.ErrCorrupt):
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case err != nil:
		return err
	}
	return checked(tilePixels{width: m.Width, height: m.Height, samples: m})
}

// Sandboxed reports whether any part of the picture is decoded in the sandbox.
func (h Header) Sandboxed() bool { return slices.ContainsFunc(h.pictures(), (*picture).sandboxed) }

// sandboxed reports whether the tiles are decoded in the sandbox.
func (p *picture) sandboxed() bool { return p.codec == AV1 }
