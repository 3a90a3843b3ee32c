package validation

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/testkit/race"
)

func TestTraces(t *testing.T) {
	all, err := Traces(t.Context(), Behaviour{AWS: simulation.Default()})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d comparisons: %v", len(all), err)
	}
	var out bytes.Buffer
	if err := WriteMeasurements(&out, "", "", all); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	t.Log("\n" + out.String())
	for _, m := range all {
		if m.Source == "" || m.Tolerance > 0.3 {
			t.Errorf("%s: source %q, tolerance %v", m.What, m.Source, m.Tolerance)
		}
	}
}

// TestTracesCanFail compares simulators that are each wrong in one respect.
func TestTracesCanFail(t *testing.T) {
	race.Skip(t)
	for name, c := range map[string]struct {
		change func(*Behaviour)
		fails  string // trace that must be off
	}{
		"tasks that start at once":   {func(b *Behaviour) { b.AWS.StartLeast, b.AWS.StartMost, b.AWS.SlowStarts = 0, 0, 0 }, "Fargate in 2022: 2 tasks"},
		"tasks that start slowly":    {func(b *Behaviour) { b.AWS.StartLeast, b.AWS.StartMost = 3*time.Minute, 4*time.Minute }, "Fargate in 2022: 2 tasks"},
		"metrics without a delay":    {func(b *Behaviour) { b.AWS.Visible, b.AWS.Tasks = simulation.Delivery{}, simulation.Delivery{} }, "to the decision"},
		"metrics that are too late":  {func(b *Behaviour) { b.AWS.Visible = simulation.Delivery{Least: 5 * time.Minute, Most: 6 * time.Minute} }, "to the decision"},
		"CPU points that come often": {func(b *Behaviour) { b.AWS.CPUPeriod = 5 * time.Second }, "at 20 s resolution: from the load"},
		"CPU that is too late":       {func(b *Behaviour) { b.AWS.CPU = simulation.Delivery{Least: 2 * time.Minute, Most: 2 * time.Minute} }, "at 20 s resolution"},
		"launches without a limit":   {func(b *Behaviour) { b.AWS.LaunchBurst, b.AWS.ServiceRate = 10_000, 10_000 }, "Fargate in 2022: 3,400 tasks"},
		"launches that are too few":  {func(b *Behaviour) { b.AWS.ServiceRate = 50 }, "Fargate in 2022: 3,400 tasks"},
		"a wrong target":             {func(b *Behaviour) { b.tracks = func(t *autoscaling.TargetTracking) { t.Target *= 1.1 } }, "tasks wanted"},
	} {
		b := Behaviour{AWS: simulation.Default()}
		c.change(&b)
		all, err := Traces(t.Context(), b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := WriteMeasurements(io.Discard, "", "", all); err == nil || !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: error %v, want %q to be off", name, err, c.fails)
		}
	}
	// The rates now differ from those of the incident.
	was := incident
	defer func() { incident = was }()
	incident.readAt = 10 * time.Minute
	if all, err := Traces(t.Context(), Behaviour{AWS: simulation.Default()}); err != nil || WriteMeasurements(io.Discard, "", "", all) == nil {
		t.Errorf("a delay of 47 s after 10 minutes: no error (%v)", err)
	}
}
