package trouble

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"darkroom/deploy/soak/internal/system"
)

func TestNewPlan(t *testing.T) {
	d := Settings{Kills: 20, Freezes: 4, Credentials: 3, Policies: 5, Outage: time.Minute}
	draw := func(d Settings, seed uint64) Plan {
		return NewPlan(rand.New(rand.NewPCG(seed, 0)), d, 4000, "uploads", "variants")
	}
	p := draw(d, 1)
	if !reflect.DeepEqual(p, draw(d, 1)) || reflect.DeepEqual(p.outages, draw(d, 2).outages) {
		t.Error("the seed does not decide the plan")
	}
	if len(p.Kills) != 20 || len(p.freezes) != 4 || len(p.outages) != 8 {
		t.Errorf("kills %v, freezes %v, outages %v", p.Kills, p.freezes, p.outages)
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
		if f.length <= system.VisibilityTimeout || f.length > longestFreeze {
			t.Errorf("freeze %+v", f)
		}
	}
	for _, all := range [][]moment{p.Kills, p.freezes, moments} {
		for i, m := range all {
			if m.after < 0 || m.after >= 3000 || i > 0 && m.after < all[i-1].after {
				t.Errorf("moment %d of %v", i, all)
			}
		}
	}
	if none := draw(Settings{}, 1); len(none.Kills)+len(none.freezes)+len(none.outages) > 0 {
		t.Errorf("the plan of no disturbances is %+v", none)
	}
}
