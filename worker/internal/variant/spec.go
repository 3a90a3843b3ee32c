package variant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Fit says how a picture is brought into the box of a [Spec]. Neither way enlarges a picture.
type Fit string

const (
	// Inside scales the whole picture down until it lies within the box.
	Inside Fit = "inside"
	// Fill scales the picture down until it just covers the box, and keeps the middle of it. A picture that does
	// not cover the box is cropped to the proportions of the box at its own size.
	Fill Fit = "fill"
)

// Bounds of a [Spec] and of a list of them.
const (
	MaxSpecs       = 16
	MaxSide        = 8192 // pixels
	DefaultQuality = 80
)

// Spec specifies one variant.
type Spec struct {
	Name    string `json:"name"`    // 1 to 32 of a-z, 0-9 and hyphen; not "manifest", whose key it would take
	Width   int    `json:"width"`   // of the box, 1 to MaxSide pixels
	Height  int    `json:"height"`  // of the box, 1 to MaxSide pixels
	Fit     Fit    `json:"fit"`     // Inside or Fill
	Quality int    `json:"quality"` // of JPEG, 1 to 100; DefaultQuality where the JSON has none
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
	if e.Type.Kind().String() == "int" {
		return "a whole number"
	}
	return "a string"
}

var specName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

func validateSpecs(specs []Spec) error {
	if len(specs) < 1 || len(specs) > MaxSpecs {
		return fmt.Errorf("specs: want 1 to %d of them", MaxSpecs)
	}
	first := map[string]int{}
	for i, s := range specs {
		fault := func(field, format string, args ...any) error {
			return fmt.Errorf("specs[%d].%s: %s", i, field, fmt.Sprintf(format, args...))
		}
		switch {
		case !specName.MatchString(s.Name):
			return fault("name", "%.80q: want 1 to 32 of a-z, 0-9 and hyphen", s.Name)
		case s.Name == "manifest":
			return fault("name", `"manifest" is the name of the manifest's own object`)
		case s.Width < 1 || s.Width > MaxSide:
			return fault("width", "%d: want 1 to %d pixels", s.Width, MaxSide)
		case s.Height < 1 || s.Height > MaxSide:
			return fault("height", "%d: want 1 to %d pixels", s.Height, MaxSide)
		case s.Fit != Inside && s.Fit != Fill:
			return fault("fit", "%.80q: want %q or %q", s.Fit, Inside, Fill)
		case s.Quality < 1 || s.Quality > 100:
			return fault("quality", "%d: want 1 to 100", s.Quality)
		}
		if at, taken := first[s.Name]; taken {
			return fault("name", "%q is the name of specs[%d] already", s.Name, at)
		}
		first[s.Name] = i
	}
	return nil
}
