package purge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/worker/photo"
)

func TestParse(t *testing.T) {
	key := "cats/" + strings.Repeat("0", 32)
	one := `{"version":1,"photos":[{"photo":"` + key + `","at":"2026-11-30T10:00:00Z"}]}`
	for name, tc := range map[string]struct {
		body string
		want bool
	}{
		"a request":       {one, true},
		"a later field":   {strings.Replace(one, `{`, `{"more":1,`, 1), true},
		"a purge":         {strings.Replace(one, `{`, `{"purge":"I1","began":"2026-11-30T10:00:00Z",`, 1), true},
		"no time of it":   {strings.Replace(one, `{`, `{"purge":"I1",`, 1), false},
		"no id of it":     {strings.Replace(one, `{`, `{"began":"2026-11-30T10:00:00Z",`, 1), false},
		"no JSON":         {"", false},
		"another version": {strings.Replace(one, ":1", ":2", 1), false},
		"no photos":       {`{"version":1}`, false},
		"another key":     {strings.Replace(one, "cats", "CATS", 1), false},
		"no time":         {strings.Replace(one, `,"at":"2026-11-30T10:00:00Z"`, "", 1), false},
		"too many photos": {`{"version":1,"photos":[` + strings.Repeat(`{},`, 100) + `{}]}`, false},
		"a long id":       {strings.Replace(one, `{`, `{"purge":"`+strings.Repeat("I", 257)+`","began":"2026-11-30T10:00:00Z",`, 1), false},
	} {
		if _, refs, err := parse(tc.body); (err == nil) != tc.want || err == nil && (len(refs) != 1 || refs[0].Key() != key) {
			t.Errorf("%s: %v, %v", name, refs, err)
		}
	}
}

// TestMessageFits checks the size of the largest message, which a queue takes with nine others.
func TestMessageFits(t *testing.T) {
	m := message{Purge: strings.Repeat("I", maxPurgeID), Began: time.Now()}
	for i := range maxPhotos {
		m.Photos = append(m.Photos, request{fmt.Sprintf("%s/%045d", strings.Repeat("z", 63), i), time.Now()})
	}
	body, err := m.body()
	if _, refs, parsed := parse(body); err != nil || parsed != nil || len(refs) != maxPhotos || len(body) > 20<<10 {
		t.Errorf("%d bytes, %d photos, %v, %v", len(body), len(refs), err, parsed)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"version":1,"photos":[{"photo":"cats/00000000000000000000000000000000","at":"2026-11-30T10:00:00Z"}]}`)
	f.Add(`{"version":1,"purge":"I1","began":"2026-11-30T10:00:00Z","photos":[{}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		m, refs, err := parse(body)
		if err != nil {
			return
		}
		for i, ref := range refs {
			if _, err := photo.ParseKey(ref.Key()); err != nil || m.Photos[i].Photo != ref.Key() {
				t.Errorf("%v: %v", ref, err)
			}
		}
		again, err := m.body()
		if err != nil {
			return // a year that JSON cannot hold
		}
		n, _, err := parse(again)
		if m.Version = messageVersion; err != nil || !cmp.Equal(m, n) {
			t.Errorf("%v, %s", err, cmp.Diff(m, n))
		}
	})
}
