package heif

import (
	"errors"
	"fmt"
	"image"
	_ "unsafe" // go:linkname needs it

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"

	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/sandbox"
)

// MinWidth is the least width in pixels of a picture, or of a tile, that is coded in HEVC. The library writes planes
// narrower than 64 samples in another layout than it reads them, and colours have half the width.
const MinWidth = 128

// ErrSystemLibrary says that a codec library has loaded C code of the system, which would then read untrusted files
// outside of a sandbox.
var ErrSystemLibrary = errors.New("heif: a system library is in use; build with -tags nodynamic")

// Check returns an error that wraps [ErrSystemLibrary] if a codec library has loaded C code of the system. Call it
// before anything else, and refuse to start.
func Check() error {
	// Dynamic returns why there is no system library, so nil means that there is one.
	if heic.Dynamic() == nil {
		return fmt.Errorf("%w: libheif", ErrSystemLibrary)
	}
	if avif.Dynamic() == nil {
		return fmt.Errorf("%w: libavif", ErrSystemLibrary)
	}
	return nil
}

// The WebAssembly of the codecs, which the libraries have but do not export.
//
//go:linkname heicDecoder github.com/gen2brain/heic.heifWasm
var heicDecoder []byte

//go:linkname avifDecoder github.com/gen2brain/avif.decodeWasm
var avifDecoder []byte

//go:linkname avifEncoder github.com/gen2brain/avif.encodeWasm
var avifEncoder []byte

var (
	heicDecode = sandbox.NewModule(&heicDecoder)
	avifDecode = sandbox.NewModule(&avifDecoder)
	avifEncode = sandbox.NewModule(&avifEncoder)
)

// decodeTile decodes a file of one coded picture in mem and calls use with the result, which is in mem too.
func decodeTile(codec Codec, mem *sandbox.Memory, data []byte, use func(tilePixels) error) error {
	module, read := avifDecode, readAVIF
	if codec == HEVC {
		module, read = heicDecode, readHEIC
	}
	var used error
	err := module.Run(mem, func(i *sandbox.Instance) error {
		p, err := read(i, data)
		if err == nil {
			used = use(p)
		}
		return err
	})
	if err != nil {
		return corrupt("%v decoder: %v", codec, err)
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

// readFacts returns the numbers that a codec has written at an address, and a tile without pixels whose size are the first
// two. The error is errCodec if the tile is larger than a file may be.
func readFacts(i *sandbox.Instance, at uint64, count int) (p tilePixels, n []int, err error) {
	n = make([]int, count)
	for k := range n {
		if n[k], err = i.Uint32(at + uint64(4*k)); err != nil {
			return tilePixels{}, nil, err
		}
	}
	p = tilePixels{width: n[0], height: n[1]}
	if p.width > maxSide || p.height > maxSide || p.width*p.height > MaxPixels {
		return tilePixels{}, nil, errCodec
	}
	return p, n, nil
}

// Numbers of libheif.
const (
	heifYCbCr = 0
	heifRGB   = 1
	heifGrey  = 2
)

// readHEIC calls libheif, as package heic does. Its rows are a multiple of 16 bytes long.
func readHEIC(i *sandbox.Instance, data []byte) (tilePixels, error) {
	in, err := i.Put(data)
	if err != nil {
		return tilePixels{}, err
	}
	facts, err := i.Alloc(4 * 5) // width, height, colour space, chroma, and whether colours are multiplied by alpha
	if err != nil {
		return tilePixels{}, err
	}
	decode := func(sizeOnly, out uint64) error {
		ok, err := i.Call("decode", in, uint64(len(data)), sizeOnly, facts, facts+4, facts+8, facts+12, facts+16, out)
		if err == nil && ok == 0 {
			err = errCodec
		}
		return err
	}
	if err := decode(1, 0); err != nil {
		return tilePixels{}, err
	}
	p, n, err := readFacts(i, facts, 4)
	if err != nil {
		return tilePixels{}, err
	}
	space := n[2]
	aligned := func(n int) int { return (n + 15) &^ 15 }
	var size, luma, colour, stride, colourStride, cw, ch int
	switch space {
	case heifYCbCr:
		cw, ch = (p.width+1)/2, p.height
		switch n[3] { // the values of chroma_format_idc
		case hevc.Chroma420:
			ch = (p.height + 1) / 2
		case hevc.Chroma422:
		case hevc.Chroma444:
			cw = p.width
		default:
			return tilePixels{}, errCodec
		}
		stride, colourStride = aligned(p.width), aligned(cw)
		luma, colour = stride*p.height, colourStride*ch
		size = luma + 2*colour
	case heifGrey:
		stride = aligned(p.width)
		size = stride * p.height
	case heifRGB:
		stride = aligned(4 * p.width)
		size = stride * p.height
	default:
		return tilePixels{}, errCodec
	}
	out, err := i.Alloc(size)
	if err != nil {
		return tilePixels{}, err
	}
	if err := decode(0, out); err != nil {
		return tilePixels{}, err
	}
	pix, err := i.Bytes(out, size)
	if err != nil {
		return tilePixels{}, err
	}
	switch space {
	case heifYCbCr:
		p.samples = &hevc.Picture{Width: p.width, Height: p.height, Chroma: n[3]}
		p.samples.Planes = []hevc.Plane{samplesOf(pix[:luma], stride, p.width, p.height),
			samplesOf(pix[luma:luma+colour], colourStride, cw, ch), samplesOf(pix[luma+colour:], colourStride, cw, ch)}
	case heifGrey:
		p.samples = &hevc.Picture{Width: p.width, Height: p.height}
		p.samples.Planes = []hevc.Plane{samplesOf(pix, stride, p.width, p.height)}
	default:
		p.rgba = &image.NRGBA{Pix: pix, Stride: stride, Rect: image.Rect(0, 0, p.width, p.height)}
	}
	return p, nil
}

// samplesOf returns a plane of 8 bits.
func samplesOf(pix []byte, stride, width, height int) hevc.Plane {
	p := hevc.Plane{Pix: make([]uint16, width*height), Stride: width, Width: width, Height: height, Depth: 8}
	for y := range height {
		row := p.Pix[y*width:][:width]
		for x, v := range pix[y*stride:][:width] {
			row[x] = uint16(v)
		}
	}
	return p
}
