package engine

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"darkroom/worker/internal/credit"
	"darkroom/worker/photo"
)

// Version is the version of the engine. Raise it when a release renders the same photo differently. The recipe then
// changes, and a backfill renders every photo again.
const Version = 9

// Recipe returns the name of everything that decides how a photo is rendered. Engines of one [Version] that render
// every photo alike have the same recipe: spelling out a default in a [Spec] does not change it. The limits and
// [Config.Damaged] are not part of it, since they only decide which photos are rendered.
func (e *Engine) Recipe() photo.Recipe {
	r := photo.Recipe{Name: identify(e.specs, e.keep), MaxBytes: e.maxBytes, MaxPixels: e.maxPixels, Damaged: e.damaged}
	for _, s := range e.specs {
		if s.Animate {
			r.Animation = photo.AnimationLimits{Frames: e.animation.Frames, Pixels: e.animation.Pixels, Millis: e.animation.Work.Milliseconds()}
		}
		r.Specs = append(r.Specs, photo.SpecRecipe{Name: s.Name, ID: identify([]Spec{s}, e.keep)})
	}
	return r
}

// identify returns a short hash of the description of specs and keep.
func identify(specs []Spec, keep []credit.Field) string {
	sum := sha256.Sum256([]byte(describe(specs, keep)))
	return fmt.Sprintf("%x", sum[:8])
}

// describe returns the text whose hash names the recipe: a line for the engine, one for each Spec in their order, and
// one for the credit fields that are kept, if any. A field at its default is left out, so a field that is added later
// does not change the text of existing Specs.
func describe(specs []Spec, keep []credit.Field) string {
	var b strings.Builder
	fmt.Fprintf(&b, "engine %d\n", Version)
	for _, s := range specs {
		b.WriteString(s.normalised().describe())
		b.WriteByte('\n')
	}
	if len(keep) > 0 {
		b.WriteString("keep")
		for _, f := range credit.Fields { // the order of Keep changes nothing
			if slices.Contains(keep, f) {
				b.WriteString(" " + string(f))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// normalised returns the Spec with every field cleared that is at its default or does not affect the result.
func (s Spec) normalised() Spec {
	if s.Fit == Inside { // a free side has MaxSide, see box
		s.Width, s.Height = cmp.Or(s.Width, MaxSide), cmp.Or(s.Height, MaxSide)
	}
	if s.Anchor == Centre {
		s.Anchor = ""
	}
	if s.Chroma == Chroma420 {
		s.Chroma = ""
	}
	if s.Light == LinearLight {
		s.Light = ""
	}
	if s.HDR == DropHDR {
		s.HDR = ""
	}
	if slices.Equal(s.Formats, []Output{Auto}) {
		s.Formats = nil
	}
	if s.Background = strings.ToLower(s.Background); s.Background == white && !slices.ContainsFunc(s.possibleOutputs(), Output.mayHaveAlpha) {
		s.Background = ""
	}
	if !slices.ContainsFunc(s.possibleOutputs(), s.usesQuality) {
		s.Quality, s.Score = 0, 0
	}
	if !slices.ContainsFunc(s.possibleOutputs(), Output.mayBeProgressive) {
		s.Progressive = nil
	}
	return s
}

// mayBeProgressive reports whether a file of this output may depend on Progressive.
func (o Output) mayBeProgressive() bool { return o == Auto || o == Original || o.format().Progressive }

// mayHaveAlpha reports whether a file of this output can have transparent pixels. If none of a Spec's files can,
// transparent pixels show white anyway.
func (o Output) mayHaveAlpha() bool { return o == Auto || o == Original || o.format().Alpha }

// usesQuality reports whether a file of this output may depend on Quality or Score.
func (s Spec) usesQuality(o Output) bool {
	return o == Auto || o == Original || !o.format().Lossless(s.Lossless)
}

// describe returns the fields that are set, in a fixed order. No value has a space in it.
func (s Spec) describe() string {
	formats := make([]string, len(s.Formats))
	for i, f := range s.Formats {
		formats[i] = string(f)
	}
	var set []string
	text := func(name, value string) {
		if value != "" {
			set = append(set, name+"="+value)
		}
	}
	number := func(name string, value int) {
		if value != 0 {
			text(name, strconv.Itoa(value))
		}
	}
	flag := func(name string, value bool) {
		if value {
			text(name, "true")
		}
	}
	text("name", s.Name)
	number("width", s.Width)
	number("height", s.Height)
	text("fit", string(s.Fit))
	text("anchor", string(s.Anchor))
	flag("upscale", s.Upscale)
	number("sharpen", s.Sharpen)
	text("light", string(s.Light))
	text("background", s.Background)
	text("formats", strings.Join(formats, ","))
	number("quality", s.Quality)
	number("score", s.Score)
	flag("lossless", s.Lossless)
	if s.Progressive != nil {
		text("progressive", strconv.FormatBool(*s.Progressive))
	}
	text("chroma", string(s.Chroma))
	text("hdr", string(s.HDR))
	flag("animate", s.Animate)
	return strings.Join(set, " ")
}
