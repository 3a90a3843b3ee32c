// Package engine renders the variants of a photo: bytes in, pixels, bytes out. It is pure. It reads no clock, file,
// network or environment, and the same bytes always give the same variants.
//
// [Engine.Inspect] detects the format, reads the headers, checks them against the limits before any pixel is decoded,
// and plans the variants. [Engine.Memory] returns what rendering will cost. [Engine.Render] decodes the picture once,
// no larger than the largest variant needs, and makes every variant from that. A file that cannot be rendered gives a
// [Rejection], and a retry gives the same one. [Engine.Recipe] identifies everything that decides how a photo is
// rendered.
//
// The file formats are in package format, and the pixels in package raster.
//
// Nearly all photos are JPEGs. They are rendered in the planes of luma and colour that the file stores, and encoded
// without a conversion in between. Opaque pictures of other formats, and JPEGs with other colours or unusual layouts,
// are converted to planes first. A transparent picture stays RGB with alpha. So does an RGB picture with a lossless
// variant, PNG or WebP, since planes would round its pixels. The variants of both layouts look the same.
//
// Pictures are made smaller in linear light, unless a [Spec] asks for gamma. Tests compare variants, by SSIMULACRA2,
// with a Lanczos filter over the whole picture in float64.
//
// This is what variants keep of the picture:
//
//   - Orientation is applied to the pixels, so a variant is upright without a tag.
//   - A picture with any transparent pixel becomes PNG in all its variants, any other JPEG, unless a [Spec] asks for
//     other formats. If it asks for JPEG, transparent pixels show its Background.
//   - Colours are converted to sRGB with the ICC profile in the file, such as the Display P3 of a phone. A profile for
//     grey or RGB colours that package icc cannot use is kept in the variants if it has at most 64 KiB, so colours do
//     not shift. CMYK inks without a usable profile are converted as ideal inks.
//   - The copyright, the creator, the credit line and the description are kept if [Config.Keep] names them, as EXIF and
//     XMP that hold nothing else. Package credit documents where it reads them.
//   - The gain map of a JPEG, a HEIC or an AVIF is kept in JPEGs whose [Spec] asks for it. It is cropped, turned and
//     resized like the picture, and keeps its own metadata and nothing else. A gain map that cannot be used is left
//     out.
//   - No other metadata is kept (GPS, devices, times, thumbnails, comments), and no content credentials, which describe
//     the bytes of the original. [Words] says whether the original has any.
//   - An animated GIF or WebP gives its first frame, an animated HEIC or AVIF its primary picture.
//   - The variants of a damaged file show what can be read, if [Config.Damaged] is set or every common decoder shows
//     the file. [Rendering.Damage] then says what is wrong.
package engine

import (
	"cmp"
	"fmt"
	"slices"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Default limits of a [Config].
const (
	DefaultMaxBytes  = 64 << 20
	DefaultMaxPixels = photo.DefaultMaxPixels
)

// MaxPixels is the largest value of [Config].MaxPixels: the JPEG decoder takes no larger picture.
const MaxPixels = 1 << 28

// Config configures an [Engine]. A field that is zero has its default.
type Config struct {
	Specs     []Spec // the variants, default DefaultSpecs
	MaxBytes  int64  // largest file in bytes, default DefaultMaxBytes
	MaxPixels int64  // largest stored picture in pixels, default DefaultMaxPixels, at most 2^28
	Damaged   bool   // render a damaged file as far as it can be read, instead of rejecting it

	Animations AnimationLimits // default DefaultAnimationLimits

	Keep []credit.Field // credit fields that the variants and the manifest keep, default none
}

func (c Config) withDefaults() Config {
	if c.Specs == nil {
		c.Specs = DefaultSpecs()
	}
	c.MaxBytes = cmp.Or(c.MaxBytes, DefaultMaxBytes)
	c.MaxPixels = cmp.Or(c.MaxPixels, DefaultMaxPixels)
	c.Animations = c.Animations.withDefaults()
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
	if c.MaxPixels < 1 || c.MaxPixels > MaxPixels {
		return fmt.Errorf("max pixels: %d: want 1 to %d", c.MaxPixels, MaxPixels)
	}
	if err := c.Animations.Validate(); err != nil {
		return err
	}
	for _, f := range c.Keep {
		if !slices.Contains(credit.Fields, f) {
			return fmt.Errorf("keep: unknown field %.80q", f)
		}
	}
	return nil
}

// Engine renders photos. It is safe for concurrent use: it holds only its configuration, and the filter's weights for
// common sizes.
type Engine struct {
	specs     []Spec
	maxBytes  int64
	maxPixels int64
	damaged   bool
	animation AnimationLimits
	keep      []credit.Field
	kernels   raster.Kernels
}

// New returns an Engine, or the error of [Config.Validate].
func New(c Config) (*Engine, error) {
	c = c.withDefaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Engine{specs: slices.Clone(c.Specs), maxBytes: c.MaxBytes, maxPixels: c.MaxPixels, damaged: c.Damaged, animation: c.Animations, keep: slices.Clone(c.Keep)}, nil
}

// MaxBytes returns the size of the largest file that is rendered. A caller need not read more of a longer one.
func (e *Engine) MaxBytes() int64 { return e.maxBytes }

// Rejection is the error for a file that cannot become variants.
type Rejection = format.Rejection

// Header is what a file says about its picture, with the plan by which the engine renders it.
type Header struct {
	format.Header
	plan    *plan
	skipped []string // names of the specs that are not rendered

	gain    *format.GainMap // gain map of the photo; nil if it has no usable one, or if no Spec asks for it
	lostHDR error           // says why the gain map cannot be used; nil if it can, or if there is none

	motion *animation.Header // header of an animation that a Spec asks for; nil for any other photo
	frames int64             // bytes that reading the frames may take
	// Why variants show only its first frame; nil if they move, or if no Spec asks for an animation.
	lostMotion *LostAnimation
}

// WithoutSpecs returns a header that leaves out the specs with these names, because their variants exist.
func (h Header) WithoutSpecs(names []string) Header {
	if len(names) == 0 {
		return h
	}
	h.skipped = names
	if h.plan != nil {
		h.plan = h.plan.withoutSpecs(names, h.Header)
	}
	return h
}

// Skips reports whether WithoutSpecs left out the spec with this name.
func (h Header) Skips(name string) bool { return slices.Contains(h.skipped, name) }

// Inspect reads the headers of a file. It decodes nothing and allocates next to nothing. The error is a [*Rejection] if
// the headers show that the file cannot be rendered. A file that ends too early is rejected too, unless it is a GIF or
// [Config.Damaged] is set.
func (e *Engine) Inspect(data []byte) (Header, error) {
	if int64(len(data)) > e.maxBytes {
		return Header{}, &Rejection{Refusal: photo.TooLarge(e.maxBytes)}
	}
	h, err := format.Inspect(data, format.Limits{Pixels: e.maxPixels, Damaged: e.damaged})
	if err != nil {
		return Header{Header: h}, err
	}
	header := e.inspectMotion(data, Header{Header: h})
	header.plan = newPlan(e.specs, h, raster.Size{Width: 1, Height: 1}, header.moves())
	header.plan.words = e.wordsMemory(h)
	if slices.ContainsFunc(e.specs, func(s Spec) bool { return s.HDR == KeepHDR }) {
		header.gain, header.lostHDR = format.FindGainMap(data, h, format.Limits{Pixels: e.maxPixels})
	}
	return header, nil
}
