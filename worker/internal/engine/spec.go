package engine

import (
	"cmp"
	"image/color"
	"slices"
	"strconv"

	"darkroom/worker/photo"
)

// Fit says how a picture is brought into the box of a [Spec].
type Fit string

const (
	// Inside scales the whole picture until it lies within the box and touches it.
	Inside Fit = "inside"
	// Fill scales the picture until it just covers the box, and keeps what lies within. A picture that does not cover
	// the box is cropped to the proportions of the box at its own size, and enlarged to the box by Upscale alone.
	Fill Fit = "fill"
)

// Anchor says which part of a picture [Fill] keeps.
type Anchor string

// The anchors that are places. [Centre] is the default.
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

// Output is a format that a variant is written in.
type Output string

const (
	// Auto is JPEG, or PNG where the variant is transparent somewhere.
	Auto Output = "auto"
	// Original is the format of the original where that is one of the following, else as Auto.
	Original Output = "original"
	JPEG     Output = Output(photo.JPEG)
	PNG      Output = Output(photo.PNG)
	WebP     Output = Output(photo.WebP)
	AVIF     Output = Output(photo.AVIF)
)

var outputs = []Output{Auto, Original, JPEG, PNG, WebP, AVIF}

// Chroma says how many samples of colour a JPEG has.
type Chroma string

const (
	Chroma420 Chroma = "4:2:0" // a sample for four pixels: what cameras write, and the eye rarely tells from more
	Chroma444 Chroma = "4:4:4" // a sample for each pixel: for drawings, red text, and files of a third more bytes
)

// Bounds of a [Spec] and of a list of them.
const (
	MaxSpecs       = 16
	MaxSide        = 8192 // pixels
	MaxSharpen     = 200  // percent
	DefaultQuality = 80
)

// Spec specifies one variant. It is written in as many files as it has Formats.
type Spec struct {
	Name        string   `json:"name"`                  // 1 to 32 of a-z, 0-9 and hyphen; not "manifest", whose key it would take
	Width       int      `json:"width,omitempty"`       // of the box, 1 to MaxSide pixels; Inside may leave one side out, which is then free
	Height      int      `json:"height,omitempty"`      // of the box, as Width
	Fit         Fit      `json:"fit"`                   // Inside or Fill
	Anchor      Anchor   `json:"anchor,omitempty"`      // of Fill, default Centre
	Upscale     bool     `json:"upscale,omitempty"`     // enlarge a picture that is smaller than the box
	Sharpen     int      `json:"sharpen,omitempty"`     // percent of the difference to a blur that is added after resizing, 0 to MaxSharpen
	Background  string   `json:"background,omitempty"`  // #rrggbb behind what is transparent; where there is none, and a format cannot be transparent, white
	Formats     []Output `json:"formats,omitempty"`     // default Auto alone
	Quality     int      `json:"quality"`               // of JPEG, AVIF and lossy WebP, each on a scale of its own, 1 to 100; DefaultQuality where the JSON has none
	Lossless    bool     `json:"lossless,omitempty"`    // of WebP
	Progressive bool     `json:"progressive,omitempty"` // of JPEG: a rough picture first, a few percent fewer bytes, half as much time again
	Chroma      Chroma   `json:"chroma,omitempty"`      // of JPEG, default Chroma420
}

// formats returns what the variant of a picture is written as, each once.
func (s Spec) formats(h Header, opaque bool) []photo.Format {
	list := s.Formats
	if len(list) == 0 {
		list = []Output{Auto}
	}
	var formats []photo.Format
	for _, o := range list {
		f := photo.Format(o)
		switch {
		case o == Original && slices.Contains(outputs, Output(h.Format)):
			f = h.Format
		case o != Auto && o != Original:
		case opaque || s.Background != "":
			f = photo.JPEG
		default:
			f = photo.PNG
		}
		if !slices.Contains(formats, f) {
			formats = append(formats, f)
		}
	}
	return formats
}

// lossless reports whether a WebP is written without loss. An original that has none gets none.
func (s Spec) lossless(h Header) bool {
	return s.Lossless || h.Lossless && slices.Contains(s.Formats, Original)
}

// fullColour reports whether the variant of a picture needs a sample of colour for each pixel.
func (s Spec) fullColour(h Header) bool {
	return !h.grey() && (s.Chroma == Chroma444 || s.exact(h))
}

// exact reports whether the variant of an opaque picture is written without loss.
func (s Spec) exact(h Header) bool {
	return slices.ContainsFunc(s.formats(h, true), func(f photo.Format) bool {
		return f == photo.PNG || f == photo.WebP && s.lossless(h)
	})
}

// white is the colour behind what is transparent where a Spec names none and the format has no alpha.
const white = "#ffffff"

// background returns the colour behind what is transparent.
func (s Spec) background() color.NRGBA {
	v, _ := strconv.ParseUint(cmp.Or(s.Background, white)[1:], 16, 24) // validated
	return color.NRGBA{R: byte(v >> 16), G: byte(v >> 8), B: byte(v), A: 0xff}
}

// DefaultSpecs returns the variants made where nothing else is specified.
func DefaultSpecs() []Spec {
	return []Spec{
		{Name: "large", Width: 1600, Height: 1600, Fit: Inside, Quality: DefaultQuality},
		{Name: "medium", Width: 800, Height: 800, Fit: Inside, Quality: DefaultQuality},
		{Name: "small", Width: 320, Height: 320, Fit: Inside, Quality: DefaultQuality},
		{Name: "thumb", Width: 256, Height: 256, Fit: Fill, Quality: DefaultQuality},
	}
}
