package api

import (
	"fmt"
	"slices"
	"strings"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

// Limits are what one board accepts. A zero field stands for the limit of all boards.
type Limits contract.Limits

// inherit returns the limits of a board with the zero fields filled in from those of all boards. A board may not exceed
// the limits of all boards, because the workers enforce those too.
func (l Limits) inherit(all Limits) (Limits, error) {
	if l.MaxBytes == 0 {
		l.MaxBytes = all.MaxBytes
	}
	if l.MaxPixels == 0 {
		l.MaxPixels = all.MaxPixels
	}
	if len(l.ContentTypes) == 0 {
		l.ContentTypes = all.ContentTypes
	}
	if err := settings.Range(l.MaxBytes, 1, all.MaxBytes); err != nil {
		return l, settings.Named("maxBytes", err)
	}
	if err := settings.Range(l.MaxPixels, 1, all.MaxPixels); err != nil {
		return l, settings.Named("maxPixels", err)
	}
	for _, t := range l.ContentTypes {
		if _, ok := photo.ReadableFormat(t); !ok {
			return l, fmt.Errorf("the worker cannot read media type %q; it reads %s", t, strings.Join(allTypes(), ", "))
		}
		if !all.accepts(t) {
			return l, fmt.Errorf("media type %q is not one of all boards: %s", t, strings.Join(all.ContentTypes, ", "))
		}
	}
	return l, nil
}

// accepts reports whether contentType, or another name of its format, is allowed.
func (l Limits) accepts(contentType string) bool {
	f, ok := photo.ReadableFormat(contentType)
	return ok && (slices.Contains(l.ContentTypes, contentType) || slices.Contains(l.ContentTypes, f.ContentType()))
}

// tokenLimits returns the limits in the form that a token carries to the worker. Validate has checked that such a form
// exists.
func (l Limits) tokenLimits() photo.Limits {
	limits, _ := photo.BoardLimits(l).Limits()
	return limits
}

// leastBudget is the smallest memory budget that the API accepts. It is four times MaxBytes, since workers use a
// quarter of their budget for originals, but at least 256 MiB. With less, some formats would have no picture that is
// sure to fit.
func leastBudget(maxBytes int64) int64 { return max(256<<20, 4*maxBytes) }

// promise returns the limits that a client reads before it uploads a photo of this media type: no more pixels than the
// workers' memory is sure to hold. The token carries the limits of the board: many photos take less memory, and only
// the worker can tell which.
func (c Config) promise(l Limits, contentType string) Limits {
	if f, ok := photo.ReadableFormat(contentType); ok {
		l.MaxPixels = min(l.MaxPixels, f.PixelsWithin(c.MemoryBudget, c.MaxBytes))
	}
	return l
}

// limits returns the limits of the board.
func (a *API) limits(board photo.Board) Limits {
	if l, ok := a.cfg.Boards[board]; ok {
		return l
	}
	return a.cfg.general()
}

// general returns the limits of boards that have none of their own.
func (c Config) general() Limits {
	return Limits{ContentTypes: c.AllowedTypes, MaxBytes: c.MaxBytes, MaxPixels: c.MaxPixels}
}
