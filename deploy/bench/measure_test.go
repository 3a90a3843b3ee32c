package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/disintegration/imaging"
)

// standIns returns three sides that take the same time and leave the variants of the photo.
func standIns(t *testing.T, photo string) []side {
	t.Helper()
	full, err := imaging.Open(photo)
	if err != nil {
		t.Fatal(err)
	}
	variants := t.TempDir()
	for _, s := range sizes {
		to := s.fit(full.Bounds().Size())
		if err := imaging.Save(imaging.Resize(full, to.X, to.Y, imaging.Lanczos), filepath.Join(variants, s.Name+".jpg")); err != nil {
			t.Fatal(err)
		}
	}
	var sides []side
	for _, name := range []string{"darkroom", "sharp-usual", "sharp-best"} {
		sides = append(sides, side{name, func(files []string, _ kind, out string) command {
			return command{args: append([]string{os.Args[0], "stand-in", variants, out}, files...), env: environment(atOnce)}
		}})
	}
	return sides
}

// accounted runs the command, and says that a process took 200 ms to start and 20 ms a photo.
func accounted(c command, ctx context.Context) (usage, error) {
	u, err := c.measure(ctx)
	photos := len(c.args) - 4 // after the four arguments that every side of these tests has
	u.CPU = time.Duration(200+20*photos) * time.Millisecond
	return u, err
}

func TestRun(t *testing.T) {
	photo := writePhoto(t, t.TempDir(), "photo.jpg")
	keep := t.TempDir()
	var steps []string
	sides := standIns(t, photo)
	b := bench{sides: func(kind) []side { return sides }, rounds: 2, repeat: 4, dir: t.TempDir(), step: func(s string) { steps = append(steps, s) }, measure: accounted}
	all, err := b.run(t.Context(), []original{{name: "photo.jpg", path: photo, kind: baseline}}, keep)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"round 1 of 2: photo.jpg, darkroom", "round 1 of 2: photo.jpg, sharp-usual", "round 1 of 2: photo.jpg, sharp-best",
		"round 2 of 2: photo.jpg, sharp-usual", "round 2 of 2: photo.jpg, sharp-best", "round 2 of 2: photo.jpg, darkroom",
	}
	if !slices.Equal(steps, want) {
		t.Errorf("steps %q", steps)
	}
	for which, sd := range sides {
		s := all[0]
		if len(s.cpu[which]) != 2 || len(s.peak[which]) != 2 || len(s.variants[which]) != len(sizes) {
			t.Fatalf("%s: %+v", sd.name, s)
		}
		if !slices.Equal(s.cpu[which], []float64{20, 20}) {
			t.Errorf("%s: %v ms a photo, want 20, without what the start of a process takes", sd.name, s.cpu[which])
		}
		for _, v := range sizes {
			if readFile(t, filepath.Join(keep, "photo.jpg", sd.name, v.Name+".jpg")) == "" {
				t.Errorf("%s: kept an empty %s", sd.name, v.Name)
			}
		}
	}
}

func TestRunFails(t *testing.T) {
	photo := writePhoto(t, t.TempDir(), "photo.jpg")
	sides := standIns(t, photo)
	for name, c := range map[string]struct {
		script string
		want   string
	}{
		"a side fails":      {"echo out of luck >&2; exit 1", "out of luck"},
		"it leaves nothing": {"exit 0", "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := side{"darkroom", func(files []string, _ kind, _ string) command {
				return command{args: append([]string{"/bin/sh", "-c", c.script, "sh"}, files...), env: environment(atOnce)}
			}}
			b := bench{sides: func(kind) []side { return []side{broken, sides[1], sides[2]} }, rounds: 1, repeat: 2, dir: t.TempDir(), step: func(string) {}, measure: accounted}
			_, err := b.run(t.Context(), []original{{name: "photo.jpg", path: photo, kind: baseline}}, "")
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "darkroom on photo.jpg") {
				t.Errorf("error %v, want %q and the side and the photo", err, c.want)
			}
		})
	}
}
