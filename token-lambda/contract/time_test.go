package contract

import (
	"encoding/json"
	"testing"
	"time"
)

// TestTime: times have milliseconds even where these are zero, so that texts sort like times.
func TestTime(t *testing.T) {
	for name, c := range map[string]struct {
		time time.Time
		want string
	}{
		"whole second": {time.Date(2026, 11, 28, 15, 9, 26, 0, time.UTC), `{"uploaded":"2026-11-28T15:09:26.000Z"}`},
		"nanoseconds":  {time.Date(2026, 11, 28, 15, 9, 26, 93_999_999, time.UTC), `{"uploaded":"2026-11-28T15:09:26.093Z"}`},
		"another zone": {time.Date(2026, 11, 28, 16, 9, 26, 5e6, time.FixedZone("", 3600)), `{"uploaded":"2026-11-28T15:09:26.005Z"}`},
		"none":         {time.Time{}, `{}`},
	} {
		type upload struct {
			Uploaded Time `json:"uploaded,omitzero"`
		}
		in := upload{NewTime(c.time)}
		text, err := json.Marshal(in)
		if err != nil || string(text) != c.want {
			t.Errorf("%s: %s, %v; want %s", name, text, err, c.want)
		}
		var out upload
		if err := json.Unmarshal(text, &out); err != nil || !out.Uploaded.Equal(in.Uploaded) {
			t.Errorf("%s: read as %v, %v", name, out.Uploaded, err)
		}
	}
}
