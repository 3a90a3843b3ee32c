package photo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

var (
	// ErrManifest reports a stored manifest that cannot be used: it is empty, larger than [MaxManifestBytes], not the JSON
	// of a manifest, describes another photo, has an unknown state or is ready without a variant. The text of the error
	// says which. The photo counts as one without a manifest, and a worker replaces the manifest unless the error also
	// wraps [ErrNewerManifest].
	ErrManifest = errors.New("the manifest cannot be used")
	// ErrNewerManifest reports a manifest of a version above [ManifestVersion]. A worker of a newer release wrote it, for
	// example before a rollback. A program of this release never replaces or deletes it, unless a user removes the photo.
	ErrNewerManifest = errors.New("it was written by a newer release")
)

// Newer reports whether a newer release wrote the manifest. This release understands the fields that it knows, and
// leaves the manifest and its variants to a worker of the newer release. See [ErrNewerManifest].
func (m *Manifest) Newer() bool { return m.Version > ManifestVersion }

// ReadManifest reads a stored manifest of ref and parses it as [ParseManifest] does. A manifest that is larger than
// [MaxManifestBytes] is an [ErrManifest]. A failure of r is not.
func ReadManifest(ref Ref, r io.Reader) (*Manifest, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxManifestBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", ref, err)
	}
	return ParseManifest(ref, b)
}

// ParseManifest parses a stored manifest of ref. It leaves out labels of the uploader that [Labels.Validate] refuses,
// and objects of an [Erasure] that are not the photo's. An error wraps [ErrManifest], and also [ErrNewerManifest] if
// the manifest has a newer version.
//
// A manifest of a newer version is read as far as it is understood: unknown fields are ignored, known ones are taken,
// and [Manifest.Newer] reports true. This works because every version keeps these rules: a manifest is a JSON object of
// at most [MaxManifestBytes] with the number "version", and a field keeps its name and type or gets another name. A
// newer manifest with a state that this release does not know cannot be used.
func ParseManifest(ref Ref, b []byte) (*Manifest, error) {
	m, newer, err := parseManifest(ref, b)
	switch {
	case err != nil && newer:
		return nil, fmt.Errorf("manifest of %s: %w: %w: %w", ref, ErrManifest, ErrNewerManifest, err)
	case err != nil:
		return nil, fmt.Errorf("manifest of %s: %w: %w", ref, ErrManifest, err)
	}
	return m, nil
}

// parseManifest parses a manifest and reports whether it has a newer version.
func parseManifest(ref Ref, b []byte) (m *Manifest, newer bool, err error) {
	if len(b) == 0 {
		return nil, false, errors.New("it is empty")
	}
	if len(b) > MaxManifestBytes {
		return nil, false, fmt.Errorf("it is larger than %d bytes", MaxManifestBytes)
	}
	// The version says how to treat all other errors, so it is read first, as any JSON number.
	var head struct {
		Version float64 `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, false, plainJSONError(err)
	}
	if head.Version < 1 {
		return nil, false, fmt.Errorf("its version is %v: want 1 or more", head.Version)
	}
	newer = head.Version > ManifestVersion
	m = new(Manifest)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, newer, plainJSONError(err)
	}
	m.Source.Labels = m.Source.Labels.valid()
	m.Erasure = m.Erasure.valid(m.Ref(), m.State)
	switch {
	case m.Ref() != ref:
		return nil, newer, fmt.Errorf("it describes another photo, %.100q", m.Ref())
	case m.State != Ready && m.State != Rejected && m.State != Removed:
		return nil, newer, fmt.Errorf("its state %.100q is unknown", m.State)
	case m.State == Ready && len(m.Variants) == 0 && !newer: // a newer release may list them elsewhere
		return nil, newer, errors.New("it says ready and names no variant")
	}
	return m, newer, nil
}

// plainJSONError says what is wrong with JSON without the names of Go's types.
func plainJSONError(err error) error {
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("it is not JSON: byte %d: %w", syntax.Offset, err)
	case errors.As(err, &shape) && shape.Field == "":
		return fmt.Errorf("it is a JSON %s, not an object", shape.Value)
	case errors.As(err, &shape):
		return fmt.Errorf("its field %s has the wrong type or size, a JSON %s", shape.Field, shape.Value)
	}
	return fmt.Errorf("one of its fields has a wrong value: %w", err)
}
