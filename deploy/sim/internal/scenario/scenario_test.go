package scenario

import (
	"darkroom/deploy/sim/internal/system"
	"darkroom/deploy/sim/internal/template"
	"darkroom/deploy/testkit/race"
	"slices"
	"testing"
	"time"
)

const templateFile = "../../../aws/template/template.yaml"

func playOne(t *testing.T, s Scenario, f system.Flags, set map[string]string) *Played {
	t.Helper()
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	sys, err := f.Configure(tmpl, s.Parameters(set), f.Fast)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Play(sys, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Unsettled != 0 || p.Counted+p.DeadLetters > p.Photos {
		t.Errorf("%s: %d photos without an outcome, %d with one", s.Name, p.Unsettled, p.Counted)
	}
	return p
}

// shorter lists long scenarios. They are played for an eighth of their time, with the same photos a second.
var shorter = []string{"steady", "diurnal", "million", "spot"}

// TestScenarios plays all scenarios under both readings of missing data, and checks what each one is for.
func TestScenarios(t *testing.T) {
	race.Skip(t)
	for _, missing := range []string{"zero", "gap"} {
		t.Run("missing is "+missing, func(t *testing.T) {
			t.Parallel()
			f := system.DefaultFlags(templateFile)
			f.Metrics.Missing = missing
			testScenarios(t, f)
		})
	}
}

func testScenarios(t *testing.T, f system.Flags) {
	play := func(name string, set map[string]string) *Played {
		t.Helper()
		which, err := Named([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		s := which[0]
		if slices.Contains(shorter, name) {
			s.Photos, s.Over, s.WarmUp = s.Photos/8, s.Over/8, s.WarmUp/8
			s.Reclaims = slices.Clone(s.Reclaims)
			for i := range s.Reclaims {
				s.Reclaims[i].At /= 8
			}
		}
		return playOne(t, s, f, set)
	}
	for _, name := range []string{"steady", "diurnal", "million"} {
		if p := play(name, nil); p.P50 > 20*time.Second || p.P99 > time.Minute+30*time.Second || name != "diurnal" && p.PeakTasks < 5 {
			t.Errorf("%s: p50 %v, p99 %v, %d tasks", name, p.P50, p.P99, p.PeakTasks)
		}
	}
	burst := play("burst", nil)
	if ratio := burst.Drain.Seconds() / burst.Sizing.Drain.Seconds(); ratio < 0.5 || ratio > 2 {
		t.Errorf("burst: drained in %v, by the formula in %v", burst.Drain, burst.Sizing.Drain)
	}
	if first := burst.Changes[0].At - burst.Config.Arrivals[0]; first > 20*time.Second || burst.Changes[0].Policy != "fast" {
		t.Errorf("burst: the first task is requested after %v by %s", first, burst.Changes[0].Policy)
	}
	if more := play("burst", map[string]string{"MaxTasks": "100"}); more.P99 > burst.P99/2 || more.PeakTasks <= burst.PeakTasks {
		t.Errorf("burst: p99 %v with at most 100 tasks, %v with 20", more.P99, burst.P99)
	}
	slow := play("burst", map[string]string{"FastScaler": "no"})
	if slow.Changes[0].At-slow.Config.Arrivals[0] < time.Minute || slow.Changes[0].Policy == "fast" || slow.Drain > 2*burst.Drain {
		t.Errorf("burst: without the fast scaler drained in %v, first change %+v", slow.Drain, slow.Changes[0])
	}
	if zero := play("zero", nil); zero.Config.Policies.Min != 0 || zero.Changes[0].From != 0 || zero.Changes[len(zero.Changes)-1].To != 0 || zero.Changes[0].Policy != "fast" {
		t.Errorf("zero: changes %+v, want them to begin and end with no task", zero.Changes)
	}
	if p := play("poison", nil); p.DeadLetters < p.Photos/6 || p.DeadLetters > p.Photos/4 {
		t.Errorf("poison: %d dead letters", p.DeadLetters)
	}
	if p := play("spot", nil); p.Reclaimed == 0 || p.DeadLetters != 0 {
		t.Errorf("spot: %d tasks reclaimed, %d dead letters", p.Reclaimed, p.DeadLetters)
	}
}

// TestDeployments deploys under load. Old workers drain, at no time fewer workers are at work than ECS promises, and
// photos wait no longer than without a deployment. A worker that drains whenever ECS refuses to protect it is the
// counterexample.
func TestDeployments(t *testing.T) {
	race.Skip(t)
	shorter := func(name string) Scenario {
		which, err := Named([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		s := which[0]
		s.Photos, s.Over, s.WarmUp = s.Photos/4, s.Over/4, 2*time.Minute // ten minutes, with the same photos a second
		s.Deploys = slices.Clone(s.Deploys)
		s.Deploys[0].At = 3 * time.Minute
		return s
	}
	for _, missing := range []string{"zero", "gap"} {
		for _, blocked := range []string{"exceeded", "exceeds"} {
			t.Run(missing+" "+blocked, func(t *testing.T) {
				t.Parallel()
				f := system.DefaultFlags(templateFile)
				f.Metrics.Missing, f.Blocked = missing, blocked
				p := playOne(t, shorter("deploy"), f, nil)
				d := p.Rollouts[0]
				if d.Took < 0 || d.Took > 8*time.Minute || d.RolledBack || d.Least < d.Needed || d.Before < 10 || d.Drained < d.Before/2 {
					t.Errorf("deployment: %+v", d)
				}
				if p.DeadLetters != 0 || p.P50 > p.Without.P50+time.Second || p.P99 > p.Without.P99+15*time.Second || p.Max > p.Without.Max+15*time.Second {
					t.Errorf("p50 %v, p99 %v and max %v; without the deployment %v, %v and %v", p.P50, p.P99, p.Max, p.Without.P50, p.Without.P99, p.Without.Max)
				}
				f.DrainBlocked = true
				if n := playOne(t, shorter("deploy"), f, nil).Rollouts[0]; n.Drained < 3*d.Drained || n.Took < d.Took+2*time.Minute {
					t.Errorf("drains whenever refused: %+v, want a deployment that takes longer than %v, and more than %d drains", n, d.Took, d.Drained)
				}
				f.DrainBlocked = false
				back := playOne(t, shorter("rollback"), f, nil)
				if d := back.Rollouts[0]; !d.RolledBack || d.Took < 0 || d.Took > 4*time.Minute || d.Least < d.Needed || d.Drained != 0 || back.P99 > back.Without.P99+15*time.Second {
					t.Errorf("bad revision: %+v, p99 %v, without it %v", d, back.P99, back.Without.P99)
				}
			})
		}
	}
}
