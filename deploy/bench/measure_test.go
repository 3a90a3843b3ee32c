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

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/rusage"
	"darkroom/deploy/bench/internal/side"
)

// standIns returns three sides that take the same time and leave the variants of the photo.
func standIns(t *testing.T, photo string) []side.Side {
	t.Helper()
	full, err := imaging.Open(photo)
	if err != nil {
		t.Fatal(err)
	}
	variants := t.TempDir()
	for _, s := range side.Sizes {
		to := s.Fit(full.Bounds().Size())
		if err := imaging.Save(imaging.Resize(full, to.X, to.Y, imaging.Lanczos), filepath.Join(variants, s.Name+".jpg")); err != nil {
			t.Fatal(err)
		}
	}
	var sides []side.Side
	for _, name := range []string{"darkroom", "sharp-usual", "sharp-best"} {
		sides = append(sides, side.Side{Name: name, Command: func(files []string, _ side.Target, out string) rusage.Command {
			return rusage.Command{Args: append([]string{os.Args[0], "stand-in", variants, out}, files...), Env: rusage.Environment(exitAtOnce)}
		}})
	}
	return sides
}

// standInScorer returns the path of a scorer that gives the same answer for any three files of a photo of 640 x 480
// pixels.
func standInScorer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	writeScript(t, dir, "scorer", `grep -q '"reference":true' && echo '{"width":640,"height":480,"files":[
{"bytes":9000,"width":640,"height":480,"psnr":40,"reference":80,"pixels":90},
{"bytes":8000,"width":640,"height":480,"psnr":39,"reference":79,"pixels":89},
{"bytes":3000,"width":320,"height":240,"psnr":38,"reference":78,"pixels":88}]}'`)
	return filepath.Join(dir, "scorer")
}

// fakeMeasure runs the command, and reports that the process took 200 ms to start and 20 ms for each photo.
func fakeMeasure(c rusage.Command, ctx context.Context) (rusage.Usage, error) {
	u, err := c.Measure(ctx)
	photos := len(c.Args) - 4 // the files follow the four arguments that every side of these tests has
	u.CPU = time.Duration(200+20*photos) * time.Millisecond
	return u, err
}

func TestRun(t *testing.T) {
	photo := writePhoto(t, t.TempDir(), "photo.jpg")
	keep := t.TempDir()
	var steps []string
	sides := standIns(t, photo)
	b := bench{sides: func(photoset.Kind) []side.Side { return sides }, targets: []side.Target{side.ToJPEG}, rounds: 2, repeat: 4, dir: t.TempDir(),
		scorer: standInScorer(t), step: func(s string) { steps = append(steps, s) }, measure: fakeMeasure}
	all := b.plan([]photoset.Original{{Name: "photo.jpg", Path: photo, Kind: photoset.Baseline}})
	if err := b.run(t.Context(), all, keep); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"round 1 of 2: photo.jpg to jpeg, darkroom", "round 1 of 2: photo.jpg to jpeg, sharp-usual", "round 1 of 2: photo.jpg to jpeg, sharp-best",
		"round 2 of 2: photo.jpg to jpeg, sharp-usual", "round 2 of 2: photo.jpg to jpeg, sharp-best", "round 2 of 2: photo.jpg to jpeg, darkroom",
		"scores: photo.jpg to jpeg, darkroom", "scores: photo.jpg to jpeg, sharp-usual", "scores: photo.jpg to jpeg, sharp-best",
	}
	if !slices.Equal(steps, want) {
		t.Errorf("steps %q", steps)
	}
	for which, sd := range sides {
		s := all[0]
		if len(s.cpu[which]) != 2 || len(s.peak[which]) != 2 || !slices.Equal(s.scores[which].bytes, []float64{9000, 8000, 3000}) || !slices.Equal(s.scores[which].reference, []float64{80, 79, 78}) {
			t.Fatalf("%s: %+v", sd.Name, s)
		}
		if !slices.Equal(s.cpu[which], []float64{20, 20}) {
			t.Errorf("%s: %v ms a photo, want 20, without what the start of a process takes", sd.Name, s.cpu[which])
		}
		for _, v := range side.Sizes {
			if readFile(t, filepath.Join(keep, "photo.jpg", sd.Name, v.Name+".jpg")) == "" {
				t.Errorf("%s: kept an empty %s", sd.Name, v.Name)
			}
		}
	}
}

func TestRunFails(t *testing.T) {
	photo := writePhoto(t, t.TempDir(), "photo.jpg")
	sides := standIns(t, photo)
	dir := t.TempDir()
	writeScript(t, dir, "scorer", `sed 's|.*/large.jpg.*|/large.jpg: no such file|' >&2; exit 1`)
	scorer := filepath.Join(dir, "scorer")
	for name, c := range map[string]struct {
		script string
		scorer string
		want   string
	}{
		"a side fails":      {"echo out of luck >&2; exit 1", "", "out of luck"},
		"it leaves nothing": {"exit 0", scorer, "/large.jpg: no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := side.Side{Name: "darkroom", Command: func(files []string, _ side.Target, _ string) rusage.Command {
				return rusage.Command{Args: append([]string{"/bin/sh", "-c", c.script, "sh"}, files...), Env: rusage.Environment(exitAtOnce)}
			}}
			b := bench{sides: func(photoset.Kind) []side.Side { return []side.Side{broken, sides[1], sides[2]} }, targets: []side.Target{side.ToJPEG},
				rounds: 1, repeat: 2, dir: t.TempDir(), scorer: c.scorer, step: func(string) {}, measure: fakeMeasure}
			err := b.run(t.Context(), b.plan([]photoset.Original{{Name: "photo.jpg", Path: photo, Kind: photoset.Baseline}}), "")
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "photo.jpg to jpeg, darkroom") {
				t.Errorf("error %v, want %q and the side and the photo", err, c.want)
			}
		})
	}
}
