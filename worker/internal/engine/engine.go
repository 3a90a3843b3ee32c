// Package engine makes the variants of a photo: bytes in, pixels, bytes out. It is pure. It reads no clock, file,
// network or environment, and the same bytes always give the same variants.
//
// [Engine.Inspect] reads what a file is from its first bytes and its headers, and holds them against the limits
// before any pixel is decoded. [Engine.Memory] tells what rendering will cost. [Engine.Render] decodes the picture
// once, no larger than the largest variant needs, and makes every variant of that. A file that cannot be rendered
// gives a [Rejection], which trying again does not change.
//
// Photos, which are JPEG nearly always, are rendered in the planes of luma and colour that the file stores, by package
// plane, and encoded without a conversion in between. So are opaque pictures of other formats, and JPEGs of other colours
// or of unusual layouts, once they are converted to planes. What is transparent stays RGB with alpha, and so does what
// comes in RGB and has a variant without loss, PNG or WebP: planes would round its pixels. The variants of both ways look
// the same.
//
// Of the picture, the variants keep this:
//
//   - Orientation is applied to the pixels, so a variant is upright without a tag.
//   - A picture with any transparent pixel becomes PNG in all its variants, any other JPEG, where a [Spec] does not ask
//     for other formats. Where it asks for JPEG, what is behind a transparent pixel is its Background.
//   - Colours are converted to sRGB by the ICC profile that the file has, such as the Display P3 of a phone. A profile
//     for grey or RGB colours that package icc cannot convert by is carried along if it has at most 64 KiB, so that
//     colours do not shift. CMYK inks without a profile that can be used are converted as if they were ideal.
//   - No other metadata is kept (EXIF, GPS, XMP, thumbnails, comments).
//   - Of an animated GIF or WebP, the first frame; of an animated HEIC or AVIF, its primary picture.
package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"slices"

	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/plane"
	"darkroom/worker/photo"
)

// Limits where [Config] gives none.
const (
	DefaultMaxBytes  = 64 << 20
	DefaultMaxPixels = photo.DefaultMaxPixels
)

// mostPixels is the largest picture that the JPEG decoder takes.
const mostPixels = 1 << 28

// Config configures an [Engine]. A field that is zero has its default.
type Config struct {
	Specs     []Spec // default DefaultSpecs
	MaxBytes  int64  // of a file, default DefaultMaxBytes
	MaxPixels int64  // of a picture as it is stored, default DefaultMaxPixels, at most 2^28
}

func (c Config) withDefaults() Config {
	if c.Specs == nil {
		c.Specs = DefaultSpecs()
	}
	c.MaxBytes = cmp.Or(c.MaxBytes, DefaultMaxBytes)
	c.MaxPixels = cmp.Or(c.MaxPixels, DefaultMaxPixels)
	return c
}

// Validate reports the first field that cannot be used.
func (c Config) Validate() error {
	c = c.withDefaults()
	if err := validateSpecs(c.Specs); err != nil {
		return err
	}
	if c.MaxBytes < 1 {
		return fmt.Errorf("max bytes: %d: want at least 1", c.MaxBytes)
	}
	if c.MaxPixels < 1 || c.MaxPixels > mostPixels {
		return fmt.Errorf("max pixels: %d: want 1 to %d", c.MaxPixels, mostPixels)
	}
	return nil
}

// Engine renders photos. Any number of goroutines may use it: it holds its configuration, and what it has calculated
// of the filter for sizes that come often.
type Engine struct {
	specs     []Spec
	maxBytes  int64
	maxPixels pixelLimit
	kernels   plane.Kernels
}

// New returns an Engine, or the error of [Config.Validate].
func New(c Config) (*Engine, error) {
	c = c.withDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Engine{specs: slices.Clone(c.Specs), maxBytes: c.MaxBytes, maxPixels: pixelLimit(c.MaxPixels)}, nil
}

// MaxBytes is the most bytes that a file may have. A longer one need not be read to its end.
func (e *Engine) MaxBytes() int64 { return e.maxBytes }

// Header is what a file says of its picture before a pixel is decoded.
type Header struct {
	Format      photo.Format
	Width       int   // pixels, as stored
	Height      int   // pixels, as stored
	Orientation int   // EXIF, 1 to 8; 1 is upright
	Bytes       int64 // of the file
	Components  int   // samples of a pixel, with alpha; of an indexed picture, see Indexed
	Depth       int   // bits of a sample, or of an index
	Progressive bool  // JPEG: all coefficients are held until the end
	Interlaced  bool  // PNG
	Indexed     bool  // pixels are indexes into a palette
	Lossless    bool  // WebP
	Animated    bool  // of which the first frame, or the primary picture, is rendered
	Profile     int64 // bytes of an ICC profile, or at most as many where it is compressed

	sampling [4]sampling  // JPEG: of each component
	plain    bool         // JPEG: grey or YCbCr, which can be decoded at a smaller scale. PNG: as package pngscan knows it, and opaque
	keyed    bool         // PNG: one colour is transparent
	heif     *heif.Header // HEIC, AVIF
}

