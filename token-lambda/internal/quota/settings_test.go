package quota_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/internal/quota"
	"darkroom/worker/photo"
)

func TestParse(t *testing.T) {
	got := parse(t, `{"board": {"photosPerMinute": 600, "bytesPerDay": 10737418240}, "subject": {"photosPerDay": 2000, "bytesPerMinute": 1},
		"boards": {"press": {"photosPerMinute": 6000, "photosPerDay": 999999999999999}, "quiet": {}}}`)
	want := quota.Settings{
		Board:   quota.Windows{Minute: quota.Use{Photos: 600}, Day: quota.Use{Bytes: 10 << 30}},
		Subject: quota.Windows{Minute: quota.Use{Bytes: 1}, Day: quota.Use{Photos: 2000}},
		Boards: map[photo.Board]quota.Windows{
			"press": {Minute: quota.Use{Photos: 6000}, Day: quota.Use{Photos: 999_999_999_999_999, Bytes: 10 << 30}},
			"quiet": {Minute: quota.Use{Photos: 600}, Day: quota.Use{Bytes: 10 << 30}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for text, limited := range map[string]bool{`{}`: false, `{"board": {}, "subject": {}}`: false, `{"subject": {"photosPerDay": 1}}`: true, `{"boards": {"a": {"photosPerDay": 1}}}`: true} {
		if got := parse(t, text).Limited(); got != limited {
			t.Errorf("%s: limited %v, want %v", text, got, limited)
		}
	}
}

// TestParseErrors: the error names the entry.
func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:                                    `want {"board": {"photosPerMinute": N`,
		`600`:                                 `want {"board": {`,
		`{"user": {}}`:                        `unknown field "user"`,
		`[600]`:                               `found array at byte`,
		`{} {}`:                               "unexpected text",
		`{"board": {"photosPerDay": 1}}}`:     "unexpected text",
		`{"board": {"photosPerDay": 1}}]`:     "unexpected text",
		`{"board": null}`:                     "board: null sets nothing: leave the entry out",
		`{"boards": {"cats": null}}`:          "boards: cats: null sets nothing",
		`{"board": {"photosPerDay": null}}`:   "board: photosPerDay: null sets nothing",
		`null`:                                "null is not a JSON object: want {",
		`{"board": {}, "board": {}}`:          `"board" comes twice`,
		`{"board": {"photosPerHour": 1}}`:     `board: "photosPerHour" is unknown: want bytesPerDay, bytesPerMinute, photosPerDay, photosPerMinute`,
		`{"board": {"photosPerDay": 0}}`:      "board: photosPerDay: 0 is not within 1 to 999999999999999",
		`{"subject": {"bytesPerDay": -1}}`:    "subject: bytesPerDay: -1 is not within",
		`{"board": {"photosPerDay": 1.5}}`:    "board: photosPerDay: 1.5 is not a whole number",
		`{"board": {"photosPerDay": "10"}}`:   `board: photosPerDay: "10" is not a whole number`,
		`{"board": {"bytesPerDay": 1e15}}`:    "board: bytesPerDay: 1e15 is not a whole number",
		`{"boards": {"Cats": {}}}`:            `boards: board "Cats": invalid name`,
		`{"boards": {"cats": {"photos": 1}}}`: `boards: cats: "photos" is unknown`,
		`{"board": {"photosPerMinute": 9, "photosPerDay": 8}}`:                     "board: photosPerMinute 9 is greater than photosPerDay 8",
		`{"board": {"bytesPerDay": 8}, "boards": {"cats": {"bytesPerMinute": 9}}}`: "boards: cats: bytesPerMinute 9 is greater than bytesPerDay 8",
		`{"board": {"bytesPerDay": 1000000000000000}}`:                             "board: bytesPerDay: 1000000000000000 is not within",
	} {
		if _, err := quota.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// FuzzParse: whatever is accepted has limits that a header field can hold.
func FuzzParse(f *testing.F) {
	f.Add(`{"board": {"photosPerMinute": 600}, "subject": {"bytesPerDay": 9}, "boards": {"a": {"photosPerDay": 700}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := quota.Parse(text)
		if err != nil {
			return
		}
		all := []quota.Windows{s.Board, s.Subject}
		for _, w := range s.Boards {
			all = append(all, w)
		}
		for _, w := range all {
			for _, n := range []int64{w.Minute.Photos, w.Minute.Bytes, w.Day.Photos, w.Day.Bytes} {
				if n < 0 || n > 999_999_999_999_999 {
					t.Errorf("%s has the limit %d", text, n)
				}
			}
		}
	})
}
