package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"darkroom/worker/photo"
)

// Limits are those of the uploads of one board, as clients are told them. A field that is zero stands for the limit of all
// boards.
type Limits struct {
	ContentTypes []string `json:"contentTypes"` // media types taken
	MaxBytes     int64    `json:"maxBytes"`
	MaxPixels    int64    `json:"maxPixels"`
}

// ParseBoardLimits reads the limits of some boards: a JSON object of [Limits] by the board's name. A field that it does not
// know is an error.
func ParseBoardLimits(text string) (map[photo.Board]Limits, error) {
	var boards map[photo.Board]Limits
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&boards); err != nil {
		return nil, fmt.Errorf(`want {"BOARD": {"contentTypes": [...], "maxBytes": N, "maxPixels": N}}: %w`, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the JSON object")
	}
	return boards, nil
}

// within returns the limits of a board, given those of all, or what is wrong with them: the limits of all are the most that
// a board may take, since they are also what the workers are given.
func (l Limits) within(all Limits) (Limits, error) {
	if l.MaxBytes == 0 {
		l.MaxBytes = all.MaxBytes
	}
	if l.MaxPixels == 0 {
		l.MaxPixels = all.MaxPixels
	}
	if len(l.ContentTypes) == 0 {
		l.ContentTypes = all.ContentTypes
	}
	if l.MaxBytes < 1 || l.MaxBytes > all.MaxBytes {
		return l, fmt.Errorf("most bytes of an upload: %d, want 1 to %d", l.MaxBytes, all.MaxBytes)
	}
	if l.MaxPixels < 1 || l.MaxPixels > all.MaxPixels {
		return l, fmt.Errorf("most pixels of a photo: %d, want 1 to %d", l.MaxPixels, all.MaxPixels)
	}
	for _, t := range l.ContentTypes {
		if _, ok := photo.FormatOf(t); !ok {
			return l, fmt.Errorf("allowed type %q: the worker cannot read it; it reads %s", t, strings.Join(allTypes(), ", "))
		}
		if !all.takes(t) {
			return l, fmt.Errorf("allowed type %q: it is not among those of all boards, %s", t, strings.Join(all.ContentTypes, ", "))
		}
	}
	return l, nil
}

// takes reports whether contentType, or what stands for the same format, is allowed.
func (l Limits) takes(contentType string) bool {
	f, ok := photo.FormatOf(contentType)
	return ok && (slices.Contains(l.ContentTypes, contentType) || slices.Contains(l.ContentTypes, f.ContentType()))
}

// bound returns the limits as they are bound into a token, for the worker.
func (l Limits) bound() photo.Limits {
	b := photo.Limits{MaxBytes: l.MaxBytes, MaxPixels: l.MaxPixels}
	for _, t := range l.ContentTypes {
		if f, _ := photo.FormatOf(t); !slices.Contains(b.Formats, f) { // Validate has seen to it that it is one
			b.Formats = append(b.Formats, f)
		}
	}
	return b
}

// limits returns what the board takes.
func (a *API) limits(board photo.Board) Limits {
	if l, ok := a.cfg.Boards[board]; ok {
		return l
	}
	return a.cfg.general()
}

func (c Config) general() Limits {
	return Limits{ContentTypes: c.AllowedTypes, MaxBytes: c.MaxBytes, MaxPixels: c.MaxPixels}
}
