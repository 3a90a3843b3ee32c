package forecast

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"darkroom/worker/internal/cputime"
	"darkroom/worker/internal/develop"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/memstore"
	"darkroom/worker/photo"
)

// Rehearsals reconciles photos as a worker would, but only counts what would be written.
type Rehearsals struct {
	Originals Originals
	Variants  store.Reader
	Engine    develop.Engine
	Config    reconcile.Config // see [reconcile.New]
}

// rehearsal is the work on one photo.
type rehearsal struct {
	stale    bool          // something would be written
	requests Requests      // the worker's requests to S3
	cpu      time.Duration // processor time
	specs    []string      // names of the specs that would be rendered
}

// Processor time of the work that a rehearsal leaves out: the message, and the requests that write. Two runs of 2,000
// photos took that much more than their plans, on amd64.
const (
	cpuOfEvent = 2 * time.Millisecond
	cpuOfPut   = 650 * time.Microsecond
)

// rehearse reconciles a photo.
func (r Rehearsals) rehearse(ctx context.Context, ref photo.Ref) (rehearsal, error) {
	variants, err := r.load(ctx, ref)
	if err != nil {
		return rehearsal{}, fmt.Errorf("rehearse %s: %w", ref, err)
	}
	originals := &readOnly{Originals: r.Originals}
	cfg := r.Config
	cfg.Renders = 1
	reconciler, err := reconcile.New(cfg, originals, variants, r.Engine)
	if err != nil {
		return rehearsal{}, err
	}
	begun := cputime.Process()
	outcome, err := reconciler.Reconcile(ctx, ref)
	n := variants.Requests()
	requests := Requests{Put: float64(n["put"]), List: float64(n["list"] + n["list versions"]), Get: float64(n["get"] + n["head"])}
	cpu := cputime.Process() - begun + cpuOfEvent + time.Duration(requests.Put*float64(cpuOfPut))
	if err != nil {
		return rehearsal{}, fmt.Errorf("rehearse: %w", err)
	}
	return rehearsal{stale: outcome != reconcile.Unchanged, requests: requests.plus(originals.requests), cpu: cpu,
		specs: newSpecs(variants, ref)}, nil
}

// load copies what the variants bucket holds of a photo to a bucket in memory, as far as reconciling needs it: the
// manifest, and the sizes of the variants. What a rehearsal writes goes there and nowhere else.
func (r Rehearsals) load(ctx context.Context, ref photo.Ref) (*memstore.Bucket, error) {
	b := memstore.New()
	for e, err := range r.Variants.List(ctx, ref.Prefix(), "") {
		if err != nil {
			return nil, err
		}
		b.Preload(e, nil)
	}
	object, body, err := r.Variants.Get(ctx, ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, photo.MaxManifestBytes+1))
	if err != nil {
		return nil, err
	}
	b.Preload(store.Entry{Key: ref.ManifestKey(), Object: object}, text)
	return b, nil
}

// newSpecs returns the names of the specs whose variants the rehearsal has put. A variant that was kept has no body here.
func newSpecs(b *memstore.Bucket, ref photo.Ref) (names []string) {
	m, err := photo.ParseManifest(ref, b.Stored(ref.ManifestKey()))
	if err != nil {
		return nil
	}
	for _, v := range m.Variants {
		if b.Stored(v.Key) != nil && !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
	}
	return names
}
