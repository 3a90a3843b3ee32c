package contract

import "time"

// Time is a time in UTC with milliseconds. In JSON it always has the same length, so the texts sort like the times.
type Time struct{ time.Time }

// NewTime returns t in UTC, cut to milliseconds. A zero time stays zero.
func NewTime(t time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	return Time{t.UTC().Truncate(time.Millisecond)}
}

// Equal reports whether t and o are the same instant.
func (t Time) Equal(o Time) bool { return t.Time.Equal(o.Time) }

// MarshalJSON implements [json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}
