package heif

import (
	"errors"
	"fmt"
	"image"
	"sync"

	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/sandbox"
)

// tilePixels are the pixels of a decoded tile: one of the three.
type tilePixels struct {
	width, height int
	samples       *hevc.Picture
	rgba          *image.NRGBA // straight or premultiplied, which is the same: tiles have no alpha
	deep          []byte       // RGBA with 16 bits a sample, little-endian
}

// mostKept is the most memory in bytes of a decoder that is kept for other pictures. The tiles of phones take a tenth.
const mostKept = 16 << 20

// decoders are kept for the tiles of other pictures.
var decoders = sync.Pool{New: func() any { return new(hevc.Decoder) }}

// tileDecoder decodes the tiles of a picture one after another.
type tileDecoder struct {
	memory *sandbox.Memory // of the sandboxed codecs
	hevc   *hevc.Decoder
	keep   bool
}

func (h Header) newTileDecoder() *tileDecoder {
	d := &tileDecoder{memory: sandbox.NewMemory(h.codecMemory()), keep: h.decodeMemory() <= mostKept}
	if d.keep {
		d.hevc = decoders.Get().(*hevc.Decoder)
	} else {
		d.hevc = new(hevc.Decoder)
	}
	return d
}

// close ends the use of the decoder and of what it has decoded.
func (d *tileDecoder) close() {
	if d.keep {
		decoders.Put(d.hevc)
	}
}

// decode decodes tile i and calls use with its pixels, which are gone afterwards.
func (d *tileDecoder) decode(p *picture, i int, use func(tilePixels) error) error {
	checked := func(pixels tilePixels) error {
		if pixels.width != p.tileWidth || pixels.height != p.tileHeight {
			return corrupt("decoded to %d x %d pixels, %d x %d were announced", pixels.width, pixels.height, p.tileWidth, p.tileHeight)
		}
		return use(pixels)
	}
	if p.sandboxed() {
		return decodeTile(p.codec, d.memory, p.single(p.tiles[i]), checked)
	}
	units, err := p.tiles[i].units()
	if err != nil {
		return err
	}
	m, err := d.hevc.Decode(units)
	switch {
	case errors.Is(err, hevc.ErrUnsupported):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return checked(tilePixels{width: m.Width, height: m.Height, samples: m})
}

// sandboxed reports whether the tiles are decoded in the sandbox: AV1, and HEVC that package hevc does not cover. The
// sequence parameter set of the first one tells.
func (p *picture) sandboxed() bool {
	if p.codec != HEVC {
		return true
	}
	_, err := p.tiles[0].sps()
	return errors.Is(err, hevc.ErrUnsupported)
}

// sps returns the sequence parameter set in the configuration.
func (t tile) sps() (*hevc.SPS, error) {
	sets, _, err := t.parameterSets()
	if err != nil {
		return nil, err
	}
	for _, nal := range sets {
		if int(nal[0]>>1)&63 == nalSPS && layer(nal) == 0 {
			return hevc.ParseSPS(nal)
		}
	}
	return nil, corrupt("no sequence parameter set")
}

// parameterSets returns the NAL units of a configuration, and how many bytes the length in front of a unit has (ISO/IEC
// 14496-15, 8.3.3.1).
func (t tile) parameterSets() (units [][]byte, lengthSize int, err error) {
	r := reader{data: t.config}
	head := r.bytes(23)
	if r.short {
		return nil, 0, corrupt("box %q of %d bytes", "hvcC", len(t.config))
	}
	for range head[22] {
		r.u8()
		for range r.u16() {
			nal := r.bytes(uint64(r.u16()))
			if r.short || len(nal) < 2 {
				return nil, 0, corrupt("box %q", "hvcC")
			}
			units = append(units, nal)
		}
	}
	return units, int(head[21]&3) + 1, nil
}

// units returns the NAL units of the configuration and of the tile.
func (t tile) units() ([][]byte, error) {
	units, lengthSize, err := t.parameterSets()
	if err != nil {
		return nil, err
	}
	for r := (reader{data: t.data()}); len(r.data) > 0; {
		nal := r.bytes(r.uint(lengthSize))
		if r.short {
			return nil, corrupt("NAL unit beyond the end of its item")
		}
		units = append(units, nal)
	}
	return units, nil
}
