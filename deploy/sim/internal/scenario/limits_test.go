package scenario

import (
	"darkroom/deploy/sim/internal/system"
	"testing"
	"time"
)

// TestLimits plays a burst under limits that can be worked out by hand.
func TestLimits(t *testing.T) {
	burst := Scenario{Name: "burst", Photos: 20_000, Over: time.Minute}
	f := system.DefaultFlags(templateFile)
	f.Limits.VCPUs = 6
	if p := playOne(t, burst, f, nil); p.PeakTasks != 6 {
		t.Errorf("6 + 6 vCPUs: %d tasks of 2", p.PeakTasks)
	}
	f = system.DefaultFlags(templateFile)
	f.Limits.Boards = 1
	// The promise for one board: 100,000 photos in a minute stay below what a prefix takes, with workers enough to make
	// all variants in the same minute.
	set := map[string]string{"MinTasks": "1000", "MaxTasks": "1000"}
	burst.Photos = 100_000
	if p := playOne(t, burst, f, set); p.Puts.Originals < 1600 || p.Puts.Originals > 3500 || p.Puts.Variants < 5*1600/32 || p.Puts.Variants > 3500 {
		t.Errorf("100,000 photos in a minute on one board: %+v", p.Puts)
	}
	quick := Scenario{Name: "quick", Photos: 35_000, Over: time.Second}
	p := playOne(t, quick, f, set)
	// S3 takes 3,500 PUTs a second, and as many at once.
	if last := p.Settled - p.Config.Arrivals[0]; last < 9*time.Second || p.Puts.Originals > 7000 {
		t.Errorf("35,000 photos in a second on one board: the last after %v, %+v", last, p.Puts)
	}
	if more := playOne(t, quick, system.DefaultFlags(templateFile), set); more.Settled >= p.Settled {
		t.Errorf("35,000 photos in a second: the last after %v, on one board after %v", more.Settled, p.Settled)
	}
}
