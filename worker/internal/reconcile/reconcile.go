// Package reconcile makes the variants bucket agree with the uploads bucket, a photo at a time: where an original
// exists, its variants and manifest exist for exactly that version of it; where none exists, neither do they.
//
// Whatever an event says, the operation is the same and S3 decides what it does, so events may be repeated, reordered
// or late. The manifest is written last and conditionally on the one that was read; who loses such a race looks
// again from the start. A photo that cannot be read is not an error: its manifest says rejected, and why. An error
// means that nothing is known to be wrong with the photo and that trying again may help.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/worker/internal/variant"
	"darkroom/worker/photo"
)

// Engine makes variants. Its errors that are a [variant.Rejection] are the photo's fault.
type Engine interface {
	Inspect(data []byte) (variant.Header, error)
	Memory(h variant.Header) int64
	Render(data []byte, h variant.Header) ([]variant.Image, variant.Preview, error)
}

// Outcome says what a reconcile found to do.
type Outcome string

const (
	Made      Outcome = "ready"     // variants and manifest were written
	Rejected  Outcome = "rejected"  // a manifest that says why was written
	Removed   Outcome = "removed"   // there is no original, and no variant or manifest any more
	Unchanged Outcome = "unchanged" // everything was as it should be
)

// Outcomes lists every Outcome.
var Outcomes = []Outcome{Made, Rejected, Removed, Unchanged}

// attempts bounds how often a lost race is run again before the message is left to a later receive.
const attempts = 5

// Reconciler reconciles photos. It is safe for concurrent use.
type Reconciler struct {
	cfg       Config
	originals Originals
	variants  Variants
	engine    Engine
	gate      *gate
}

// New returns a reconciler over two buckets.
func New(cfg Config, originals Originals, variants Variants, engine Engine) (*Reconciler, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	return &Reconciler{cfg: cfg, originals: originals, variants: variants, engine: engine, gate: newGate(cfg)}, nil
}

// Reconcile brings one photo to its state.
func (r *Reconciler) Reconcile(ctx context.Context, ref photo.Ref) (Outcome, error) {
	for range attempts {
		outcome, err := r.once(ctx, ref)
		switch {
		case errors.Is(err, ErrConflict):
			r.cfg.Metrics.conflicts.Inc()
			continue
		case err != nil:
			r.cfg.Metrics.photos.WithLabelValues(outcomeError).Inc()
			return "", fmt.Errorf("photo %s: %w", ref, err)
		}
		r.cfg.Metrics.photos.WithLabelValues(string(outcome)).Inc()
		return outcome, nil
	}
	r.cfg.Metrics.photos.WithLabelValues(outcomeError).Inc()
	return "", fmt.Errorf("photo %s: lost %d races in a row: %w", ref, attempts, ErrConflict)
}

func (r *Reconciler) once(ctx context.Context, ref photo.Ref) (Outcome, error) {
	// The manifest is read before the original, so that a manifest of a later original is never taken for an old one.
	old, condition, err := r.readManifest(ctx, ref)
	if err != nil {
		return "", err
	}
	object, body, err := r.originals.Get(ctx, ref.Key())
	if errors.Is(err, ErrNotFound) {
		return r.remove(ctx, ref)
	}
	if err != nil {
		return "", fmt.Errorf("get original: %w", err)
	}
	defer body.Close()
	m := r.newManifest(ref, object)
	if old != nil && old.Source.Same(m.Source) && old.Recipe == m.Recipe {
		whole, err := r.whole(ctx, old)
		if err != nil {
			return "", err
		}
		if whole {
			return Unchanged, nil
		}
	}
	if old != nil && !old.Source.Same(m.Source) {
		r.cfg.Log.Warn("an original was replaced", "key", ref.Key(), "etag", m.Source.ETag, "before", old.Source.ETag)
	}
	images, err := r.render(ctx, object, body, m)
	if err != nil {
		return "", err
	}
	if err := r.write(ctx, m, images, condition); err != nil {
		return "", err
	}
	if err := r.dropStale(ctx, old, m); err != nil {
		return "", err
	}
	// An original that went or changed meanwhile may have had its event already: then only we know that what was
	// just written is of the past.
	now, err := r.originals.Head(ctx, ref.Key())
	if errors.Is(err, ErrNotFound) || err == nil && !m.Source.Same(source(now)) {
		return "", fmt.Errorf("original changed while it was rendered: %w", ErrConflict)
	}
	if err != nil {
		return "", fmt.Errorf("head original: %w", err)
	}
	if m.State == photo.Rejected {
		r.cfg.Metrics.rejections.WithLabelValues(string(m.Reason)).Inc()
		r.cfg.Log.Info("photo rejected", "key", ref.Key(), "reason", m.Reason, "detail", m.Detail)
		return Rejected, nil
	}
	return Made, nil
}

// whole reports whether every variant that a manifest promises is there. One that raced a removal may have lost some.
func (r *Reconciler) whole(ctx context.Context, m *photo.Manifest) (bool, error) {
	if len(m.Variants) == 0 {
		return true, nil
	}
	keys, err := r.variants.List(ctx, m.Ref().Prefix())
	if err != nil {
		return false, fmt.Errorf("list variants: %w", err)
	}
	for _, v := range m.Variants {
		if !slices.Contains(keys, v.Key) {
			return false, nil
		}
	}
	return true, nil
}

