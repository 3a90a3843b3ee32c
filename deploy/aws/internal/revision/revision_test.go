package revision

import (
	"strings"
	"testing"
	"time"
)

func TestNewID(t *testing.T) {
	now := time.Date(2026, 11, 30, 10, 15, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		known []string
		want  string
	}{
		"first":          {nil, "20261130-101500"},
		"after others":   {[]string{"20261130-101459", "20261129-000000"}, "20261130-101500"},
		"same second":    {[]string{"20261130-101500"}, "20261130-101501"},
		"clocks differ":  {[]string{"20261130-120000", "20261130-110000"}, "20261130-120001"},
		"unusual object": {[]string{"backup"}, "20261130-101500"},
	} {
		var known []Revision
		for _, id := range c.known {
			known = append(known, Revision{ID: id})
		}
		if got := NewID(now.Add(300*time.Millisecond), known); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestFind(t *testing.T) {
	all := []Revision{{ID: "20261130-101500"}, {ID: "20261130-091500"}, {ID: "20261129-091500"}}
	for text, want := range map[string]string{"20261129": "20261129-091500", "20261130-10": "20261130-101500", "20261130-091500": "20261130-091500", "20261130": "matches 2 revisions", "2025": "there is no revision", "": "there is no revision"} {
		r, err := Find(all, text)
		if err == nil && r.ID != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %s, %v, want %s", text, r.ID, err, want)
		}
	}
}
