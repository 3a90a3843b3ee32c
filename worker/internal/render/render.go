// Package render makes the variants of photos on this machine: what a worker does to uploads, without S3 and SQS.
//
// Of each photo it makes a folder, named after the file without its extension:
//
//	{out}/{file}/{variant}.{ext}   the variants
//	{out}/{file}/manifest.json     a photo.Manifest, written last
//
// The manifest speaks of the photo as one of the board "local", whose id is the first 128 bits of the file's SHA-256,
// and gives the keys that its variants would have in S3. A photo that cannot be rendered has a manifest alone, which
// says why. Where two photos ask for one folder, the later one's has a number after its name.
//
// Each file appears whole or not at all. A folder that is there already is written into: files of the same name are
// replaced, others are left alone, and a variant that the manifest does not name is of an earlier run.
package render

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"darkroom/worker/internal/develop"
	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// DefaultMemory is the memory budget where [Config] has none, in bytes.
const DefaultMemory = 1 << 30

// Config configures [Files]. Engine and Out are required, every other field has a default.
type Config struct {
	Engine   *engine.Engine
	Out      string       // folder, made if need be
	Renders  int          // photos in hand at once, default GOMAXPROCS
	Memory   int64        // bytes that renders may take together, default DefaultMemory; a photo that needs more goes alone
	Recipe   photo.Recipe // of Engine
	Progress io.Writer    // a line for each photo, default none
	Terminal bool         // Progress is a terminal: a bar, and lines for photos that failed
}

func (c Config) withDefaults() Config {
	c.Renders = cmp.Or(c.Renders, runtime.GOMAXPROCS(0))
	c.Memory = cmp.Or(c.Memory, DefaultMemory)
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	return c
}

// Validate reports the first field that cannot be used.
func (c Config) Validate() error {
	switch {
	case c.Engine == nil:
		return errors.New("render: no engine")
	case c.Out == "":
		return errors.New("render: no output folder")
	case c.Renders < 0:
		return fmt.Errorf("render: %d renders at once: want at least 1", c.Renders)
	case c.Memory < 0:
		return fmt.Errorf("render: a memory budget of %d bytes: want at least 1", c.Memory)
	}
	return nil
}

// Files renders photos, and those in folders at any depth, but not those whose names begin with a dot. failed counts
// the photos that were rejected or could not be read, and the folders that could not be read; each has a line on
// Progress. err is for what ends the whole run: a bad Config, no photo at all, output that cannot be written, and ctx.
// When it returns, every photo begun is finished or has left no trace but an empty folder.
func Files(ctx context.Context, cfg Config, paths []string) (failed int, err error) {
	if err := cfg.Validate(); err != nil {
		return 0, err
	}
	cfg = cfg.withDefaults()
	if err := os.MkdirAll(cfg.Out, 0o755); err != nil {
		return 0, fmt.Errorf("render: output folder: %w", err)
	}
	inputs, faults := list(cfg.Out, paths)
	if len(inputs) == 0 && len(faults) == 0 {
		return 0, errors.New("render: no photos to render")
	}
	log := newProgress(cfg, len(inputs)+len(faults))
	defer log.close()
	for _, f := range faults {
		log.failed(f.path, f.err)
	}

	r := &renderer{Config: cfg, memory: semaphore.NewWeighted(cfg.Memory)}
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(cfg.Renders)
	for _, in := range inputs {
		if running.Err() != nil {
			break
		}
		group.Go(func() error { return r.one(running, in, log) })
	}
	if err := group.Wait(); err != nil {
		return log.failures(), err
	}
	return log.failures(), ctx.Err()
}

// renderer is what the photos of one run share.
type renderer struct {
	Config
	memory *semaphore.Weighted
}

// one renders a photo and reports how that went. It returns only errors that end the run.
func (r *renderer) one(ctx context.Context, in input, log *progress) error {
	data, info, err := r.read(in.path)
	if err != nil {
		log.failed(in.path, err)
		return nil
	}
	m := newManifest(data, info)
	imgs, rejection, err := develop.Photo(ctx, r.Engine, data, m, develop.Options{Recipe: r.Recipe, Admit: r.admit})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		log.failed(in.path, err)
		return nil
	}
	if err := write(ctx, in.folder, m, imgs); err != nil {
		return err
	}
	if rejection != nil {
		log.failed(in.path, fmt.Errorf("rejected: %w", rejection))
	} else {
		log.done(in, m)
	}
	return nil
}

// admit waits for memory. A photo that needs more than the whole budget waits until it can have all of it.
func (r *renderer) admit(ctx context.Context, _ engine.Header, memory int64) (release func(), err error) {
	need := min(memory, r.Memory)
	if err := r.memory.Acquire(ctx, need); err != nil {
		return nil, err
	}
	return func() { r.memory.Release(need) }, nil
}
