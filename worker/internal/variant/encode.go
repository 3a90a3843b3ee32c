package variant

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/photo"
)

// look is what all variants of a picture have in common.
type look struct {
	opaque  bool   // no pixel of the picture is transparent
	grey    bool   // the picture has no colours
	profile []byte // an ICC profile, or nil
}

func (l look) format() photo.Format {
	if l.opaque {
		return photo.JPEG
	}
	return photo.PNG
}

// encode writes an opaque picture as JPEG and any other as PNG. Beside the pixels the file has the profile of look and
// nothing else.
func (l look) encode(m *image.NRGBA, quality int) ([]byte, error) {
	if l.opaque {
		// Opaque, RGBA and NRGBA are the same pixels, and RGBA is read without a multiplication by alpha.
		return l.encodeJPEG(&image.RGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, quality)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		return nil, fmt.Errorf("encode PNG: %w", err)
	}
	return withProfile(out.Bytes(), l.profile), nil
}

func (l look) encodeJPEG(m image.Image, quality int) ([]byte, error) {
	var out bytes.Buffer
	o := &jpegn.EncodeOptions{
		Quality:        quality,
		Subsampling:    jpegn.Subsample420,
		OptimizeCoding: true,
		Segments:       jpegSegments(l.profile),
	}
	if l.grey {
		o.Subsampling = jpegn.SubsampleGray
	}
	if err := jpegn.Encode(&out, m, o); err != nil {
		return nil, fmt.Errorf("encode JPEG: %w", err)
	}
	return out.Bytes(), nil
}
