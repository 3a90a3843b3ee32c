package engine

import (
	"cmp"
	"image/color"
	"slices"
	"strconv"

	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
)

// Fit says how a picture is fitted to the box of a [Spec].
type Fit string

const (
	// Inside scales the whole picture so that it lies within the box and touches it.
	Inside Fit = "inside"
	// Fill scales the picture so that it just covers the box, and crops it to the box. A picture that does not cover
	// the box is cropped to the box's aspect ratio at its own size, and only Upscale enlarges it to the box.
	Fill Fit = "fill"
)

// Anchor says which part of a picture [Fill] keeps.
type Anchor string

// The fixed anchors. [Centre] is the default.
const (
	Centre      Anchor = "centre"
	Top         Anchor = "top"
	Bottom      Anchor = "bottom"
	Left        Anchor = "left"
	Right       Anchor = "right"
	TopLeft     Anchor = "top-left"
	TopRight    Anchor = "top-right"
	BottomLeft  Anchor = "bottom-left"
	BottomRight Anchor = "bottom-right"
)

// Smart keeps the part with the most detail, where neighbouring pixels differ most in luma.
const Smart Anchor = "smart"

var anchors = []Anchor{Centre, Top, Bottom, Left, Right, TopLeft, TopRight, BottomLeft, BottomRight, Smart}

// Output is a format that a variant is written in: one of the following, or the name of a format in [photo.Written].
type Output string

const (
	// Auto is JPEG, or PNG if the variant is transparent anywhere.
	Auto Output = "auto"
	// Original is the format of the original if Darkroom writes it, else Auto.
	Original Output = "original"
)

// animatedOnly is the format that only animated files have.
const animatedOnly = Output(photo.GIF)

// The formats that Auto stands for.
const (
	autoOpaque = photo.JPEG
	autoAlpha  = photo.PNG
)

// allOutputs returns every Output, except those for animations only.
func allOutputs() []Output {
	all := []Output{Auto, Original}
	for _, f := range photo.Written {
		all = append(all, Output(f))
	}
	return all
}

// format returns the format of an output that is neither Auto nor Original.
func (o Output) format() format.Format { return format.Lookup(photo.Format(o)) }

// Chroma says how many colour samples a JPEG has.
type Chroma string

const (
	Chroma420 Chroma = "4:2:0" // a sample for four pixels, as cameras write; the eye rarely sees more
	Chroma444 Chroma = "4:4:4" // a sample for each pixel, for drawings and red text; a third more bytes
)

// Light says which values of the pixels are added up when a picture is resized.
type Light string

const (
	LinearLight Light = "linear" // amounts of light, as in a lens
	GammaLight  Light = "gamma"  // stored values, which darkens fine detail
)

// HDR says whether variants keep the gain map of a photo, which makes it brighter on a display with headroom.
type HDR string

const (
	DropHDR HDR = "drop" // no variant keeps it
	KeepHDR HDR = "keep" // JPEGs keep it: at most 15 % more bytes, except where the variant is tiny
)

// Bounds of a [Spec] and of a list of them.
const (
	MaxSpecs       = 16
	MaxSide        = 8192 // pixels
	MaxSharpen     = 200  // percent
	DefaultQuality = 80
)

// ProgressiveSide is the longer side, in pixels, from which a JPEG is progressive if its [Spec] does not say. A
// progressive file is 2 % smaller at 320 pixels and 5 % at 1600. Below, the headers of its scans outweigh what they
// save.
const ProgressiveSide = 320

// Spec specifies one variant, which has a file for each of its Formats.
type Spec struct {
	Name    string `json:"name"`              // 1 to 32 of a-z, 0-9 and hyphen; not "manifest", a name in use
	Width   int    `json:"width,omitempty"`   // box width, 1 to MaxSide pixels; with Inside, 0 leaves one side free
	Height  int    `json:"height,omitempty"`  // box height, like Width
	Fit     Fit    `json:"fit"`               // Inside or Fill
	Anchor  Anchor `json:"anchor,omitempty"`  // part that Fill keeps, default Centre
	Upscale bool   `json:"upscale,omitempty"` // enlarge a picture that is smaller than the box
	// 0 to MaxSharpen percent. After resizing, this share of the difference to a blurred copy is added.
	Sharpen int   `json:"sharpen,omitempty"`
	Light   Light `json:"light,omitempty"` // default LinearLight
	// #rrggbb behind transparent pixels. The default is white, and only in formats without transparency.
	Background string   `json:"background,omitempty"`
	Formats    []Output `json:"formats,omitempty"` // default Auto alone
	// 1 to 100, for JPEG, AVIF and lossy WebP. The scale differs by format.
	// ParseSpecs sets DefaultQuality if the JSON has neither a quality nor a score.
	Quality int `json:"quality,omitempty"`
	// Instead of Quality: the lowest quality with this SSIMULACRA2 score, MinScore to MaxScore.
	Score    int  `json:"score,omitempty"`
	Lossless bool `json:"lossless,omitempty"` // WebP only
	// For JPEG: a rough picture first, and fewer bytes. nil means true from ProgressiveSide on.
	Progressive *bool  `json:"progressive,omitempty"`
	Chroma      Chroma `json:"chroma,omitempty"` // JPEG only, default Chroma420
	HDR         HDR    `json:"hdr,omitempty"`    // JPEG only, default DropHDR
	// An animation stays one in WebP and GIF. Its other formats, or Auto, show the first frame.
	Animate bool `json:"animate,omitempty"`
}

