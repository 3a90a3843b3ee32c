package main

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
	all, err := compareTraces(t.Context(), behaviour{aws: simulation.Default()})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d comparisons: %v", len(all), err)
	}
	var out bytes.Buffer
	if err := writeTraces(&out, all); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	t.Log("\n" + out.String())
	for _, m := range all {
		if m.source == "" || m.tolerance > 0.3 {
			t.Errorf("%s: source %q, tolerance %v", m.what, m.source, m.tolerance)
		}
	}
}

// TestTracesCanFail has simulators that are wrong in one respect.
func TestTracesCanFail(t *testing.T) {
	race.Skip(t)
	for name, c := range map[string]struct {
		change func(*behaviour)
		fails  string // trace that must be off
	}{
		"tasks that start at once":  {func(b *behaviour) { b.aws.StartLeast, b.aws.StartMost, b.aws.SlowStarts = 0, 0, 0 }, "Fargate in 2022: 2 tasks"},
		"tasks that start slowly":   {func(b *behaviour) { b.aws.StartLeast, b.aws.StartMost = 3*time.Minute, 4*time.Minute }, "Fargate in 2022: 2 tasks"},
		"metrics without a delay":   {func(b *behaviour) { b.aws.Visible, b.aws.Tasks = simulation.Delivery{}, simulation.Delivery{} }, "to the decision"},
		"metrics that are too late": {func(b *behaviour) { b.aws.Visible = simulation.Delivery{Least: 5 * time.Minute, Most: 6 * time.Minute} }, "to the decision"},
		"launches without a limit":  {func(b *behaviour) { b.aws.LaunchBurst, b.aws.ServiceRate = 10_000, 10_000 }, "Fargate in 2022: 3,400 tasks"},
		"launches that are too few": {func(b *behaviour) { b.aws.ServiceRate = 50 }, "Fargate in 2022: 3,400 tasks"},
		"a wrong target":            {func(b *behaviour) { b.tracks = func(t *autoscaling.TargetTracking) { t.Target *= 1.1 } }, "tasks wanted"},
	} {
		b := behaviour{aws: simulation.Default()}
		c.change(&b)
		all, err := compareTraces(t.Context(), b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := writeTraces(io.Discard, all); err == nil || !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: error %v, want %q to be off", name, err, c.fails)
		}
	}
	// Rates that differ from those of the incident.
	was := incident
	defer func() { incident = was }()
	incident.readAt = 10 * time.Minute
	if all, err := compareTraces(t.Context(), behaviour{aws: simulation.Default()}); err != nil || writeTraces(io.Discard, all) == nil {
		t.Errorf("a delay of 47 s after 10 minutes: no error (%v)", err)
	}
}
