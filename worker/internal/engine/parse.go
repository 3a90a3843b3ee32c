package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

// ParseSpecs reads a JSON array of 1 to [MaxSpecs] specifications. An unknown field is an error. Errors name the place,
// such as "specs[2].width".
func ParseSpecs(list []byte) ([]Spec, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(list, &raw); err != nil {
		return nil, fmt.Errorf("specs: want a JSON array: %w", err)
	}
	specs := make([]Spec, 0, min(len(raw), MaxSpecs+1))
	for i, text := range raw {
		if i > MaxSpecs {
			break // validateSpecs rejects a list of this length
		}
		s := Spec{Quality: unset, Score: unset}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return nil, specError(i, err)
		}
		if err := settings.CheckRepeats(string(text)); err != nil {
			return nil, fmt.Errorf("specs[%d]: %w", i, err)
		}
		switch { // elsewhere a zero means that the field is missing
		case s.Score == 0:
			return nil, fmt.Errorf("specs[%d].score: 0: want %d to %d", i, MinScore, MaxScore)
		case s.Quality == 0:
			return nil, fmt.Errorf("specs[%d].quality: 0: want 1 to 100", i)
		case s.Quality == unset && s.Score == unset:
			s.Quality = DefaultQuality
		case s.Quality == unset:
			s.Quality = 0
		}
		if s.Score == unset {
			s.Score = 0
		}
		specs = append(specs, s)
	}
	if err := validateSpecs(specs); err != nil {
		return nil, err
	}
	return specs, nil
}

// unset is the quality or the score of a Spec whose JSON has none.
const unset = math.MinInt

// specError puts the field's place in front of the message of encoding/json.
func specError(i int, err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return fmt.Errorf("specs[%d].%s: want %s, not a JSON %s", i, wrong.Field, kindName(wrong), wrong.Value)
	}
	if errors.As(err, &wrong) {
		return fmt.Errorf("specs[%d]: want a JSON object, not a %s", i, wrong.Value)
	}
	return fmt.Errorf("specs[%d]: %s", i, strings.TrimPrefix(err.Error(), "json: "))
}

func kindName(e *json.UnmarshalTypeError) string {
	if e.Type.Kind() == reflect.Int {
		return "a whole number"
	}
	switch e.Type.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list of formats"
	}
	return "a string"
}