// outputs returns Formats, or their default.
func (s Spec) outputs() []Output {
	if len(s.Formats) == 0 {
		return []Output{Auto}
	}
	return s.Formats
}

// possibleOutputs returns every Output that a file of the Spec may have. With Animate, Auto may replace one that moves.
func (s Spec) possibleOutputs() []Output {
	if s.Animate && !slices.Contains(s.outputs(), Auto) {
		return append(slices.Clone(s.outputs()), Auto)
	}
	return s.outputs()
}

// resolve returns the formats in which the variant of a picture is animated, and the Spec of its still files. If the
// picture moves, the still files have the formats without animation, or Auto if there is none. If it does not move,
// Auto replaces GIF.
func (s Spec) resolve(original photo.Format, moves bool) (animated []format.Format, still Spec) {
	if !s.Animate {
		return nil, s
	}
	still = s
	still.Formats = nil
	for _, o := range s.outputs() {
		name := photo.Format(o)
		if o == Original {
			name = original
		}
		f := format.Lookup(name)
		switch {
		case moves && f.Animates():
			if !slices.ContainsFunc(animated, func(other format.Format) bool { return other.Name == f.Name }) {
				animated = append(animated, f)
			}
			continue
		case o == animatedOnly:
			o = Auto
		}
		if !slices.Contains(still.Formats, o) {
			still.Formats = append(still.Formats, o)
		}
	}
	if len(still.Formats) == 0 {
		still.Formats = []Output{Auto}
	}
	return animated, still
}

// formats returns the formats in which the variant of a picture is written, each once. If the files must carry a
// profile, the format of Auto replaces formats that cannot.
func (s Spec) formats(original photo.Format, opaque, carryProfile bool) (list []format.Format) {
	auto := autoAlpha
	if opaque || s.Background != "" {
		auto = autoOpaque
	}
	for _, o := range s.outputs() {
		f := format.Lookup(photo.Format(o))
		if o == Original {
			f = format.Lookup(original)
		}
		if !f.Written() || carryProfile && !f.Profile { // Lookup knows no Auto
			f = format.Lookup(auto)
		}
		if !slices.ContainsFunc(list, func(r format.Format) bool { return r.Name == f.Name }) {
			list = append(list, f)
		}
	}
	return list
}

// lossless reports whether a format with a lossless option is written without loss. With Original, that also happens if
// the original is lossless.
func (s Spec) lossless(h format.Header) bool {
	return s.Lossless || h.Lossless && slices.Contains(s.Formats, Original)
}

// exact reports whether a file of an opaque picture is written without loss.
func (s Spec) exact(h format.Header) bool {
	return slices.ContainsFunc(s.formats(h.Format, true, false), func(f format.Format) bool {
		return f.Lossless(s.lossless(h))
	})
}

// white is the default of [Spec].Background in a format without alpha.
const white = "#ffffff"

// background returns the colour behind transparent pixels.
func (s Spec) background() color.NRGBA {
	v, _ := strconv.ParseUint(cmp.Or(s.Background, white)[1:], 16, 24) // validated
	return color.NRGBA{R: byte(v >> 16), G: byte(v >> 8), B: byte(v), A: 0xff}
}

// DefaultSpecs returns the variants that are rendered by default.
func DefaultSpecs() []Spec {
	return []Spec{
		{Name: "large", Width: 1600, Height: 1600, Fit: Inside, Quality: DefaultQuality},
		{Name: "medium", Width: 800, Height: 800, Fit: Inside, Quality: DefaultQuality},
		{Name: "small", Width: 320, Height: 320, Fit: Inside, Quality: DefaultQuality},
		{Name: "thumb", Width: 256, Height: 256, Fit: Fill, Quality: DefaultQuality},
	}
}
