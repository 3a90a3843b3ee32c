package throughput

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/deploy/client"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/soak/internal/system"
	"darkroom/deploy/testkit/sqsdepth"
	"darkroom/worker/photo"
	"darkroom/worker/wait"
)

// measurement renders the same photos with the command worker render and with a worker.
type measurement struct {
	dir    string // folder for files
	bin    string
	photos []client.Photo
	stack  *stack.Stack // its workers are stopped
	target *system.Target

	files []string // one for each photo
	icon  string   // path of the file with icon()
}

// prepare copies each photo into a file of its own.
func (m *measurement) prepare(ctx context.Context) error {
	in := filepath.Join(m.dir, "in")
	if err := os.MkdirAll(in, 0o755); err != nil {
		return err
	}
	for i, p := range m.photos {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := filepath.Join(in, fmt.Sprintf("%05d%s", i, filepath.Ext(p.Name)))
		if err := copyTo(file, p); err != nil {
			return err
		}
		m.files = append(m.files, file)
	}
	s, err := icon()
	if err != nil {
		return err
	}
	m.icon = filepath.Join(m.dir, s.Name)
	return os.WriteFile(m.icon, s.Bytes, 0o644)
}

// copyTo copies a photo to a file.
func copyTo(file string, p client.Photo) (err error) {
	r, err := p.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = io.Copy(w, r)
	return err
}

// render measures the engine: the command render on all photos, minus the start of the program.
func (m *measurement) render(ctx context.Context) (cost, error) {
	start, err := m.command(ctx, []string{m.icon})
	if err != nil {
		return cost{}, err
	}
	all, err := m.command(ctx, m.files)
	return cost{all.wall - start.wall, all.cpu - start.cpu}, err
}

// command runs worker render on the files and returns its cost.
func (m *measurement) command(ctx context.Context, files []string) (cost, error) {
	out := filepath.Join(m.dir, "out")
	if err := os.RemoveAll(out); err != nil {
		return cost{}, err
	}
	var problems bytes.Buffer
	cmd := exec.CommandContext(ctx, filepath.Join(m.bin, "worker"), append([]string{"render", "-o", out}, files...)...)
	cmd.Stdout, cmd.Stderr = &problems, &problems
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, oneCore...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("worker render: %w\n%s", err, problems.Bytes())
	}
	return cost{time.Since(begin), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// work measures the whole worker. It uploads all photos while no worker runs, and measures from the first receive to
// the last manifest.
func (m *measurement) work(ctx context.Context) (c cost, err error) {
	refs := make([]photo.Ref, len(m.photos))
	g, uploading := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, p := range m.photos {
		g.Go(func() error {
			created, err := m.target.API.CreateUpload(uploading, p)
			if err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
			refs[i] = photo.Ref{Board: m.target.Board, ID: created.ID}
			return m.target.API.Send(uploading, p, created.Upload)
		})
	}
	if err := g.Wait(); err != nil {
		return c, err
	}
	starting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	started := make(chan error, 1)
	go func() {
		err := m.stack.StartWorkers(ctx)
		if err != nil {
			cancel(err) // no worker will receive anything
		}
		started <- err
	}()
	defer func() { err = errors.Join(err, m.stack.StopWorkers()) }()
	begin, err := m.pollUntil(starting, 2*time.Millisecond, func(d sqsdepth.Depth) bool { return d.InFlight > 0 })
	before, unseen := map[string]float64(nil), err
	if err == nil {
		before, unseen = system.ReadMetrics(ctx, m.stack.Workers[0])
	}
	if err = errors.Join(<-started, unseen); err != nil {
		return c, err
	}
	if _, err := m.pollUntil(ctx, 50*time.Millisecond, func(d sqsdepth.Depth) bool { return d.Total() == 0 }); err != nil {
		return c, err
	}
	after, err := system.ReadMetrics(ctx, m.stack.Workers[0])
	if err != nil {
		return c, err
	}
	c.cpu = time.Duration((after[system.CPUSeconds] - before[system.CPUSeconds]) * float64(time.Second))
	for i, ref := range refs {
		text, _, err := m.target.Variants.Get(ctx, ref.ManifestKey())
		if err != nil {
			return c, fmt.Errorf("%s: %w", m.photos[i].Name, err)
		}
		manifest, err := photo.ParseManifest(ref, text)
		if err == nil {
			err = checkReady(m.photos[i].Name, manifest)
		}
		if err != nil {
			return c, err
		}
		c.wall = max(c.wall, manifest.Created.Sub(begin))
	}
	return c, nil
}

// pollUntil polls the queue until wanted reports true, and returns the time of that poll.
func (m *measurement) pollUntil(ctx context.Context, every time.Duration, wanted func(sqsdepth.Depth) bool) (time.Time, error) {
	for {
		d, err := m.target.Queue.Depth(ctx)
		if err != nil || wanted(d) {
			return time.Now(), err
		}
		if err := wait.For(ctx, every); err != nil {
			return time.Time{}, err
		}
	}
}
