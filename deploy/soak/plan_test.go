package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPlan(t *testing.T) {
	m := mix{Photos: 4000, Rate: 1, Bad: 0.05, Duplicates: 0.1, Reorder: 0.1, Poison: 0.01, Remove: 0.02, Replace: 0.01, Reupload: 0.02}
	p := newPlan(m, 20, 1, "run", "uploads")
	if !reflect.DeepEqual(p.steps, newPlan(m, 20, 1, "run", "uploads").steps) || reflect.DeepEqual(p.steps, newPlan(m, 20, 2, "run", "uploads").steps) {
		t.Error("the seed does not decide the steps")
	}
	if len(p.steps) != 4000 || len(p.kills) != 20 || !slices.IsSorted(p.kills) || len(p.poison) != 40 {
		t.Errorf("%d steps, kills %v, %d bad messages", len(p.steps), p.kills, len(p.poison))
	}
	counts := map[string]int{}
	for _, s := range p.steps {
		for name, hit := range map[string]bool{"bad": s.bad, "duplicates": len(s.copies) > 0, "reorder": s.early || s.opposite > 0, "early": s.early, "remove": s.remove, "replace": s.replace != 0, "reupload": s.reupload} {
			if hit {
				counts[name]++
			}
		}
		if s.remove && (s.reupload || s.replace != 0) {
			t.Errorf("removed, and more: %+v", s)
		}
		if s.after > longestChange || s.opposite > longestCopy || s.opposite > 0 && s.opposite < longestChange {
			t.Errorf("times: %+v", s)
		}
	}
	for name, want := range map[string]int{"bad": 200, "duplicates": 400, "reorder": 400, "early": 200, "remove": 80, "replace": 40, "reupload": 80} {
		if got := counts[name]; got < want/2 || got > want*2 {
			t.Errorf("%s: %d of 4000, want about %d", name, got, want)
		}
	}
	bodies := map[string]bool{}
	for i, b := range p.poison {
		if bodies[b.body] || i > 0 && b.after < p.poison[i-1].after {
			t.Errorf("bad message %d: %+v", i, b)
		}
		bodies[b.body] = true
	}
	if none := newPlan(mix{Photos: 50}, 0, 1, "run", "uploads"); len(none.poison)+len(none.kills) > 0 || none.steps[7].extraEvents() > 0 {
		t.Error("an empty mix causes trouble")
	}
}

func TestMixValidate(t *testing.T) {
	if err := (mix{Photos: 1, Rate: 1}).Validate(); err != nil {
		t.Error(err)
	}
	for _, m := range []mix{{Rate: 1}, {Photos: 1}, {Photos: 1, Rate: -1}, {Photos: 1, Rate: 1, Remove: 0.6, Replace: 0.6}} {
		if m.Validate() == nil {
			t.Errorf("%+v: accepted", m)
		}
	}
}

// Every shape of an event is JSON that names the object, possibly nested.
func TestEvents(t *testing.T) {
	at := time.Unix(1, 0)
	for s := range shapes {
		for _, name := range []string{created, removed} {
			var v struct {
				Records []struct{ EventName string }
				Message string
				Detail  struct{ Object struct{ Key string } }
			}
			text := event(s, name, "uploads", "cats/1", at)
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			if s == sns {
				if err := json.Unmarshal([]byte(v.Message), &v); err != nil {
					t.Fatal(err)
				}
			}
			want := map[shape]int{plain: 1, twice: 2, sns: 1}[s]
			if len(v.Records) != want || want > 0 && v.Records[0].EventName != name || want == 0 && v.Detail.Object.Key != "cats/1" {
				t.Errorf("form %d: %s", s, text)
			}
		}
	}
	for i := range 4 {
		if body := poisonBody(i, "uploads", "n-1"); !strings.Contains(body, "n-1") {
			t.Errorf("bad message without its name: %s", body)
		}
	}
}
