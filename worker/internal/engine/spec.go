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
	// Fill scales the picture so that it just covers the box, and keeps what lies within. A picture that does not cover
	// the box is cropped to the proportions of the box at its own size, and only Upscale enlarges it to the box.
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

// Smart keeps the part with the most detail: where neighbouring pixels differ most in their luma.
const Smart Anchor = "smart"

var anchors = []Anchor{Centre, Top, Bottom, Left, Right, TopLeft, TopRight, BottomLeft, BottomRight, Smart}

// Output is a format that a variant is written in: one of the following, or the name of a format in [photo.Written].
type Output string

const (
	// Auto is JPEG, or PNG if the variant is transparent anywhere.
	Auto Output = "auto"
	// Original is the format of the original if variants can have it, else Auto.
	Original Output = "original"
)

// Animated is a format that only the moving files of a Spec with Animate have.
const animatedOnly = Output(photo.GIF)

// What Auto stands for.
const (
	autoOpaque = photo.JPEG
	autoAlpha  = photo.PNG
)

// outputs returns every Output.
func outputs() []Output {
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
	Chroma420 Chroma = "4:2:0" // a sample for four pixels: what cameras write, and the eye rarely sees more
	Chroma444 Chroma = "4:4:4" // a sample for each pixel: for drawings and red text; a third more bytes
)

// Light says in what terms pixels are added up when a picture is resized.
type Light string

const (
	LinearLight Light = "linear" // amounts of light, as a lens adds them up
	GammaLight  Light = "gamma"  // values as they are stored, which darkens fine detail
)

// HDR says what becomes of the gain map of a photo, which makes it brighter on a display with headroom.
type HDR string

const (
	DropHDR HDR = "drop" // variants have none
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
	Name        string   `json:"name"`                  // 1 to 32 of a-z, 0-9 and hyphen; not "manifest", whose key it would take
	Width       int      `json:"width,omitempty"`       // box width, 1 to MaxSide pixels; 0 leaves it free, for Inside and one side only
	Height      int      `json:"height,omitempty"`      // box height, as Width
	Fit         Fit      `json:"fit"`                   // Inside or Fill
	Anchor      Anchor   `json:"anchor,omitempty"`      // what Fill keeps, default Centre
	Upscale     bool     `json:"upscale,omitempty"`     // enlarge a picture that is smaller than the box
	Sharpen     int      `json:"sharpen,omitempty"`     // percent of the difference to a blur that is added after resizing, 0 to MaxSharpen
	Light       Light    `json:"light,omitempty"`       // what resizing adds up, default LinearLight
	Background  string   `json:"background,omitempty"`  // #rrggbb behind transparent pixels; default white, and only for formats without transparency
	Formats     []Output `json:"formats,omitempty"`     // default Auto alone
	Quality     int      `json:"quality,omitempty"`     // 1 to 100, for JPEG, AVIF and lossy WebP; the scale differs by format; DefaultQuality if the JSON has neither it nor a score
	Score       int      `json:"score,omitempty"`       // instead of Quality: the lowest quality with this SSIMULACRA2 score, MinScore to MaxScore
	Lossless    bool     `json:"lossless,omitempty"`    // for WebP
	Progressive *bool    `json:"progressive,omitempty"` // for JPEG: a rough picture first, and fewer bytes; nil is true from ProgressiveSide
	Chroma      Chroma   `json:"chroma,omitempty"`      // for JPEG, default Chroma420
	HDR         HDR      `json:"hdr,omitempty"`         // for JPEG, default DropHDR
	Animate     bool     `json:"animate,omitempty"`     // an animation stays one, in WebP and GIF; its other formats, or Auto, show the first frame
}

// outputs returns Formats, or their default.
func (s Spec) outputs() []Output {
	if len(s.Formats) == 0 {
		return []Output{Auto}
	}
	return s.Formats
}

// possible returns every output that a file of the Spec may be of: with Animate, Auto stands in for those that move.
func (s Spec) possible() []Output {
	if s.Animate && !slices.Contains(s.outputs(), Auto) {
		return append(slices.Clone(s.outputs()), Auto)
	}
	return s.outputs()
}

// resolve returns the formats in which the variant of a picture is animated, and the Spec of its still files. If the
// picture moves, these have the formats that cannot, or are Auto if there is none. Otherwise a GIF becomes Auto.
func (s Spec) resolve(original photo.Format, moves bool) (animated []photo.Format, still Spec) {
	if !s.Animate {
		return nil, s
	}
	still = s
	still.Formats = nil
	for _, o := range s.outputs() {
		f := photo.Format(o)
		if o == Original {
			f = original
		}
		switch {
		case moves && format.Lookup(f).Animates():
			if !slices.Contains(animated, f) {
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

// formats returns the rows of the formats that the variant of a picture is written in, each once. If files have to
// carry a profile, formats that cannot are replaced as by Auto.
func (s Spec) formats(original photo.Format, opaque, carryProfile bool) (rows []format.Format) {
	auto := autoAlpha
	if opaque || s.Background != "" {
		auto = autoOpaque
	}
	for _, o := range s.outputs() {
		f := format.Lookup(photo.Format(o))
		if o == Original {
			f = format.Lookup(original)
		}
		if !f.Written() || carryProfile && !f.Profile { // Auto is no row
			f = format.Lookup(auto)
		}
		if !slices.ContainsFunc(rows, func(r format.Format) bool { return r.Name == f.Name }) {
			rows = append(rows, f)
		}
	}
	return rows
}

// lossless reports whether a format with a lossless option is written without loss. With Original, it is if the
// original was lossless.
func (s Spec) lossless(h format.Header) bool {
	return s.Lossless || h.Lossless && slices.Contains(s.Formats, Original)
}

// exact reports whether a file of an opaque picture is written without loss.
func (s Spec) exact(h format.Header) bool {
	return slices.ContainsFunc(s.formats(h.Format, true, false), func(f format.Format) bool {
		return f.Lossless(s.lossless(h))
	})
}

// white is the colour behind transparent pixels if a Spec names none and the format has no alpha.
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
