package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ParseSpecs reads a JSON array of 1 to [MaxSpecs] specifications. A field that it does not know is an error. Errors
// name the place, such as "specs[2].width".
func ParseSpecs(text []byte) ([]Spec, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("specs: want a JSON array: %w", err)
	}
	specs := make([]Spec, 0, min(len(raw), MaxSpecs+1))
	for i, one := range raw {
		if i > MaxSpecs {
			break // validateSpecs refuses the list by its length
		}
		s := Spec{Quality: DefaultQuality}
		d := json.NewDecoder(bytes.NewReader(one))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return nil, specError(i, err)
		}
		specs = append(specs, s)
	}
	if err := validateSpecs(specs); err != nil {
		return nil, err
	}
	return specs, nil
}

// specError puts the place of the fault before what encoding/json says about it.
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
		return fmt.Errorf("specs: want 1 to %d of them", MaxSpecs)
	}
	first := map[string]int{}
	for i, s := range specs {
		if field, fault := s.fault(); field != "" {
			return fmt.Errorf("specs[%d].%s: %s", i, field, fault)
		}
		if at, taken := first[s.Name]; taken {
			return fmt.Errorf("specs[%d].name: %q is the name of specs[%d] already", i, s.Name, at)
		}
		first[s.Name] = i
	}
	return nil
}

// fault returns the first field that cannot be used and what is wrong with it.
func (s Spec) fault() (field, fault string) {
	bad := func(field, format string, args ...any) (string, string) { return field, fmt.Sprintf(format, args...) }
	free := s.Fit == Inside // a side may be
	switch {
	case !specName.MatchString(s.Name):
		return bad("name", "%.80q: want 1 to 32 of a-z, 0-9 and hyphen", s.Name)
	case s.Name == "manifest":
		return bad("name", `"manifest" is the name of the manifest's own object`)
	case s.Fit != Inside && s.Fit != Fill:
		return bad("fit", "%.80q: want %q or %q", s.Fit, Inside, Fill)
	case free && s.Width == 0 && s.Height == 0:
		return bad("width", "want a width, a height or both, of 1 to %d pixels", MaxSide)
	case (s.Width < 1 || s.Width > MaxSide) && !(free && s.Width == 0):
		return bad("width", "%d: want 1 to %d pixels", s.Width, MaxSide)
	case (s.Height < 1 || s.Height > MaxSide) && !(free && s.Height == 0):
		return bad("height", "%d: want 1 to %d pixels", s.Height, MaxSide)
	case s.Anchor != "" && !slices.Contains(anchors, s.Anchor):
		return bad("anchor", "%.80q: want one of %s", s.Anchor, quoted(anchors))
	case s.Anchor != "" && s.Fit != Fill:
		return bad("anchor", "%q: only %q crops", s.Anchor, Fill)
	case s.Sharpen < 0 || s.Sharpen > MaxSharpen:
		return bad("sharpen", "%d: want 0 to %d percent", s.Sharpen, MaxSharpen)
	case s.Background != "" && !specColour.MatchString(s.Background):
		return bad("background", "%.80q: want a colour as #rrggbb", s.Background)
	case s.Quality < 1 || s.Quality > 100:
		return bad("quality", "%d: want 1 to 100", s.Quality)
	case s.Chroma != "" && s.Chroma != Chroma420 && s.Chroma != Chroma444:
		return bad("chroma", "%.80q: want %q or %q", s.Chroma, Chroma420, Chroma444)
	}
	for i, o := range s.Formats {
		if !slices.Contains(outputs, o) {
			return bad(fmt.Sprintf("formats[%d]", i), "%.80q: want one of %s", o, quoted(outputs))
		}
		if slices.Contains(s.Formats[:i], o) {
			return bad(fmt.Sprintf("formats[%d]", i), "%q is in the list already", o)
		}
	}
	jpeg := len(s.Formats) == 0 || slices.ContainsFunc(s.Formats, func(o Output) bool { return o == JPEG || o == Auto || o == Original })
	webp := slices.ContainsFunc(s.Formats, func(o Output) bool { return o == WebP || o == Original })
	switch {
	case s.Lossless && !webp:
		return bad("lossless", "there is no %q among the formats", WebP)
	case s.Progressive && !jpeg:
		return bad("progressive", "there is no %q among the formats", JPEG)
	case s.Chroma != "" && !jpeg:
		return bad("chroma", "there is no %q among the formats", JPEG)
	}
	return "", ""
}

func quoted[T ~string](list []T) string {
	text := make([]string, len(list))
	for i, v := range list {
		text[i] = strconv.Quote(string(v))
	}
	return strings.Join(text, ", ")
}