func (h Header) stored() size { return size{h.Width, h.Height} }

// Sandboxed reports whether the picture's decoder runs in a sandbox, where it takes many times as long as the others.
func (h Header) Sandboxed() bool { return h.Format == photo.HEIC || h.Format == photo.AVIF }

// Info describes the picture upright.
func (h Header) Info() photo.Info {
	s := upright(h.stored(), h.Orientation)
	return photo.Info{Format: h.Format, Width: s.w, Height: s.h, Animated: h.Animated}
}

// Inspect reads the headers of a file. It decodes nothing and allocates next to nothing. The error is a [*Rejection]
// for every reason that headers can give, among them a file that ends too early, but for a GIF.
func (e *Engine) Inspect(data []byte) (h Header, err error) {
	if int64(len(data)) > e.maxBytes {
		return Header{}, e.tooLarge()
	}
	format, err := sniff(data)
	if err != nil {
		return Header{}, err
	}
	defer rescue(&err)
	switch format {
	case photo.JPEG:
		h, err = inspectJPEG(data, e.maxPixels)
	case photo.PNG:
		h, err = inspectPNG(data, e.maxPixels)
	case photo.GIF:
		h, err = inspectGIF(data, e.maxPixels)
	case photo.WebP:
		h, err = inspectWebP(data, e.maxPixels)
	case photo.HEIC, photo.AVIF:
		h, err = inspectHEIF(data, e.maxPixels)
	}
	h.Bytes = int64(len(data))
	return h, err
}

func (e *Engine) tooLarge() *Rejection {
	return reject(photo.ReasonTooLarge, "The file has more than the %d bytes that are accepted.", e.maxBytes)
}

// Image is a file of a variant.
type Image struct {
	Name   string // of its Spec
	Format photo.Format
	Width  int // pixels
	Height int // pixels
	Data   []byte
}

// Entry returns how the manifest of ref describes the variant.
func (i Image) Entry(ref photo.Ref) photo.Variant {
	sum := sha256.Sum256(i.Data)
	digest := hex.EncodeToString(sum[:])
	return photo.Variant{
		Name:        i.Name,
		Key:         ref.VariantKey(i.Name, digest, i.Format),
		ContentType: i.Format.ContentType(),
		Width:       i.Width,
		Height:      i.Height,
		Bytes:       int64(len(i.Data)),
		SHA256:      digest,
	}
}

// openNRGBA decodes a picture that is not planar. Where it turns out opaque it goes on in planes if it may.
func (e *Engine) openNRGBA(data []byte, h Header, mark func(Stage)) (pictures, look, error) {
	mark(Decode)
	need := upright(largest(e.specs, upright(h.stored(), h.Orientation)), h.Orientation)
	pixels, err := decode(data, h, need)
	if err != nil {
		return nil, look{}, err
	}
	mark(Resample)
	if transparent := h.mayBeTransparent() && !opaque(pixels); transparent || e.exact(h) {
		whole, l := e.inRGB(pixels, data, h, !transparent)
		return whole, l, nil
	}
	whole, l := e.inPlanes(planesOf(pixels, h.grey(), sizeOf(pixels).over(2).covers(need)), data, h)
	return whole, l, nil
}

// decode returns the picture as it is stored, covering need.
func decode(data []byte, h Header, need size) (m *image.NRGBA, err error) {
	defer rescue(&err)
	switch h.Format {
	case photo.JPEG:
		return decodeJPEG(data, h, need)
	case photo.PNG:
		return decodePNG(data)
	case photo.GIF:
		return decodeGIF(data, h)
	case photo.WebP:
		return decodeWebP(data, h)
	case photo.HEIC, photo.AVIF:
		return decodeHEIF(h)
	}
	return nil, fmt.Errorf("render: unknown format %q", h.Format)
}

// rescue makes a decoder's panic a Rejection. The decoders are others' code reading what anyone may upload, and a
// fault in one of them is no reason to end the worker.
func rescue(err *error) {
	if p := recover(); p != nil {
		r := corrupt("The picture does not decode (%v).", p)
		r.Panicked = true
		*err = r
	}
}
