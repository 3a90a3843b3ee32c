package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestPlan(t *testing.T) {
	m := mix{Photos: 4000, Rate: 1, Bad: 0.05, Duplicates: 0.1, Reorder: 0.1, Poison: 0.01, Remove: 0.02, APIRemove: 0.02, Replace: 0.01, Reupload: 0.02}
	d := disturbances{Kills: 20, Freezes: 4, Credentials: 3, Policies: 5, Outage: time.Minute}
	draw := func(seed uint64) plan { return newPlan(m, d, seed, "run", "uploads", "variants") }
	p := draw(1)
	same := draw(1)
	for i := range same.poison { // the bodies hold the time
		same.poison[i].body = p.poison[i].body
	}
	if !reflect.DeepEqual(p, same) || reflect.DeepEqual(p.steps, draw(2).steps) || reflect.DeepEqual(p.outages, draw(2).outages) {
		t.Error("the seed does not decide the plan")
	}
	if len(p.steps) != 4000 || len(p.kills) != 20 || len(p.freezes) != 4 || len(p.outages) != 8 || len(p.poison) != 40 {
		t.Errorf("%d steps, kills %v, freezes %v, outages %v, %d bad messages", len(p.steps), p.kills, p.freezes, p.outages, len(p.poison))
	}
	var moments []moment
	answers := map[string]bool{}
	policies := 0
	for _, o := range p.outages {
		moments = append(moments, o.moment)
		answers[fmt.Sprint(o.answer)] = true
		if o.policy {
			policies++
		}
		if o.answer.Validate() != nil || (o.length < shortestOutage || o.length > longestOutage) && o.length != d.Outage || o.policy != (len(o.answer.Only) > 0) {
			t.Errorf("outage %+v", o)
		}
	}
	if len(answers) != 8 || policies != 5 {
		t.Errorf("%d different outages, %d by policies: %v", len(answers), policies, p.outages)
	}
	for _, f := range p.freezes {
		if f.length <= visibilityTimeout || f.length > longestFreeze {
			t.Errorf("freeze %+v", f)
		}
	}
	for _, all := range [][]moment{p.kills, p.freezes, moments} {
		for i, m := range all {
			if m.after < 0 || m.after >= 3000 || i > 0 && m.after < all[i-1].after {
				t.Errorf("moment %d of %v", i, all)
			}
		}
	}
	counts := map[string]int{}
	for _, s := range p.steps {
		for name, hit := range map[string]bool{"bad": s.bad, "duplicates": len(s.copies) > 0, "reorder": s.early || s.opposite > 0, "early": s.early, "remove": s.remove, "replace": s.replace != 0, "reupload": s.reupload,
			"api": s.removal.requests > 0, "before": s.removal.before, "late": s.removal.late} {
			if hit {
				counts[name]++
			}
		}
		if s.removed() && (s.reupload || s.replace != 0) || s.remove && s.removal.requests > 0 {
			t.Errorf("removed, and more: %+v", s)
		}
		if s.after > longestChange || s.opposite > longestCopy || s.opposite > 0 && s.opposite < longestChange {
			t.Errorf("times: %+v", s)
		}
	}
	for name, want := range map[string]int{"bad": 200, "duplicates": 400, "reorder": 400, "early": 200, "remove": 80, "replace": 40, "reupload": 80, "api": 80, "before": 20, "late": 20} {
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
	if none := newPlan(mix{Photos: 50}, disturbances{}, 1, "run", "uploads", "variants"); len(none.poison)+len(none.kills)+len(none.freezes)+len(none.outages) > 0 || none.steps[7].extraEvents() > 0 {
		t.Error("an empty mix causes trouble")
	}
}

func TestMixValidate(t *testing.T) {
	if err := (mix{Photos: 1, Rate: 1}).Validate(); err != nil {
		t.Error(err)
	}
	for _, m := range []mix{{Rate: 1}, {Photos: 1}, {Photos: 1, Rate: -1}, {Photos: 1, Rate: 1, Remove: 0.6, Replace: 0.6}, {Photos: 1, Rate: 1, Remove: 0.6, APIRemove: 0.6}} {
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
