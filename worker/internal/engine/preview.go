package engine

import (
	"encoding/base64"
	"fmt"
	"image"
	"image/color"

	"darkroom/worker/internal/perceptualhash"
	"darkroom/worker/internal/thumbhash"
	"darkroom/worker/photo"
)

// Preview is what a page shows before a variant has loaded, and a fingerprint of the same few pixels.
type Preview struct {
	ThumbHash []byte // see package thumbhash
	Colour    string // the commonest colour as #rrggbb, or "" if the picture is wholly transparent

	PerceptualHash string // see package perceptualhash
}

// Describe adds the preview to the picture's entry in the manifest.
func (p Preview) Describe(info *photo.Info) {
	info.ThumbHash, info.Colour = base64.StdEncoding.EncodeToString(p.ThumbHash), p.Colour
	info.PerceptualHash = p.PerceptualHash
}

// previewSpec gives the size of the picture from which a preview is calculated.
var previewSpec = Spec{Width: thumbhash.MaxSide, Height: thumbhash.MaxSide, Fit: Inside}

func newPreview(m *image.NRGBA) Preview {
	return Preview{ThumbHash: thumbhash.Encode(m), Colour: commonestColour(m), PerceptualHash: perceptualhash.Compute(m).String()}
}

// commonestColour returns the mean of the colours in the fullest of 4096 equal boxes of the colour cube. A pixel is
// weighted by its alpha. If several boxes are equally full, it takes the first, with the least red, then green, then
// blue.
func commonestColour(m *image.NRGBA) string {
	var boxes [1 << 12]struct{ weight, r, g, b int }
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			c := m.NRGBAAt(m.Rect.Min.X+x, m.Rect.Min.Y+y)
			box, a := &boxes[boxIndex(c)], int(c.A)
			box.weight += a
			box.r += a * int(c.R)
			box.g += a * int(c.G)
			box.b += a * int(c.B)
		}
	}
	best := boxes[0]
	for _, box := range boxes {
		if box.weight > best.weight {
			best = box
		}
	}
	if best.weight == 0 {
		return ""
	}
	half := best.weight / 2
	return fmt.Sprintf("#%02x%02x%02x", (best.r+half)/best.weight, (best.g+half)/best.weight, (best.b+half)/best.weight)
}

func boxIndex(c color.NRGBA) int { return int(c.R>>4)<<8 | int(c.G>>4)<<4 | int(c.B>>4) }
