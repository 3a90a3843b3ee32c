package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
	"darkroom/deploy/testkit/race"
)

const templateFile = "../aws/template/template.yaml"

func flags() systemFlags {
	return systemFlags{Template: templateFile, Seed: 1, Fast: true, SpotDiscount: 0.7, Photos: photoFlags{Spread: 0.5, Transfer: 200 * time.Millisecond, LateEvents: 0.01},
		Metrics: metricFlags{Missing: "zero", LagLeast: time.Minute, LagMost: 2 * time.Minute}}
}

func playOne(t *testing.T, s scenario, f systemFlags, set map[string]string) *played {
	t.Helper()
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	sys, err := f.configure(tmpl, s.parameters(set), f.Fast)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.play(sys, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Unsettled != 0 || p.Counted+p.DeadLetters > p.photos {
		t.Errorf("%s: %d photos without an outcome, %d with one", s.name, p.Unsettled, p.Counted)
	}
	return p
}

// shorter are the scenarios that take long, in an eighth of their time and with the same photos a second.
var shorter = []string{"steady", "diurnal", "million", "spot"}

// TestScenarios plays all scenarios under both readings of missing data, and checks what each one is for.
func TestScenarios(t *testing.T) {
	race.Skip(t)
	for _, missing := range []string{"zero", "gap"} {
		t.Run("missing is "+missing, func(t *testing.T) {
			t.Parallel()
			f := flags()
			f.Metrics.Missing = missing
			testScenarios(t, f)
		})
	}
}

func testScenarios(t *testing.T, f systemFlags) {
	play := func(name string, set map[string]string) *played {
		t.Helper()
		which, err := scenariosNamed([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		s := which[0]
		if slices.Contains(shorter, name) {
			s.photos, s.over, s.warmUp = s.photos/8, s.over/8, s.warmUp/8
			s.reclaims = slices.Clone(s.reclaims)
			for i := range s.reclaims {
				s.reclaims[i].At /= 8
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
	if ratio := burst.Drain.Seconds() / burst.sizing.drain.Seconds(); ratio < 0.5 || ratio > 2 {
		t.Errorf("burst: drained in %v, by the formula in %v", burst.Drain, burst.sizing.drain)
	}
	if first := burst.Changes[0].At - burst.config.Arrivals[0]; first > 20*time.Second || burst.Changes[0].Policy != "fast" {
		t.Errorf("burst: the first task is requested after %v by %s", first, burst.Changes[0].Policy)
	}
	if more := play("burst", map[string]string{"MaxTasks": "100"}); more.P99 > burst.P99/2 || more.PeakTasks <= burst.PeakTasks {
		t.Errorf("burst: p99 %v with at most 100 tasks, %v with 20", more.P99, burst.P99)
	}
	slow := play("burst", map[string]string{"FastScaler": "no"})
	if slow.Changes[0].At-slow.config.Arrivals[0] < time.Minute || slow.Changes[0].Policy == "fast" || slow.Drain > 2*burst.Drain {
		t.Errorf("burst: without the fast scaler drained in %v, first change %+v", slow.Drain, slow.Changes[0])
	}
	if zero := play("zero", nil); zero.config.Policies.Min != 0 || zero.Changes[0].From != 0 || zero.Changes[len(zero.Changes)-1].To != 0 || zero.Changes[0].Policy != "fast" {
		t.Errorf("zero: changes %+v, want them to begin and end with no task", zero.Changes)
	}
	if p := play("poison", nil); p.DeadLetters < p.photos/6 || p.DeadLetters > p.photos/4 {
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
	shorter := func(name string) scenario {
		which, err := scenariosNamed([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		s := which[0]
		s.photos, s.over, s.warmUp = s.photos/4, s.over/4, 2*time.Minute // ten minutes, with the same photos a second
		s.deploys = slices.Clone(s.deploys)
		s.deploys[0].At = 3 * time.Minute
		return s
	}
	for _, missing := range []string{"zero", "gap"} {
		for _, blocked := range []string{"exceeded", "exceeds"} {
			t.Run(missing+" "+blocked, func(t *testing.T) {
				t.Parallel()
				f := flags()
				f.Metrics.Missing, f.Blocked = missing, blocked
				p := playOne(t, shorter("deploy"), f, nil)
				d := p.Rollouts[0]
				if d.Took < 0 || d.Took > 8*time.Minute || d.RolledBack || d.Least < d.Needed || d.Before < 10 || d.Drained < d.Before/2 {
					t.Errorf("deployment: %+v", d)
				}
				if p.DeadLetters != 0 || p.P50 > p.without.P50+time.Second || p.P99 > p.without.P99+15*time.Second || p.Max > p.without.Max+15*time.Second {
					t.Errorf("p50 %v, p99 %v and max %v; without the deployment %v, %v and %v", p.P50, p.P99, p.Max, p.without.P50, p.without.P99, p.without.Max)
				}
				f.DrainBlocked = true
				if n := playOne(t, shorter("deploy"), f, nil).Rollouts[0]; n.Drained < 3*d.Drained || n.Took < d.Took+2*time.Minute {
					t.Errorf("drains whenever refused: %+v, want a deployment that takes longer than %v, and more than %d drains", n, d.Took, d.Drained)
				}
				f.DrainBlocked = false
				back := playOne(t, shorter("rollback"), f, nil)
				if d := back.Rollouts[0]; !d.RolledBack || d.Took < 0 || d.Took > 4*time.Minute || d.Least < d.Needed || d.Drained != 0 || back.P99 > back.without.P99+15*time.Second {
					t.Errorf("bad revision: %+v, p99 %v, without it %v", d, back.P99, back.without.P99)
				}
			})
		}
	}
}

func TestDeploymentReport(t *testing.T) {
	never := &played{scenario: scenario{name: "late"}, Result: &simulation.Result{}, without: &simulation.Result{}}
	stuck := &played{scenario: scenario{name: "stuck"}, Result: &simulation.Result{Rollouts: []simulation.Rollout{{Took: -1, Least: 3}}}, without: &simulation.Result{}}
	back := &played{scenario: scenario{name: "back"}, Result: &simulation.Result{Rollouts: []simulation.Rollout{{Took: time.Minute, RolledBack: true}}}, without: &simulation.Result{}}
	var out bytes.Buffer
	writeDeployments(&out, [][]*played{{never}, {stuck}, {back}, {{scenario: scenario{name: "none"}, Result: &simulation.Result{}}}})
	for _, want := range []string{"never began", "never ended", "rolled back", "1m00s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing from the report:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "none") {
		t.Errorf("a scenario without a deployment is reported:\n%s", out.String())
	}
}

func TestBadRevisionNeedsADeployment(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	f := flags()
	f.BadRevision = true
	if _, err := f.configure(tmpl, nil, true); !errors.Is(err, errBadRevision) {
		t.Errorf("error %v", err)
	}
	f.Deploy = -time.Minute
	if _, err := f.configure(tmpl, nil, true); err == nil {
		t.Error("a deployment before the first upload: no error")
	}
}

func run(t *testing.T, c playCommand) (string, error) {
	t.Helper()
	c.System, c.Seeds = flags(), 1
	var out bytes.Buffer
	err := c.run(t.Context(), &out)
	return out.String(), err
}

func TestReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "plots")
	one, err := run(t, playCommand{Scenario: []string{"zero", "poison"}, SVG: dir})
	if err != nil {
		t.Fatal(err)
	}
	two, err := run(t, playCommand{Scenario: []string{"zero", "poison"}})
	if err != nil || one != two {
		t.Errorf("the same seed gives different reports (error: %v)", err)
	}
	for _, want := range []string{"UPLOAD TO READY", "DOLLARS A MILLION PHOTOS", "DESIRED TASKS", "31.20", "Fargate Spot", "by the formula"} {
		if !strings.Contains(one, want) {
			t.Errorf("%q is missing from the report:\n%s", want, one)
		}
	}
	for _, name := range []string{"zero", "poison"} {
		text, err := os.ReadFile(filepath.Join(dir, name+".svg"))
		if err != nil {
			t.Fatal(err)
		}
		paths := 0
		for d := xml.NewDecoder(bytes.NewReader(text)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s.svg: %v", name, err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "path" {
				for _, a := range e.Attr {
					if a.Name.Local == "fill" {
						paths++
					}
				}
			}
		}
		if paths != 6 || strings.Contains(string(text), "NaN") || strings.Contains(string(text), "Inf") {
			t.Errorf("%s.svg has %d lines, want 6, or a point without a place", name, paths)
		}
		if bytes.Contains(text, []byte(">-0<")) {
			t.Errorf("%s.svg has a tick of -0", name)
		}
	}
}

func TestSweep(t *testing.T) {
	c := playCommand{Scenario: []string{"poison"}, Sweep: sweepFlags{Sweep: true, Objective: 3 * time.Minute, Vary: map[string]string{"MaxTasks": "1, 40", "MinTasks": "1,2"}}}
	out, err := run(t, c)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(out, "MaxTasks=40 MinTasks=1") || strings.Contains(out, "MaxTasks=1 MinTasks=1") {
		t.Errorf("want 40 tasks to meet the objective and 1 task not to:\n%s", out)
	}
	c.Sweep.Objective = time.Second
	if out, err = run(t, c); err == nil || !strings.Contains(out, "0 of ") {
		t.Errorf("one second: %v\n%s", err, out)
	}
}

func TestCombinations(t *testing.T) {
	got := combinations(map[string]string{"b": "1,2", "a": "3,4,5"})
	if len(got) != 6 || settings(got[0]) != "a=3 b=1" || settings(got[5]) != "a=5 b=2" {
		t.Errorf("%v", got)
	}
}

func TestErrors(t *testing.T) {
	if _, err := run(t, playCommand{Scenario: []string{"none"}}); err == nil || !strings.Contains(err.Error(), "steady") {
		t.Errorf("unknown scenario: error %v, want one that lists the scenarios", err)
	}
	c := playCommand{System: flags(), Seeds: 1}
	c.System.Template = filepath.Join(t.TempDir(), "none.yaml")
	if err := c.run(t.Context(), io.Discard); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing template: error %v", err)
	}
	if _, err := run(t, playCommand{Sweep: sweepFlags{Sweep: true}, Scenario: []string{"zero", "burst"}}); err == nil {
		t.Error("sweep of two scenarios: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&playCommand{System: flags(), Seeds: 1}).run(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: error %v", err)
	}
}

func TestFormats(t *testing.T) {
	for d, want := range map[time.Duration]string{1234 * time.Millisecond: "1.2s", 59 * time.Second: "59s", 61 * time.Second: "1m01s", 90 * time.Minute: "1h30m"} {
		if got := short(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
	for n, want := range map[int]string{7: "7", 1234: "1,234", 1234567: "1,234,567", 999: "999"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
