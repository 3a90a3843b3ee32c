// Package render renders the photos in local files as a worker renders uploads, without S3 and SQS.
//
// Each photo gets a folder that is named after the file without its extension:
//
//	{out}/{file}/{variant}.{ext}   the variants
//	{out}/{file}/manifest.json     a photo.Manifest, written last
//
// In the manifest, the photo belongs to the board "local", its id is the first 128 bits of the file's SHA-256, and its
// variants have the keys that they would have in S3. The folder of a photo that cannot be rendered has only a manifest,
// which says why. If two photos would get the same folder, the later one's has a number after its name.
//
// Each file appears whole or not at all. In an existing folder, files of the same name are replaced and others are left
// alone. A variant that the manifest does not name is from an earlier run.
package render

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"darkroom/worker/internal/develop"
	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// DefaultMemory is the default memory budget in bytes.
const DefaultMemory = 1 << 30

// Config configures [Files]. Engine and Out are required; every other field has a default.
type Config struct {
	Engine  *engine.Engine
	Out     string // folder; created if it does not exist
	Renders int    // photos in progress at once; default GOMAXPROCS
	// Bytes that renders may take together; default DefaultMemory; a photo that needs more is rendered alone.
	Memory   int64
	Timeout  time.Duration // processor time that rendering a large photo may take, see [develop.Options]; default none
	Recipe   photo.Recipe  // the Recipe of Engine
	Progress io.Writer     // gets a line for each photo; default none
	Terminal bool          // Progress is a terminal: it gets a bar, and lines for failed and damaged photos
}

func (c Config) withDefaults() Config {
	c.Renders = cmp.Or(c.Renders, runtime.GOMAXPROCS(0))
	c.Memory = cmp.Or(c.Memory, DefaultMemory)
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	return c
}

// Validate reports the first field that is missing or out of range.
func (c Config) Validate() error {
	switch {
	case c.Engine == nil:
		return errors.New("render: the engine is missing")
	case c.Out == "":
		return errors.New("render: the output folder is missing")
	case c.Renders < 0:
		return fmt.Errorf("render: renders %d is less than 1", c.Renders)
	case c.Timeout < 0:
		return fmt.Errorf("render: timeout %v is negative", c.Timeout)
	case c.Memory < 0:
		return fmt.Errorf("render: memory budget %d is less than 1", c.Memory)
	}
	return nil
}

// Files renders the photos at these paths. It renders those in folders at any depth, except files and folders whose
// names begin with a dot. failed counts the photos that were rejected or could not be read, and the folders that could
// not be read. Each gets a line on Progress. err reports what ends the whole run: an invalid Config, no photos, output
// that cannot be written, or the end of ctx. When Files returns, every photo that it started is finished, or has left
// only an empty folder.
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
		log.reportFailure(f.path, f.err)
	}

	r := &renderer{Config: cfg, memory: semaphore.NewWeighted(cfg.Memory)}
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(cfg.Renders)
	for _, in := range inputs {
		if running.Err() != nil {
			break
		}
		group.Go(func() error { return r.renderFile(running, in, log) })
	}
	if err := group.Wait(); err != nil {
		return log.failures(), err
	}
	return log.failures(), ctx.Err()
}

// renderer holds what the photos of one run share.
type renderer struct {
	Config
	memory *semaphore.Weighted
}

// renderFile renders a photo and reports the result. It returns only errors that end the run.
func (r *renderer) renderFile(ctx context.Context, in input, log *progress) error {
	data, info, err := r.read(in.path)
	if err != nil {
		log.reportFailure(in.path, err)
		return nil
	}
	m := newManifest(data, info)
	result, err := develop.Photo(ctx, r.Engine, data, m, develop.Options{Recipe: r.recipe(), Timeout: r.Timeout, Admit: r.admit})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		log.reportFailure(in.path, err)
		return nil
	}
	if err := write(ctx, in.folder, m, result.Images); err != nil {
		return err
	}
	if result.Rejection != nil {
		log.reportFailure(in.path, fmt.Errorf("rejected: %w", result.Rejection))
	} else {
		log.reportDone(in, m, result.Damage, result.Lost, result.LostHDR)
	}
	return nil
}

// recipe returns the recipe with the timeout, which the engine does not know.
func (r *renderer) recipe() photo.Recipe {
	recipe := r.Recipe
	recipe.RenderTimeout = r.Timeout
	return recipe
}

// admit waits for memory. A photo that needs more than the whole budget waits until it can have all of it.
func (r *renderer) admit(ctx context.Context, _ engine.Header, memory int64) (release func(), err error) {
	need := min(memory, r.Memory)
	if err := r.memory.Acquire(ctx, need); err != nil {
		return nil, err
	}
	return func() { r.memory.Release(need) }, nil
}
