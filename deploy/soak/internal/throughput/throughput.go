// Package throughput compares the whole worker with its engine.
package throughput

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/local/build"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/soak/internal/check"
	"darkroom/deploy/soak/internal/system"
	"darkroom/deploy/testkit/photofiles"
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// Command is the command soak throughput.
type Command struct {
	Paths  []string `arg:"" optional:"" name:"photo" placeholder:"PHOTO|DIR" help:"Photos and folders of photos to render. Default: generated JPEGs of 12 megapixels."`
	Photos int      `default:"60" placeholder:"N" help:"Number of photos per measurement. The given photos are repeated as needed."`
	Rounds int      `default:"3" placeholder:"N" help:"Number of measurements of each side."`
	Goal   float64  `default:"0.85" placeholder:"RATIO" help:"Exit with status 1 if the worker's rate divided by the engine's is less than this."`
	Bin    string   `type:"path" placeholder:"DIR" help:"Folder with the built programs local, token-lambda and worker. Default: build them first, with the go command."`
}

// oneCore makes a worker use one core and render one photo at a time.
var oneCore = []string{"GOMAXPROCS=1", "RENDERS=1"}

// Validate reports the first invalid setting.
func (c *Command) Validate() error {
	if c.Photos < 1 || c.Rounds < 1 {
		return errors.New("--photos and --rounds must be at least 1")
	}
	return nil
}

// Run measures both sides and prints a table.
func (c *Command) Run(ctx context.Context) error {
	err := c.run(ctx, os.Stdout, os.Stderr)
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return err
}

func (c *Command) run(ctx context.Context, out, notes io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "darkroom-throughput-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if len(c.Paths) == 0 {
		fmt.Fprintln(notes, "drawing photos")
		if c.Paths, err = drawPhotos(dir); err != nil {
			return err
		}
	}
	given, err := photofiles.Uploads(c.Paths)
	if err != nil {
		return err
	}
	m := measurement{dir: dir, bin: c.Bin}
	for i := range c.Photos {
		m.photos = append(m.photos, given[i%len(given)])
	}
	if m.bin == "" {
		fmt.Fprintln(notes, "building the programs; the first build takes about a minute")
		m.bin = filepath.Join(dir, "bin")
		if err := build.Programs(ctx, m.bin, build.All()...); err != nil {
			return err
		}
	}
	st, err := stack.Start(ctx, stack.Config{Data: filepath.Join(dir, "data"), Bin: m.bin, DeferWorkers: true, AnyPorts: true, Out: io.Discard, WorkerEnv: oneCore})
	if err != nil {
		return err
	}
	defer func() {
		system.CloseIdleConnections()
		err = errors.Join(err, st.Stop())
	}()
	m.stack = st
	if m.target, err = system.NewStackTarget(st, "throughput"); err != nil {
		return err
	}
	engine, worker, err := measureRounds(ctx, st, &m, c.Rounds, progress.New(notes))
	if err != nil {
		return err
	}
	ratio := writeThroughput(out, len(m.photos), engine, worker)
	if ratio < c.Goal {
		return fmt.Errorf("the worker has %.2f of the engine's throughput, the goal is %.2f", ratio, c.Goal)
	}
	return nil
}

// measureRounds measures both sides in each round. They take turns going first.
func measureRounds(ctx context.Context, st *stack.Stack, m *measurement, rounds int, line *progress.Line) (engine, worker []cost, err error) {
	_, err = system.CancelOnFailure(ctx, st, func(ctx context.Context) (struct{}, error) {
		if err := m.prepare(ctx); err != nil {
			return struct{}{}, err
		}
		for round := range rounds {
			sides := []func() error{
				func() error { return measure(ctx, m.render, &engine) },
				func() error { return measure(ctx, m.work, &worker) },
			}
			if round%2 == 1 {
				slices.Reverse(sides)
			}
			line.Print("round %d of %d: %s per side", round+1, rounds, plural.Count(len(m.photos), "photo"))
			for _, side := range sides {
				if err := side(); err != nil {
					return struct{}{}, err
				}
			}
		}
		return struct{}{}, nil
	})
	line.Clear()
	return engine, worker, err
}

func measure(ctx context.Context, side func(context.Context) (cost, error), into *[]cost) error {
	c, err := side(ctx)
	*into = append(*into, c)
	return err
}

// drawPhotos draws photos into a folder below dir.
func drawPhotos(dir string) ([]string, error) {
	dir = filepath.Join(dir, "drawn")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	g := errgroup.Group{}
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, orientation := range []uint8{1, 6, 1, 3} {
		g.Go(func() error {
			s, err := samples.Photo(fmt.Sprintf("photo-%d.jpg", i), 4000, 3000, orientation, uint32(i+1))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, s.Name), s.Bytes, 0o644)
		})
	}
	return []string{dir}, g.Wait()
}

// cost is the time that a side takes for all photos.
type cost struct{ wall, cpu time.Duration }

// writeThroughput prints the time per photo of each side, and returns the median over the rounds of the worker's rate
// divided by the engine's.
func writeThroughput(w io.Writer, photos int, engine, worker []cost) float64 {
	fmt.Fprintf(w, "%s per round, %s; medians (min-max). Each side runs on one core (GOMAXPROCS=1), one after the other; S3, SQS and the API use the rest.\n\n", plural.Count(photos, "photo"), plural.Count(len(engine), "round"))
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "MS/PHOTO\tWORKER RENDER\tWORKER RUN\tRUN/RENDER RATE")
	var first float64
	for _, row := range []struct {
		name string
		time func(cost) time.Duration
	}{{"wall", func(c cost) time.Duration { return c.wall }}, {"CPU", func(c cost) time.Duration { return c.cpu }}} {
		var a, b, ratios []float64
		for i := range engine {
			a = append(a, row.time(engine[i]).Seconds()*1000/float64(photos))
			b = append(b, row.time(worker[i]).Seconds()*1000/float64(photos))
			ratios = append(ratios, a[i]/b[i])
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", row.name, spread(a, "%.1f"), spread(b, "%.1f"), spread(ratios, "%.2f"))
		if first == 0 {
			first = median(ratios)
		}
	}
	t.Flush()
	return first
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func spread(values []float64, format string) string {
	return fmt.Sprintf(format+" ("+format+"-"+format+")", median(values), slices.Min(values), slices.Max(values))
}

// icon returns a picture that takes almost no time to render. With it, render measures how long the program takes to start.
func icon() (samples.Sample, error) { return samples.Photo("icon.jpg", 8, 8, 0, 1) }

// checkReady returns an error if a photo has no variants. Such a photo cannot be measured.
func checkReady(name string, m *photo.Manifest) error {
	if m.State != photo.Ready {
		return fmt.Errorf("%s: %s: only photos that become variants can be measured", name, check.Outcome(m.State, m.Reason))
	}
	return nil
}