var (
	specName   = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	specColour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

func validateSpecs(specs []Spec) error {
	if len(specs) < 1 || len(specs) > MaxSpecs {
		return fmt.Errorf("%d specs: want 1 to %d", len(specs), MaxSpecs)
	}
	first := map[string]int{}
	for i, s := range specs {
		if field, fault := s.fault(); field != "" {
			return fmt.Errorf("specs[%d].%s: %s", i, field, fault)
		}
		if other, taken := first[s.Name]; taken {
			return fmt.Errorf("specs[%d].name: %q is the name of specs[%d] already", i, s.Name, other)
		}
		first[s.Name] = i
	}
	return nil
}

// fault returns the first invalid field and what is wrong with it.
func (s Spec) fault() (field, fault string) {
	invalid := func(field, format string, args ...any) (string, string) { return field, fmt.Sprintf(format, args...) }
	free := s.Fit == Inside // a side may be left free
	switch {
	case !specName.MatchString(s.Name):
		return invalid("name", "%.80q: want 1 to 32 of a-z, 0-9 and hyphen", s.Name)
	case s.Name == "manifest":
		return invalid("name", `"manifest" is the name of the manifest's own object`)
	case s.Fit != Inside && s.Fit != Fill:
		return invalid("fit", "%.80q: want %q or %q", s.Fit, Inside, Fill)
	case free && s.Width == 0 && s.Height == 0:
		return invalid("width", "want a width, a height or both, of 1 to %d pixels", MaxSide)
	case (s.Width < 1 || s.Width > MaxSide) && !(free && s.Width == 0):
		return invalid("width", "%d: want 1 to %d pixels", s.Width, MaxSide)
	case (s.Height < 1 || s.Height > MaxSide) && !(free && s.Height == 0):
		return invalid("height", "%d: want 1 to %d pixels", s.Height, MaxSide)
	case s.Anchor != "" && !slices.Contains(anchors, s.Anchor):
		return invalid("anchor", "%.80q: want one of %s", s.Anchor, quoteAll(anchors))
	case s.Anchor != "" && s.Fit != Fill:
		return invalid("anchor", "%q: only %q crops", s.Anchor, Fill)
	case s.Sharpen < 0 || s.Sharpen > MaxSharpen:
		return invalid("sharpen", "%d: want 0 to %d percent", s.Sharpen, MaxSharpen)
	case s.Light != "" && s.Light != LinearLight && s.Light != GammaLight:
		return invalid("light", "%.80q: want %q or %q", s.Light, LinearLight, GammaLight)
	case s.Background != "" && !specColour.MatchString(s.Background):
		return invalid("background", "%.80q: want a colour as #rrggbb", s.Background)
	case s.Score != 0 && (s.Score < MinScore || s.Score > MaxScore):
		return invalid("score", "%d: want %d to %d", s.Score, MinScore, MaxScore)
	case s.Score != 0 && s.Quality != 0:
		return invalid("score", "%d: the spec has a quality already, and the score chooses the quality", s.Score)
	case s.Score == 0 && (s.Quality < 1 || s.Quality > 100):
		return invalid("quality", "%d: want 1 to 100", s.Quality)
	case s.Chroma != "" && s.Chroma != Chroma420 && s.Chroma != Chroma444:
		return invalid("chroma", "%.80q: want %q or %q", s.Chroma, Chroma420, Chroma444)
	case s.HDR != "" && s.HDR != KeepHDR && s.HDR != DropHDR:
		return invalid("hdr", "%.80q: want %q or %q", s.HDR, KeepHDR, DropHDR)
	}
	for i, o := range s.Formats {
		if o == animatedOnly && !s.Animate {
			return invalid(fmt.Sprintf("formats[%d]", i), `%q: only animations are written as GIF: set "animate" to true, or choose another format`, o)
		}
		if !slices.Contains(allOutputs(), o) && o != animatedOnly {
			return invalid(fmt.Sprintf("formats[%d]", i), "%.80q: want one of %s", o, quoteAll(allOutputs()))
		}
		if slices.Contains(s.Formats[:i], o) {
			return invalid(fmt.Sprintf("formats[%d]", i), "%q is in the list already", o)
		}
	}
	if mayMove := func(o Output) bool { return o == Original || o.format().Animates() }; s.Animate && !slices.ContainsFunc(s.outputs(), mayMove) {
		return invalid("animate", `there is no "webp", "gif" or "original" among the formats`)
	}
	for _, option := range []struct {
		name string
		set  bool
		auto bool // Auto's formats have the option
		has  func(format.Format) bool
	}{
		{"lossless", s.Lossless, false, func(f format.Format) bool { return f.Loss == format.Either }},
		{"score", s.Score != 0, true, func(f format.Format) bool { return !f.Lossless(s.Lossless) }},
		{"progressive", s.Progressive != nil && *s.Progressive, true, func(f format.Format) bool { return f.Progressive }},
		{"chroma", s.Chroma != "", true, func(f format.Format) bool { return f.Chroma }},
		{"hdr", s.HDR == KeepHDR, true, func(f format.Format) bool { return f.GainMap }},
	} {
		uses := func(o Output) bool { return o == Original || o == Auto && option.auto || option.has(o.format()) }
		if option.set && !slices.ContainsFunc(s.possibleOutputs(), uses) {
			return invalid(option.name, "there is no %s among the formats", quoteAll(formatsWith(option.has)))
		}
	}
	return "", ""
}

// formatsWith returns the formats that an encoder can write with an option.
func formatsWith(has func(format.Format) bool) []photo.Format {
	return slices.DeleteFunc(slices.Clone(photo.Written), func(f photo.Format) bool { return !has(format.Lookup(f)) })
}

func quoteAll[T ~string](list []T) string {
	text := make([]string, len(list))
	for i, v := range list {
		text[i] = strconv.Quote(string(v))
	}
	return strings.Join(text, ", ")
}
