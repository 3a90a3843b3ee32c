package load

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/soak/internal/trouble"
)

func TestPlan(t *testing.T) {
	m := Mix{Photos: 4000, Rate: 1, Bad: 0.05, Duplicates: 0.1, Reorder: 0.1, Poison: 0.01, Remove: 0.02, APIRemove: 0.02, Replace: 0.01, Reupload: 0.02}
	d := trouble.Settings{Kills: 20, Freezes: 4, Credentials: 3, Policies: 5, Outage: time.Minute}
	draw := func(seed uint64) Plan { return NewPlan(m, d, seed, "run", "uploads", "variants") }
	p := draw(1)
	same := draw(1)
	for i := range same.BadMessages { // the bodies contain the time
		same.BadMessages[i].Body = p.BadMessages[i].Body
	}
	if !reflect.DeepEqual(p, same) || reflect.DeepEqual(p.Steps, draw(2).Steps) {
		t.Error("the seed does not decide the plan")
	}
	if len(p.Steps) != 4000 || len(p.BadMessages) != 40 {
		t.Errorf("%d steps, %d bad messages", len(p.Steps), len(p.BadMessages))
	}
	counts := map[string]int{}
	for _, s := range p.Steps {
		for name, hit := range map[string]bool{"bad": s.Bad, "duplicates": len(s.Copies) > 0, "reorder": s.Early || s.Opposite > 0, "early": s.Early, "remove": s.Remove, "replace": s.Replace != 0, "reupload": s.Reupload,
			"api": s.Removal.Requests > 0, "before": s.Removal.Before, "late": s.Removal.Late} {
			if hit {
				counts[name]++
			}
		}
		if s.Removed() && (s.Reupload || s.Replace != 0) || s.Remove && s.Removal.Requests > 0 {
			t.Errorf("removed, and more: %+v", s)
		}
		if s.After > longestChange || s.Opposite > longestCopy || s.Opposite > 0 && s.Opposite < longestChange {
			t.Errorf("times: %+v", s)
		}
	}
	for name, want := range map[string]int{"bad": 200, "duplicates": 400, "reorder": 400, "early": 200, "remove": 80, "replace": 40, "reupload": 80, "api": 80, "before": 20, "late": 20} {
		if got := counts[name]; got < want/2 || got > want*2 {
			t.Errorf("%s: %d of 4000, want about %d", name, got, want)
		}
	}
	bodies := map[string]bool{}
	for i, b := range p.BadMessages {
		if bodies[b.Body] || i > 0 && b.After < p.BadMessages[i-1].After {
			t.Errorf("bad message %d: %+v", i, b)
		}
		bodies[b.Body] = true
	}
	if none := NewPlan(Mix{Photos: 50}, trouble.Settings{}, 1, "run", "uploads", "variants"); len(none.BadMessages) > 0 || none.Steps[7].ExtraEvents() > 0 {
		t.Error("an empty mix causes trouble")
	}
}

func TestMixValidate(t *testing.T) {
	if err := (Mix{Photos: 1, Rate: 1}).Validate(); err != nil {
		t.Error(err)
	}
	for _, m := range []Mix{{Rate: 1}, {Photos: 1}, {Photos: 1, Rate: -1}, {Photos: 1, Rate: 1, Remove: 0.6, Replace: 0.6}, {Photos: 1, Rate: 1, Remove: 0.6, APIRemove: 0.6}} {
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
			want := map[Shape]int{plain: 1, twice: 2, sns: 1}[s]
			if len(v.Records) != want || want > 0 && v.Records[0].EventName != name || want == 0 && v.Detail.Object.Key != "cats/1" {
				t.Errorf("form %d: %s", s, text)
			}
		}
	}
	for i := range 4 {
		if body := badBody(i, "uploads", "n-1"); !strings.Contains(body, "n-1") {
			t.Errorf("bad message without the name of the run: %s", body)
		}
	}
}
