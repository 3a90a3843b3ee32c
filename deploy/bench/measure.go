package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"time"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/rusage"
	"darkroom/deploy/bench/internal/side"
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/plural"
)

// samples holds the measurements of one photo in one format, by side and then by round.
type samples struct {
	photo  photoset.Original
	size   image.Point // pixels, upright
	to     side.Target
	sides  []side.Side
	cpu    [][]float64
	peak   [][]float64
	scores []scores // one for each side
}

func newSamples(p photoset.Original, to side.Target, sides []side.Side) *samples {
	n := len(sides)
	return &samples{photo: p, to: to, sides: sides, cpu: make([][]float64, n), peak: make([][]float64, n), scores: make([]scores, n)}
}

// bench measures the sides on the photos.
type bench struct {
	sides   func(photoset.Kind) []side.Side // sides for a kind of photo; the first is the worker
	targets []side.Target
	rounds  int
	repeat  int     // number of photos in a measurement
	score   float64 // score at which bytes are compared
	dir     string  // folder of links and variants
	scorer  string  // path of the program variantscore
	step    func(what string)
	// measure is command.measure, except in tests, whose results must not depend on the load of the machine.
	measure func(rusage.Command, context.Context) (rusage.Usage, error)
}

// measure runs the benchmark and prints its tables.
func (c *commandLine) measure(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "darkroom-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	say := func(s string) { fmt.Fprintln(os.Stderr, s) }

	photos, err := c.photos(ctx, c.folder(dir, "photos"), say)
	if err != nil {
		return err
	}
	if photos, err = decodeAll(ctx, photos, filepath.Join(dir, "decoded"), say); err != nil {
		return err
	}
	b := bench{rounds: c.Rounds, repeat: c.Repeat, score: c.Score, dir: dir, measure: rusage.Command.Measure}
	if b.targets, err = side.Choose("--formats", side.Targets, func(t side.Target) string { return t.Name }, c.Formats); err != nil {
		return err
	}
	var r report
	if b.sides, r.Versions, err = c.prepare(ctx, photos, dir, say); err != nil {
		return err
	}
	var page report // the report that the page shows now
	if c.Readme && len(c.Formats) > 0 {
		r.setConditions(b)
		if page, err = readResults(sourceFolder); err == nil {
			err = page.checkConditions(r)
		}
		if err != nil {
			return err
		}
	}
	if b.scorer, err = buildScorer(ctx, dir); err != nil {
		return err
	}
	all := b.plan(photos)
	line, done, steps := progress.New(os.Stderr), 0, 0
	for _, s := range all {
		steps += (b.rounds + 1) * len(s.sides)
	}
	b.step = func(what string) {
		done++
		line.Update("%d of %d: %s", done, steps, what)
	}
	err = b.run(ctx, all, c.Keep)
	line.Clear()
	if err != nil {
		return err
	}
	r.add(all, b)
	switch {
	case c.Readme && len(c.Formats) > 0:
		if r, err = page.replaceRows(r); err != nil {
			return err
		}
		return r.writeReadme(sourceFolder)
	case c.Readme:
		return r.writeReadme(sourceFolder)
	case c.JSON:
		return r.writeJSON(os.Stdout)
	}
	return r.writeTables(os.Stdout)
}

// plan returns what to measure: each photo in each format.
func (b *bench) plan(photos []photoset.Original) (all []*samples) {
	for _, p := range photos {
		for _, t := range b.targets {
			to := t.FormatFor(p.Kind)
			sides := slices.DeleteFunc(slices.Clone(b.sides(p.Kind)), func(s side.Side) bool { return s.Only != "" && s.Only != to.Name })
			all = append(all, newSamples(p, to, sides))
		}
	}
	return all
}

// run measures all photos. If keep is not empty, it keeps the variants in that folder.
func (b *bench) run(ctx context.Context, all []*samples, keep string) error {
	inputs := map[string][]string{} // key: name of the photo
	for _, s := range all {
		if inputs[s.photo.Name] != nil {
			continue
		}
		files, err := photoset.Link(s.photo, filepath.Join(b.dir, "in", s.photo.Name), 1+b.repeat)
		if err != nil {
			return err
		}
		inputs[s.photo.Name] = files
	}
	for round := range b.rounds {
		for _, s := range all {
			files := inputs[s.photo.Name][:1+max(1, b.repeat/s.to.Share)]
			for turn := range s.sides {
				// Each round begins with another side, so no side always follows the same one.
				which := (round + turn) % len(s.sides)
				b.step(fmt.Sprintf("round %d of %d: %s", round+1, b.rounds, s.describe(which)))
				if err := b.takeSample(ctx, s, which, files); err != nil {
					return fmt.Errorf("%s: %w", s.describe(which), err)
				}
			}
		}
	}
	for _, s := range all {
		for which := range s.sides {
			b.step("scores: " + s.describe(which))
			if err := b.judge(ctx, s, which); err != nil {
				return fmt.Errorf("%s: %w", s.describe(which), err)
			}
			if err := b.keepVariants(s, which, keep); err != nil {
				return err
			}
		}
	}
	return nil
}

// describe names a measurement in messages.
func (s *samples) describe(which int) string {
	return fmt.Sprintf("%s to %s, %s", s.photo.Name, s.to.Name, s.sides[which].Name)
}

// outFolder returns the folder of a side's variants of a photo.
func (b *bench) outFolder(s *samples, which int) string {
	return filepath.Join(b.dir, "out", s.photo.Name, s.sides[which].Name, s.to.Name)
}

// takeSample takes one sample: a run with the photo once, and a run with it 1+repeat times.
func (b *bench) takeSample(ctx context.Context, s *samples, which int, files []string) error {
	var used [2]rusage.Usage
	for i, n := range []int{1, len(files)} {
		out := b.outFolder(s, which)
		if err := os.RemoveAll(out); err != nil {
			return err
		}
		var err error
		if used[i], err = b.measure(s.sides[which].Command(files[:n], s.to, out), ctx); err != nil {
			return err
		}
	}
	ms, err := perPhoto(used[0].CPU, used[1].CPU, len(files)-1)
	if err != nil {
		return err
	}
	s.cpu[which] = append(s.cpu[which], ms)
	s.peak[which] = append(s.peak[which], float64(used[1].Peak))
	return nil
}

// perPhoto returns the CPU time of a photo in milliseconds, from the times of a process with one photo and of one with
// n more.
func perPhoto(one, more time.Duration, n int) (float64, error) {
	if more <= one {
		return 0, fmt.Errorf("%s took no more CPU time (%v, then %v): increase --repeat", plural.Count(n, "more photo"), one, more)
	}
	return float64(more-one) / float64(n) / float64(time.Millisecond), nil
}

// keepVariants copies the variants of the last round into a folder, unless its name is empty.
func (b *bench) keepVariants(s *samples, which int, folder string) error {
	if folder == "" {
		return nil
	}
	to := filepath.Join(folder, s.photo.Name, s.sides[which].Name)
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, v := range side.Sizes {
		path := side.VariantPath(b.outFolder(s, which), 0, v.Name, s.to)
		if err := photoset.CopyFile(filepath.Join(to, filepath.Base(path)), path); err != nil {
			return err
		}
	}
	return nil
}
