package photo

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
)

// MetaLimits is the name of the user metadata of an original (x-amz-meta-limits) that carries what its token promised
// would be taken: see [Limits].
const MetaLimits = "limits"

// DefaultMaxPixels is the most pixels of a photo where nothing else is configured.
const DefaultMaxPixels = 120_000_000

// Limits is what a board takes. The token's client is told, and the worker holds the photo to it, besides its own limits.
// A field that is zero limits nothing.
type Limits struct {
	MaxBytes  int64
	MaxPixels int64
	Formats   []Format
}

// Takes reports whether a photo may be of this format.
func (l Limits) Takes(f Format) bool { return len(l.Formats) == 0 || slices.Contains(l.Formats, f) }

// String returns the limits as a query string, such as "bytes=67108864&format=jpeg&format=png&pixels=120000000": printable
// ASCII without spaces, as a header of S3 must be.
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

// ParseLimits reads what [Limits.String] returns. Names that it does not know are left to those who do.
func ParseLimits(s string) (Limits, error) {
	q, err := url.ParseQuery(s)
	if err != nil {
		return Limits{}, fmt.Errorf("limits %.120q: %w", s, err)
	}
	var l Limits
	for name, to := range map[string]*int64{"bytes": &l.MaxBytes, "pixels": &l.MaxPixels} {
		if !q.Has(name) {
			continue
		}
		if *to, err = strconv.ParseInt(q.Get(name), 10, 64); err != nil || *to < 1 {
			return Limits{}, fmt.Errorf("limits %.120q: %s: want a whole number above 0", s, name)
		}
	}
	for _, f := range q["format"] {
		l.Formats = append(l.Formats, Format(f))
	}
	return l, nil
}
