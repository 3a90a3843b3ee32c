package main

import (
	"bytes"
	"context"
	"darkroom/deploy/sim/internal/sweep"
	"darkroom/deploy/sim/internal/system"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const templateFile = "../aws/template/template.yaml"

func run(t *testing.T, c playCommand) (string, error) {
	t.Helper()
	c.System, c.Seeds = system.DefaultFlags(templateFile), 1
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
	c := playCommand{Scenario: []string{"poison"}, Sweep: sweep.Flags{Sweep: true, Objective: 3 * time.Minute, Vary: map[string]string{"MaxTasks": "1, 40", "MinTasks": "1,2"}}}
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

func TestErrors(t *testing.T) {
	if _, err := run(t, playCommand{Scenario: []string{"none"}}); err == nil || !strings.Contains(err.Error(), "steady") {
		t.Errorf("unknown scenario: error %v, want one that lists the scenarios", err)
	}
	c := playCommand{System: system.DefaultFlags(templateFile), Seeds: 1}
	c.System.Template = filepath.Join(t.TempDir(), "none.yaml")
	if err := c.run(t.Context(), io.Discard); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing template: error %v", err)
	}
	if _, err := run(t, playCommand{Sweep: sweep.Flags{Sweep: true}, Scenario: []string{"zero", "burst"}}); err == nil {
		t.Error("sweep of two scenarios: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&playCommand{System: system.DefaultFlags(templateFile), Seeds: 1}).run(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: error %v", err)
	}
}
