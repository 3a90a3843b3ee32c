package photos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

// slow is a store that takes a second for everything.
type slow struct {
	found bool
	err   error
}

func (s slow) wait(ctx context.Context) error {
	select {
	case <-time.After(time.Second):
		return s.err
	case <-ctx.Done():
		return fmt.Errorf("GET: %w", ctx.Err())
	}
}

func (s slow) Manifest(ctx context.Context, _ photo.Ref, known string) (StoredManifest, error) {
	if err := s.wait(ctx); err != nil || !s.found {
		return StoredManifest{}, err
	}
	if known != "" {
		return StoredManifest{ETag: known, Unchanged: true}, nil
	}
	return StoredManifest{Manifest: &photo.Manifest{}}, nil
}

func (s slow) Original(ctx context.Context, _ photo.Ref) (*photo.Source, error) {
	if err := s.wait(ctx); err != nil || !s.found {
		return nil, err
	}
	return &photo.Source{}, nil
}

func (s slow) List(ctx context.Context, _ photo.Board, cursor string, _ int) (api.Page, error) {
	return api.Page{Next: cursor}, s.wait(ctx)
}

func (s slow) Remove(ctx context.Context, _ photo.Ref) error { return s.wait(ctx) }

// TestMeasureUnchanged: a manifest that the cache has is counted apart from one that was sent.
func TestMeasureUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := counts{}
		m, err := Measure(slow{found: true}, got).Manifest(t.Context(), testRef, `"e"`)
		if want := (counts{opManifest + " " + OutcomeUnchanged: time.Second}); err != nil || !m.Unchanged || !cmp.Equal(got, want) {
			t.Errorf("%+v, %v, %v", m, err, got)
		}
	})
}

// counts keeps what is reported to it.
type counts map[string]time.Duration

func (c counts) StoreOperation(operation, outcome string, took time.Duration) {
	c[operation+" "+outcome] += took
}

func TestMeasure(t *testing.T) {
	down := errors.New("503")
	for name, c := range map[string]struct {
		store slow
		ctx   func(context.Context) (context.Context, context.CancelFunc)
		want  string
		less  string // outcome of the operations that look for something, if it differs
		took  time.Duration
	}{
		"found":     {slow{found: true}, nil, OutcomeOK, OutcomeOK, time.Second},
		"not found": {slow{}, nil, OutcomeOK, OutcomeNotFound, time.Second},
		"unusable":  {slow{err: fmt.Errorf("manifest: %w", photo.ErrManifest)}, nil, OutcomeUnusable, OutcomeUnusable, time.Second},
		"failed":    {slow{err: down}, nil, OutcomeError, OutcomeError, time.Second},
		"cancelled": {slow{}, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Millisecond, cancel)
			return ctx, cancel
		}, OutcomeCancelled, OutcomeCancelled, time.Millisecond},
		"too slow": {slow{}, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Millisecond)
		}, OutcomeError, OutcomeError, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := counts{}
				s := Measure(c.store, got)
				call := func(do func(ctx context.Context) error) {
					ctx := t.Context()
					if c.ctx != nil {
						var cancel context.CancelFunc
						ctx, cancel = c.ctx(ctx)
						defer cancel()
					}
					if err := do(ctx); (err == nil) != (c.want == OutcomeOK) {
						t.Errorf("error %v", err)
					}
				}
				call(func(ctx context.Context) error { _, err := s.Manifest(ctx, testRef, ""); return err })
				call(func(ctx context.Context) error { _, err := s.Original(ctx, testRef); return err })
				call(func(ctx context.Context) error {
					page, err := s.List(ctx, "cats", "next", 1)
					if page.Next != "next" {
						t.Errorf("page %+v", page)
					}
					return err
				})
				call(func(ctx context.Context) error { return s.Remove(ctx, testRef) })
				want := counts{opManifest + " " + c.less: c.took, opOriginal + " " + c.less: c.took, opList + " " + c.want: c.took, opRemove + " " + c.want: c.took}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
				if !slices.Contains(Outcomes, c.want) || !slices.Contains(Outcomes, c.less) || len(Operations) != len(want) {
					t.Errorf("outcomes %v, operations %v", Outcomes, Operations)
				}
			})
		})
	}
}
