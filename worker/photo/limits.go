package photo

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
)

// MetaLimits names the user metadata of an original (x-amz-meta-limits) that holds the [Limits] that its token promised.
const MetaLimits = "limits"

// DefaultMaxPixels is the default limit of the pixels of a photo.
const DefaultMaxPixels = 120_000_000

// Limits are what a board accepts. The API returns them with a token, and the worker checks the photo against them and
// against its own limits. A zero field limits nothing.
type Limits struct {
	MaxBytes  int64
	MaxPixels int64
	Formats   []Format
}

// Takes reports whether a photo may have this format.
func (l Limits) Takes(f Format) bool { return len(l.Formats) == 0 || slices.Contains(l.Formats, f) }

// String returns the limits as a query string, such as "bytes=67108864&format=jpeg&format=png&pixels=120000000". It is
// printable ASCII without spaces, as a header of S3 must be.
func (l Limits) String() string {
	q := url.Values{}
	if l.MaxBytes > 0 {
		q.Set("bytes", strconv.FormatInt(l.MaxBytes, 10))
	}
	if l.MaxPixels > 0 {
		q.Set("pixels", strconv.FormatInt(l.MaxPixels, 10))
	}
	for _, f := range l.Formats {
		q.Add("format", string(f))
	}
	return q.Encode()
}

// ParseLimits parses what [Limits.String] returns. It ignores names that it does not know: a later release may add some.
func ParseLimits(s string) (Limits, error) {
	q, err := url.ParseQuery(s)
	if err != nil {
		return Limits{}, fmt.Errorf("limits %.120q: %w", s, err)
	}
	var l Limits
	for name, field := range map[string]*int64{"bytes": &l.MaxBytes, "pixels": &l.MaxPixels} {
		if !q.Has(name) {
			continue
		}
		if *field, err = strconv.ParseInt(q.Get(name), 10, 64); err != nil || *field < 1 {
			return Limits{}, fmt.Errorf("limits %.120q: %s: want a whole number above 0", s, name)
		}
	}
	for _, f := range q["format"] {
		l.Formats = append(l.Formats, Format(f))
	}
	return l, nil
}
