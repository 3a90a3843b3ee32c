package heif

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
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
