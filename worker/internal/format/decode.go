package format

import (
	"context"
	"fmt"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Decoded is a decoded picture.
type Decoded struct {
	raster.Picture
	Damage error // what is lost of the picture or wrong in it, for the log; nil if nothing is
}

// Decode decodes the picture of a file as it is stored. h is what [Inspect] returned for the same data. The error is a
// [*Rejection] when the picture does not decode, even where its decoder panics on it. Of a damaged file Decode returns
// the part that decodes if the limits of Inspect accept damage, or if every usual decoder shows such a file.
//
// When ctx ends, Decode returns its error and nothing of the picture.
func Decode(ctx context.Context, data []byte, h Header, t Target) (d Decoded, err error) {
	defer rescue(h.Format, &err)
	f := Lookup(h.Format)
	if !f.Readable() {
		return d, fmt.Errorf("decode: format %q is not read", h.Format)
	}
	d, err = f.decode(ctx, data, h, t)
	if err := ctx.Err(); err != nil { // a decoder may take the end of its context for damage
		return Decoded{}, err
	}
	return d, err
}

// DecodeMemory returns the size that [Decode] gives the picture, and how many bytes it may take beside the file. Its
// result is included.
func DecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	f := Lookup(h.Format)
	if !f.Readable() {
		return h.Stored(), 0
	}
	return f.decodeMemory(h, t)
}

// rescue turns a decoder's panic into a Rejection. The decoders are third-party code that reads what anyone may upload,
// and a fault in one of them is no reason to end the worker.
func rescue(f photo.Format, err *error) {
	if p := recover(); p != nil {
		r := corrupt(f, "panic: %v", p)
		r.Panicked = true
		*err = r
	}
}
