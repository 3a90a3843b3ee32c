package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"time"

	"darkroom/deploy/testkit/progress"
	"darkroom/worker/plural"
)

// samples are the measurements of one photo, by side and then by round.
type samples struct {
	photo    original
	size     image.Point // pixels, upright
	sides    []side
	cpu      [][]float64
	peak     [][]float64
	variants [][]variantQuality // one slice a side, parallel to sizes
}

func newSamples(p original, sides []side) *samples {
	n := len(sides)
	return &samples{photo: p, sides: sides, cpu: make([][]float64, n), peak: make([][]float64, n), variants: make([][]variantQuality, n)}
}

// bench measures the sides on the photos.
type bench struct {
	sides  func(kind) []side // those of a kind of photo; the first is the worker
	rounds int
	repeat int    // number of photos in a measurement
	dir    string // folder of links and variants
	step   func(what string)
	// measure is command.measure, except in tests, whose results must not depend on the load of the machine.
	measure func(command, context.Context) (usage, error)
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
	b := bench{rounds: c.Rounds, repeat: c.Repeat, dir: dir, measure: command.measure}
	var r report
	if b.sides, r.Versions, err = prepare(ctx, photos, dir, say); err != nil {
		return err
	}
	line, done, steps := progress.New(os.Stderr), 0, 0
	for _, p := range photos {
		steps += b.rounds * len(b.sides(p.kind))
	}
	b.step = func(what string) {
		done++
		line.Update("%d of %d: %s", done, steps, what)
	}
	all, err := b.run(ctx, photos, c.Keep)
	line.Clear()
	if err != nil {
		return err
	}
	r.add(all, b)
	if c.JSON {
		return r.writeJSON(os.Stdout)
	}
	return r.writeTables(os.Stdout)
}

// run measures all photos. If keep is not empty, it keeps the variants in that folder.
func (b *bench) run(ctx context.Context, photos []original, keep string) ([]*samples, error) {
	all := make([]*samples, len(photos))
	inputs := make([][]string, len(photos))
	for i, p := range photos {
		files, err := link(p, filepath.Join(b.dir, "in", p.name), 1+b.repeat)
		if err != nil {
			return nil, err
		}
		all[i], inputs[i] = newSamples(p, b.sides(p.kind)), files
	}
	for round := range b.rounds {
		for i, s := range all {
			for turn := range s.sides {
				// Each round begins with another side, so that no side always follows the same one.
				which := (round + turn) % len(s.sides)
				b.step(fmt.Sprintf("round %d of %d: %s, %s", round+1, b.rounds, s.photo.name, s.sides[which].name))
				if err := b.one(ctx, s, which, inputs[i]); err != nil {
					return nil, fmt.Errorf("%s on %s: %w", s.sides[which].name, s.photo.name, err)
				}
			}
		}
	}
	for _, s := range all {
		if err := b.judge(s, keep); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// out returns the folder of a side's variants of a photo.
func (b *bench) out(s *samples, which int) string {
	return filepath.Join(b.dir, "out", s.photo.name, s.sides[which].name)
}

// one takes one sample: a run with the photo once, and a run with it 1+repeat times.
func (b *bench) one(ctx context.Context, s *samples, which int, files []string) error {
	var used [2]usage
	for i, n := range []int{1, len(files)} {
		out := b.out(s, which)
		if err := os.RemoveAll(out); err != nil {
			return err
		}
		var err error
		if used[i], err = b.measure(s.sides[which].command(files[:n], s.photo.kind, out), ctx); err != nil {
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

// perPhoto returns the CPU time of a photo in milliseconds, from the times of a process with one photo and one with n more.
func perPhoto(one, more time.Duration, n int) (float64, error) {
	if more <= one {
		return 0, fmt.Errorf("%s took no more CPU time (%v, then %v): increase --repeat", plural.Count(n, "more photo"), one, more)
	}
	return float64(more-one) / float64(n) / float64(time.Millisecond), nil
}

// judge measures the variants of the last round, and copies them into keep if that is not empty.
func (b *bench) judge(s *samples, keep string) error {
	ref, err := newReference(s.photo)
	if err != nil {
		return err
	}
	s.size = ref.size()
	for which, sd := range s.sides {
		for _, v := range sizes {
			path := variantPath(b.out(s, which), 0, v.Name, s.photo.kind)
			q, err := ref.judge(path, v)
			if err != nil {
				return fmt.Errorf("%s on %s: %w", sd.name, s.photo.name, err)
			}
			s.variants[which] = append(s.variants[which], q)
			if keep == "" {
				continue
			}
			to := filepath.Join(keep, s.photo.name, sd.name)
			if err := os.MkdirAll(to, 0o755); err != nil {
				return err
			}
			if err := copyFile(filepath.Join(to, filepath.Base(path)), path); err != nil {
				return err
			}
		}
	}
	return nil
}
