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

// Version is the version of the engine. Raise it when a release renders better variants of the same photo: the recipe
// then changes, and a backfill renders every photo again.
const Version = 9

// Recipe returns what decides how a photo is rendered. The name is the same for all engines of one [Version] that
// render every photo alike: a default that is spelled out in a [Spec] does not change it. The limits are not part of
// the name, since they only decide which photos are rendered. The same holds for [Config.Damaged].
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

// identify returns a short hash of the description of specs and of what is kept.
func identify(specs []Spec, keep []credit.Field) string {
	sum := sha256.Sum256([]byte(describe(specs, keep)))
	return fmt.Sprintf("%x", sum[:8])
}

// describe returns the text whose hash names the recipe: a line for the engine, then one for each Spec, in their order.
// A field at its default is left out, so a field that is added later does not change the text of existing Specs. What
// is kept comes last, unless that is nothing.
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

// normalised returns the Spec with every field at its zero value that is at its default or does not affect the result.
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
	if s.Background = strings.ToLower(s.Background); s.Background == white && !slices.ContainsFunc(s.possible(), Output.mayHaveAlpha) {
		s.Background = ""
	}
	if !slices.ContainsFunc(s.possible(), s.usesQuality) {
		s.Quality, s.Score = 0, 0
	}
	if !slices.ContainsFunc(s.possible(), Output.mayBeProgressive) {
		s.Progressive = nil
	}
	return s
}

// mayBeProgressive reports whether a file of this output may depend on Progressive.
func (o Output) mayBeProgressive() bool { return o == Auto || o == Original || o.format().Progressive }

// mayHaveAlpha reports whether a file of this output can have transparent pixels. If none of a Spec can, white is
// behind them anyway.
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
