package heif

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
)

// MinWidth is the least width in pixels of a picture, or of a tile, that is coded in HEVC. The library lays planes narrower than 64 samples out in
// another way than it reads them, and colours have half the width.
const MinWidth = 128

// ErrSystemLibrary says that a codec library has loaded C code of the system, which then would get to see untrusted
// files outside of a sandbox.
var ErrSystemLibrary = errors.New("heif: a system library is in use; build with -tags nodynamic")

// Check returns an error that wraps [ErrSystemLibrary] if a codec library has loaded C code of the system. Call it
// before anything else, and refuse to start.
func Check() error {
	// Dynamic says why there is no system library, so nil means that there is one.
	if heic.Dynamic() == nil {
		return fmt.Errorf("%w: libheif", ErrSystemLibrary)
	}
	if avif.Dynamic() == nil {
		return fmt.Errorf("%w: libavif", ErrSystemLibrary)
	}
	return nil
}

// sandboxed calls the codec libraries: a panic in one is an error.
func sandboxed(what string, call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", what, p)
		}
	}()
	return call()
}

// decodeTile decodes a file of one coded picture.
func decodeTile(codec Codec, data []byte) (img image.Image, err error) {
	err = sandboxed("decode", func() (err error) {
		if codec == HEVC {
			img, err = heic.Decode(bytes.NewReader(data))
		} else {
			img, err = avif.Decode(bytes.NewReader(data))
		}
		return err
	})
	if err != nil {
		return nil, corrupt("%v decoder: %v", codec, err)
	}
	return img, nil
}

// Effort of the AV1 encoder, 0 to 10: the higher, the less.
const speed = 8

// EncodeAVIF encodes a picture with its alpha, if it is not opaque, in 8 bits with 4:2:0 colours. Its colours are taken
// to be sRGB. quality is 1 to 100. A picture has at most MaxPixels/4 pixels.
func EncodeAVIF(img *image.NRGBA, quality int) ([]byte, error) {
	if err := Check(); err != nil {
		return nil, err
	}
	size := img.Bounds().Size()
	if quality < 1 || quality > 100 {
		return nil, fmt.Errorf("avif quality %d: want 1 to 100", quality)
	}
	if size.X < 1 || size.Y < 1 || size.X > maxSide || size.Y > maxSide || size.X*size.Y > MaxPixels/4 {
		return nil, fmt.Errorf("avif of %d x %d pixels", size.X, size.Y)
	}
	var out bytes.Buffer
	err := sandboxed("encode", func() error {
		return avif.Encode(&out, premultiplied(img), avif.Options{
			Quality: quality, QualityAlpha: quality, Speed: speed, ChromaSubsampling: image.YCbCrSubsampleRatio420,
		})
	})
	if err != nil {
		return nil, fmt.Errorf("avif of %d x %d pixels: %w", size.X, size.Y, err)
	}
	return out.Bytes(), nil
}

// premultiplied returns a picture as the encoder takes it: without gaps between its rows, whatever its stride says, and
// with colours multiplied by alpha.
func premultiplied(img *image.NRGBA) *image.RGBA {
	size := img.Bounds().Size()
	dst := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		src := img.Pix[y*img.Stride:][:4*size.X]
		row := dst.Pix[y*dst.Stride:][:4*size.X]
		for i := 0; i < len(src); i += 4 {
			a := uint32(src[i+3])
			for c := range 3 {
				row[i+c] = uint8((uint32(src[i+c])*a + 127) / 255)
			}
			row[i+3] = uint8(a)
		}
	}
	return dst
}
