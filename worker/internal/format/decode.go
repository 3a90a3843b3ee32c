package format

import (
	"context"
	"fmt"
	"image"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Decoded is a decoded picture.
type Decoded struct {
	raster.Picture
	Damage error // describes what is missing from the picture or wrong in it, for the log; nil if nothing
}

// Decode decodes the picture of a file as it is stored. h must be what [Inspect] returned for the same data. The error
// is a [*Rejection] if the picture does not decode, or its decoder panics. For a damaged file, Decode returns the part
// that decodes if the limits of Inspect accept damage, or if every common decoder shows such a file.
//
// When ctx ends, Decode returns its error and no picture.
func Decode(ctx context.Context, data []byte, h Header, t Target) (d Decoded, err error) {
	defer rescue(h.Format, &err)
	f := Lookup(h.Format)
	if !f.Readable() {
		return d, fmt.Errorf("decode: format %q is not read", h.Format)
	}
	d, err = f.decode(ctx, data, h, t)
	if err := ctx.Err(); err != nil { // a decoder may report the end of its context as damage
		return Decoded{}, err
	}
	return d, err
}

// DecodeNRGBA inspects a file within the limits and decodes it at its full size, as it is stored: neither turned
// upright nor converted by a profile.
func DecodeNRGBA(ctx context.Context, data []byte, limits Limits) (*image.NRGBA, error) {
	h, err := Inspect(data, limits)
	if err != nil {
		return nil, err
	}
	d, err := Decode(ctx, data, h, Target{Size: h.Stored()})
	if err != nil {
		return nil, err
	}
	return d.NRGBA(ctx)
}

// DecodeMemory returns the size that [Decode] gives the picture, and how many bytes it may take in addition to the
// file, including the result.
func DecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	f := Lookup(h.Format)
	if !f.Readable() {
		return h.Stored(), 0
	}
	return f.decodeMemory(h, t)
}

// rescue turns a decoder's panic into a Rejection. The decoders are third-party code that reads untrusted uploads, and
// a bug in one of them must not end the worker.
func rescue(f photo.Format, err *error) {
	if p := recover(); p != nil {
		r := corrupt(f, "panic: %v", p)
		r.Panicked = true
		*err = r
	}
}
