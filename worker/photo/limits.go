package photo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"

	"darkroom/worker/settings"
)

// DefaultMaxPixels is the default limit of the pixels of a photo.
const DefaultMaxPixels = 120_000_000

// Limits are what a board accepts. The API returns them with a token, and the worker checks the photo against them and
// against its own limits. A number that is 0 limits nothing. If Formats is nil, any format is accepted. If it is empty
// but not nil, no format is.
type Limits struct {
	MaxBytes  int64
	MaxPixels int64
	Formats   []Format
}

// Accepts reports whether a photo may have this format.
func (l Limits) Accepts(f Format) bool { return l.Formats == nil || slices.Contains(l.Formats, f) }

// Stricter returns the limits that accept only what both l and o accept.
func (l Limits) Stricter(o Limits) Limits {
	l.MaxBytes, l.MaxPixels = stricter(l.MaxBytes, o.MaxBytes), stricter(l.MaxPixels, o.MaxPixels)
	switch {
	case l.Formats == nil:
		l.Formats = slices.Clone(o.Formats)
	case o.Formats != nil:
		both := []Format{}
		for _, f := range l.Formats {
			if o.Accepts(f) {
				both = append(both, f)
			}
		}
		l.Formats = both
	}
	return l
}

// stricter returns the smaller of two limits. A limit of 0 limits nothing.
func stricter(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

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

// ParseLimits parses the text that [Limits.String] returns for limits without an empty field, as the API writes them.
// Anything else is an error: an unknown name or format, a field that is missing or occurs twice, and a number that is
// not a whole one from 1 to 2^63-1. With an error, it returns the limits that could be read.
func ParseLimits(s string) (Limits, error) {
	var l Limits
	q, err := url.ParseQuery(s)
	wrong := err
	for name, values := range q {
		switch name {
		case "bytes":
			l.MaxBytes, err = parseLimit(values)
		case "pixels":
			l.MaxPixels, err = parseLimit(values)
		case "format":
			l.Formats, err = parseFormats(values)
		default:
			err = errors.New("this release does not know the name")
		}
		if err != nil && wrong == nil {
			wrong = fmt.Errorf("%.40q: %w", name, err)
		}
	}
	for _, name := range []string{"bytes", "pixels", "format"} {
		if wrong == nil && !q.Has(name) {
			wrong = fmt.Errorf("%s is missing", name)
		}
	}
	if wrong != nil {
		return l, fmt.Errorf("limits %.120q: %w", s, wrong)
	}
	return l, nil
}

// parseLimit returns the smallest of the values that are limits, or 0 if none is.
func parseLimit(values []string) (limit int64, err error) {
	for _, v := range values {
		n, failed := strconv.ParseInt(v, 10, 64)
		if failed != nil || n < 1 {
			err = errors.New("want a whole number above 0")
			continue
		}
		limit = stricter(limit, n)
	}
	if err == nil && len(values) > 1 {
		err = errors.New("want one value")
	}
	return limit, err
}

// parseFormats returns the values that are formats which this release reads. The result is not nil.
func parseFormats(values []string) (formats []Format, err error) {
	formats = []Format{}
	for _, v := range values {
		switch f := Format(v); {
		case !slices.Contains(Readable, f):
			err = fmt.Errorf("this release does not read %.40q", v)
		case slices.Contains(formats, f):
			err = fmt.Errorf("%s comes twice", f)
		default:
			formats = append(formats, f)
		}
	}
	return formats, err
}

// BoardLimits are the limits of one board in the setting BOARD_LIMITS. A field that is zero stands for the limit of all
// boards.
type BoardLimits struct {
	ContentTypes []string `json:"contentTypes"` // media types
	MaxBytes     int64    `json:"maxBytes"`
	MaxPixels    int64    `json:"maxPixels"`
}

// ParseBoardLimits parses the setting BOARD_LIMITS: a JSON object of [BoardLimits] by the name of the board. It refuses
// unknown members, and what [settings.CheckJSON] refuses.
func ParseBoardLimits(text string) (map[Board]BoardLimits, error) {
	var boards map[Board]BoardLimits
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&boards); err != nil {
		return nil, fmt.Errorf(`want {"BOARD": {"contentTypes": [...], "maxBytes": N, "maxPixels": N}}: %w`, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("unexpected text after the JSON object")
	}
	if err := settings.CheckJSON(text); err != nil {
		return nil, err
	}
	for board := range boards {
		if _, err := ParseBoard(string(board)); err != nil {
			return nil, err
		}
	}
	return boards, nil
}

// Limits returns the limits in the form that a token carries to the worker. The error names a number below 0 or a media
// type that the worker cannot read.
func (b BoardLimits) Limits() (Limits, error) {
	l := Limits{MaxBytes: b.MaxBytes, MaxPixels: b.MaxPixels}
	for _, limit := range []struct {
		name  string
		value int64
	}{{"maxBytes", b.MaxBytes}, {"maxPixels", b.MaxPixels}} {
		if limit.value < 0 {
			return l, fmt.Errorf("%s is %d: want a number above 0", limit.name, limit.value)
		}
	}
	for _, t := range b.ContentTypes {
		f, ok := ReadableFormat(t)
		if !ok {
			return l, fmt.Errorf("the worker cannot read media type %q", t)
		}
		if !slices.Contains(l.Formats, f) {
			l.Formats = append(l.Formats, f)
		}
	}
	return l, nil
}
