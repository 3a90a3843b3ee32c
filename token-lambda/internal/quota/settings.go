package quota

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

// Settings are the quotas of an API: the value of QUOTAS.
type Settings struct {
	Board   Windows                 // limits of each board that Boards does not list
	Subject Windows                 // limits of each user, over all boards
	Boards  map[photo.Board]Windows // limits of some boards, completed by those of Board
}

// Limited reports whether there is a quota.
func (s Settings) Limited() bool {
	return s.Board.limited() || s.Subject.limited() || len(s.Boards) > 0
}

// board returns the limits of a board.
func (s Settings) board(board photo.Board) Windows {
	if w, ok := s.Boards[board]; ok {
		return w
	}
	return s.Board
}

// mostLimit is the largest limit: header fields hold no longer integers (RFC 9651, section 3.3.1).
const mostLimit = 999_999_999_999_999

// members are the names of limits in QUOTAS.
var members = map[string]window{
	"photosPerMinute": windows[0], "photosPerDay": windows[1], "bytesPerMinute": windows[2], "bytesPerDay": windows[3],
}

const form = `want {"board": {"photosPerMinute": N, "photosPerDay": N, "bytesPerMinute": N, "bytesPerDay": N}, ` +
	`"subject": {...}, "boards": {"BOARD": {...}}}`

// Parse parses QUOTAS, a JSON object. A board in "boards" takes each limit that it lacks from "board". The error names
// the first entry that cannot be used.
func Parse(text string) (Settings, error) {
	var raw struct {
		Board, Subject map[string]json.RawMessage
		Boards         map[photo.Board]map[string]json.RawMessage
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return Settings{}, fmt.Errorf("%s: found %s at byte %d", form, wrong.Value, wrong.Offset)
		}
		return Settings{}, fmt.Errorf("%s: %w", form, err)
	}
	if _, err := dec.Token(); err != io.EOF { // More would not see a bracket too many
		return Settings{}, errors.New("unexpected text after the JSON object")
	}
	if strings.TrimSpace(text) == "null" { // Decode takes it for an empty object
		return Settings{}, errors.New("null is not a JSON object: " + form)
	}
	if err := settings.CheckJSON(text); err != nil {
		return Settings{}, err
	}
	var s Settings
	var err error
	if s.Board, err = parseLimits(raw.Board, Windows{}); err != nil {
		return Settings{}, settings.Named("board", err)
	}
	if s.Subject, err = parseLimits(raw.Subject, Windows{}); err != nil {
		return Settings{}, settings.Named("subject", err)
	}
	if len(raw.Boards) > 0 {
		s.Boards = make(map[photo.Board]Windows, len(raw.Boards))
	}
	for _, board := range slices.Sorted(maps.Keys(raw.Boards)) {
		if _, err := photo.ParseBoard(string(board)); err != nil {
			return Settings{}, settings.Named("boards", err)
		}
		if s.Boards[board], err = parseLimits(raw.Boards[board], s.Board); err != nil {
			return Settings{}, fmt.Errorf("boards: %s: %w", board, err)
		}
	}
	return s, nil
}

// parseLimits returns the limits of one entry, and those of general where it has none.
func parseLimits(raw map[string]json.RawMessage, general Windows) (Windows, error) {
	w := general
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		one, ok := members[name]
		if !ok {
			return w, fmt.Errorf("%.80q is unknown: want %s", name, strings.Join(slices.Sorted(maps.Keys(members)), ", "))
		}
		var limit int64
		if err := json.Unmarshal(raw[name], &limit); err != nil {
			return w, fmt.Errorf("%s: %.80s is not a whole number", name, raw[name])
		}
		if err := settings.Range(limit, 1, mostLimit); err != nil {
			return w, settings.Named(name, err)
		}
		*one.number(&w) = limit
	}
	for _, unit := range []struct {
		name        string
		minute, day int64
	}{{"photos", w.Minute.Photos, w.Day.Photos}, {"bytes", w.Minute.Bytes, w.Day.Bytes}} {
		if unit.minute != 0 && unit.day != 0 && unit.minute > unit.day {
			return w, fmt.Errorf("%sPerMinute %d is greater than %sPerDay %d", unit.name, unit.minute, unit.name, unit.day)
		}
	}
	return w, nil
}