// maxManifest bounds, in bytes, the manifest that is read back.
const maxManifest = 1 << 20

// readManifest returns the manifest that is there, or nil, and the condition under which it may be replaced. One that
// cannot be parsed is as good as none, but for the condition.
func (r *Reconciler) readManifest(ctx context.Context, ref photo.Ref) (*photo.Manifest, string, error) {
	object, body, err := r.variants.Get(ctx, ref.ManifestKey())
	if errors.Is(err, ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, maxManifest))
	if err != nil {
		return nil, "", fmt.Errorf("read manifest: %w", err)
	}
	m, err := photo.ParseManifest(ref, text)
	if err != nil {
		r.cfg.Log.Warn("manifest is replaced", "key", ref.ManifestKey(), "error", err)
		return nil, object.ETag, nil
	}
	return m, object.ETag, nil
}

func (r *Reconciler) newManifest(ref photo.Ref, o Object) *photo.Manifest {
	return &photo.Manifest{Version: photo.ManifestVersion, Board: ref.Board, ID: ref.ID, Recipe: r.cfg.Recipe, Source: source(o)}
}

func source(o Object) photo.Source {
	owner, err := url.PathUnescape(o.Metadata[photo.MetaOwner])
	if err != nil {
		owner = o.Metadata[photo.MetaOwner]
	}
	return photo.Source{Bytes: o.Bytes, ETag: o.ETag, VersionID: o.VersionID, Modified: o.Modified.UTC(), Owner: owner}
}

// render fills in what m says of the picture and returns its variants: none if it is rejected.
func (r *Reconciler) render(ctx context.Context, o Object, body io.ReadCloser, m *photo.Manifest) ([]variant.Image, error) {
	images, err := r.gate.render(ctx, r.engine, o, body, m)
	var rejection *variant.Rejection
	if errors.As(err, &rejection) {
		m.State, m.Reason, m.Detail = photo.Rejected, rejection.Reason, rejection.Detail
		if rejection.Panicked {
			format := formatUnknown
			if m.Photo != nil {
				format = m.Photo.Format
			}
			r.cfg.Metrics.panics.WithLabelValues(string(format)).Inc()
			r.cfg.Log.Error("a decoder panicked", "key", m.Ref().Key(), "version", o.VersionID, "format", format, "detail", rejection.Detail)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m.State = photo.Ready
	return images, nil
}

// write stores the variants and then the manifest, if the one that was read has not changed.
func (r *Reconciler) write(ctx context.Context, m *photo.Manifest, images []variant.Image, condition string) error {
	start := time.Now()
	g, gctx := errgroup.WithContext(ctx)
	for _, img := range images {
		entry := img.Entry(m.Ref())
		m.Variants = append(m.Variants, entry)
		g.Go(func() error {
			if err := r.variants.Put(gctx, entry.Key, Content{Type: entry.ContentType, Body: img.Data}); err != nil {
				return fmt.Errorf("put variant %s: %w", entry.Name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	m.Created = time.Now().UTC()
	text, err := m.MarshalIndented()
	if err != nil {
		return err
	}
	if err := r.variants.Put(ctx, m.Ref().ManifestKey(), Content{Type: photo.ManifestContentType, Body: text, IfMatch: &condition}); err != nil {
		return fmt.Errorf("put manifest: %w", err)
	}
	r.cfg.Metrics.stage.WithLabelValues(stageUpload).Observe(time.Since(start).Seconds())
	return nil
}

// dropStale deletes the variants that the old manifest names and the new one does not.
func (r *Reconciler) dropStale(ctx context.Context, old, m *photo.Manifest) error {
	if old == nil {
		return nil
	}
	var stale []string
	for _, v := range old.Variants {
		if !slices.ContainsFunc(m.Variants, func(n photo.Variant) bool { return n.Key == v.Key }) {
			stale = append(stale, v.Key)
		}
	}
	if len(stale) == 0 {
		return nil
	}
	if err := r.variants.Delete(ctx, stale); err != nil {
		return fmt.Errorf("delete stale variants: %w", err)
	}
	return nil
}

// remove deletes everything that was made of an original that is gone: the manifest first, since it promises the rest.
func (r *Reconciler) remove(ctx context.Context, ref photo.Ref) (Outcome, error) {
	keys, err := r.variants.List(ctx, ref.Prefix())
	if err != nil {
		return "", fmt.Errorf("list variants: %w", err)
	}
	if len(keys) == 0 {
		return Unchanged, nil
	}
	manifest := ref.ManifestKey()
	rest := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == manifest })
	if len(rest) < len(keys) {
		if err := r.variants.Delete(ctx, []string{manifest}); err != nil {
			return "", fmt.Errorf("delete manifest: %w", err)
		}
	}
	if len(rest) > 0 {
		if err := r.variants.Delete(ctx, rest); err != nil {
			return "", fmt.Errorf("delete variants: %w", err)
		}
	}
	// If an original came meanwhile, another worker may have made what was just deleted.
	if _, err := r.originals.Head(ctx, ref.Key()); err == nil {
		return "", fmt.Errorf("original came while its variants were deleted: %w", ErrConflict)
	} else if !errors.Is(err, ErrNotFound) {
		return "", fmt.Errorf("head original: %w", err)
	}
	return Removed, nil
}

// discard is the logger where none is given.
var discard = slog.New(slog.DiscardHandler)
