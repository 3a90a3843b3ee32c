package heif

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "unsafe" // go:linkname needs it

	"github.com/gen2brain/avif"

	"darkroom/worker/internal/sandbox"
)

// ErrSystemLibrary says that the codec library has loaded a C library of the system, which would read untrusted files
// outside the sandbox.
var ErrSystemLibrary = errors.New("heif: a system library is in use; build with -tags nodynamic")

// Check returns an error that wraps [ErrSystemLibrary] if the codec library has loaded a C library of the system. Call
// it before anything else, and refuse to start.
func Check() error {
	if avif.Dynamic() == nil { // Dynamic returns why there is no system library
		return fmt.Errorf("%w: libavif", ErrSystemLibrary)
	}
	return nil
}

// The WebAssembly of the codecs. The library contains it, but does not export it.
//
//go:linkname avifDecoder github.com/gen2brain/avif.decodeWasm
var avifDecoder []byte

//go:linkname avifEncoder github.com/gen2brain/avif.encodeWasm
var avifEncoder []byte

var (
	avifDecode = sandbox.NewModule(&avifDecoder)
	avifEncode = sandbox.NewModule(&avifEncoder)
)

// decodeAV1 decodes a file of one coded picture in mem and calls use with the result, which is in mem too.
func decodeAV1(ctx context.Context, mem *sandbox.Memory, data []byte, use func(tilePixels) error) error {
	var used error
	err := avifDecode.Run(ctx, mem, func(i *sandbox.Instance) error {
		p, err := readAVIF(i, data)
		if err == nil {
			used = use(p)
		}
		return err
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return corrupt("AV1 decoder: %v", err)
	}
	return used
}

var errCodec = errors.New("the codec cannot decode the picture")

// readAVIF calls libavif, as package avif does: once for the size, and once for the pixels.
func readAVIF(i *sandbox.Instance, data []byte) (tilePixels, error) {
	in, err := i.Put(data)
	if err != nil {
		return tilePixels{}, err
	}
	facts, err := i.Alloc(4 * 4) // width, height, depth and the number of pictures
	if err != nil {
		return tilePixels{}, err
	}
	decode := func(sizeOnly, delay, out uint64) error {
		ok, err := i.Call("decode", in, uint64(len(data)), sizeOnly, 0, facts, facts+4, facts+8, facts+12, delay, out)
		if err == nil && ok == 0 {
			err = errCodec
		}
		return err
	}
	if err := decode(1, 0, 0); err != nil {
		return tilePixels{}, err
	}
	p, n, err := readFacts(i, facts, 3)
	if err != nil {
		return tilePixels{}, err
	}
	deep := n[2] > 8
	size := p.width * p.height * 4
	if deep {
		size *= 2
	}
	out, err := i.Alloc(size)
	if err != nil {
		return tilePixels{}, err
	}
	delay, err := i.Alloc(8)
	if err != nil {
		return tilePixels{}, err
	}
	if err := decode(0, delay, out); err != nil {
		return tilePixels{}, err
	}
	pix, err := i.Bytes(out, size)
	if err != nil {
		return tilePixels{}, err
	}
	if deep {
		p.deep = pix
	} else {
		p.rgba = &image.NRGBA{Pix: pix, Stride: 4 * p.width, Rect: image.Rect(0, 0, p.width, p.height)}
	}
	return p, nil
}

// readFacts returns the numbers that a codec has written at an address, and a tile without pixels. The first two
// numbers are the size of the tile. The error is errCodec if the tile is larger than a picture may be.
func readFacts(i *sandbox.Instance, at uint64, count int) (p tilePixels, n []int, err error) {
	n = make([]int, count)
	for k := range n {
		if n[k], err = i.ReadUint32(at + uint64(4*k)); err != nil {
			return tilePixels{}, nil, err
		}
	}
	p = tilePixels{width: n[0], height: n[1]}
	if p.width > maxSide || p.height > maxSide || p.width*p.height > MaxPixels {
		return tilePixels{}, nil, errCodec
	}
	return p, n, nil
}
