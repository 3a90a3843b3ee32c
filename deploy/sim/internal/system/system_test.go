package system

import (
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

const templateFile = "../../../aws/template/template.yaml"

func TestMix(t *testing.T) {
	kinds, err := parseMix(map[string]string{"jpeg": "0.9:1", "heic": "0.1: 2.5"})
	if err != nil {
		t.Fatal(err)
	}
	w := simulation.Worker{PhotoTime: time.Second, Mix: kinds}
	if got := w.MeanTime(); got != 1150*time.Millisecond {
		t.Errorf("a mean of %v", got)
	}
	for _, bad := range []map[string]string{{"jpeg": "1"}, {"jpeg": "1:0"}, {"jpeg": "0.5:1"}, {"jpeg": "-1:1", "heic": "2:1"}, {"jpeg": "x:1"}} {
		if _, err := parseMix(bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
	if _, err := parseMix(nil); err != nil {
		t.Error(err)
	}
}

func TestQueues(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	f := DefaultFlags(templateFile)
	for queues, want := range map[int]string{-1: "--queues", 0: "", 1: "", 2: "", 3: "--queues"} {
		f.Queues = queues
		sys, err := f.Configure(tmpl, nil, true)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d queues: error %v, want %q", queues, err, want)
		}
		if err == nil && queues > 0 && (sys.Config.Routing != nil) != (queues == 2) {
			t.Errorf("%d queues: routing %+v", queues, sys.Config.Routing)
		}
	}
}

func TestBadRevisionNeedsADeployment(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	f := DefaultFlags(templateFile)
	f.BadRevision = true
	if _, err := f.Configure(tmpl, nil, true); !errors.Is(err, errBadRevision) {
		t.Errorf("error %v", err)
	}
	f.Deploy = -time.Minute
	if _, err := f.Configure(tmpl, nil, true); err == nil {
		t.Error("a deployment before the first upload: no error")
	}
}

// TestWakingNeedsTheFastScaler refuses a system that no message can wake.
func TestWakingNeedsTheFastScaler(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DefaultFlags(templateFile).Configure(tmpl, map[string]string{"MinTasks": "0", "FastScaler": "no"}, true); !errors.Is(err, errSleeps) {
		t.Errorf("error %v", err)
	}
}

func TestRanges(t *testing.T) {
	tmpl, err := template.Read(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Flags){
		"--loss is 2: want 0 to 1":           func(f *Flags) { f.Metrics.Loss = 2 },
		"--loss is NaN: want 0 to 1":         func(f *Flags) { f.Metrics.Loss = math.NaN() },
		"--late-events is -1: want 0 to 1":   func(f *Flags) { f.Photos.LateEvents = -1 },
		"--spot-discount is 1.5: want":       func(f *Flags) { f.SpotDiscount = 1.5 },
		"--lag-least is 3m0s and --lag-most": func(f *Flags) { f.Metrics.LagLeast = 3 * time.Minute },
		"--spread is -1":                     func(f *Flags) { f.Photos.Spread = -1 },
	} {
		f := DefaultFlags(templateFile)
		change(&f)
		if _, err := f.Configure(tmpl, nil, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}
