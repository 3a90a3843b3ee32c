package photos

import (
	"context"
	"errors"
	"time"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

// Operations are the operations of a store, one for each method of [api.Store].
var Operations = []string{opManifest, opOriginal, opList, opRemove}

const (
	opManifest = "read_manifest"
	opOriginal = "head_original"
	opList     = "list_originals"
	opRemove   = "remove_photo" // all requests of a removal
)

// Outcomes are the outcomes of an operation. Only OutcomeError is a failure of S3.
var Outcomes = []string{OutcomeOK, OutcomeNotFound, OutcomeUnusable, OutcomeCancelled, OutcomeError}

const (
	OutcomeOK        = "ok"
	OutcomeNotFound  = "not-found" // there is no manifest or no original
	OutcomeUnusable  = "unusable"  // there is a manifest, but it cannot be used
	OutcomeCancelled = "cancelled" // the caller no longer needs the answer
	OutcomeError     = "error"
)

// Metrics counts the operations of a store.
type Metrics interface {
	// StoreOperation is called after each operation, with one of Operations and one of Outcomes. It must not block, and it
	// is safe for concurrent use.
	StoreOperation(operation, outcome string, took time.Duration)
}

// Measure returns a store that performs every operation on next and reports it to m.
func Measure(next api.Store, m Metrics) api.Store { return &measured{next, m} }

type measured struct {
	next    api.Store
	metrics Metrics
}

// observe reports an operation that began at start. found is whether what it looked for exists.
func (s *measured) observe(ctx context.Context, operation string, start time.Time, found bool, err error) {
	outcome := OutcomeOK
	switch {
	case err != nil && (errors.Is(err, context.Canceled) || errors.Is(ctx.Err(), context.Canceled)):
		outcome = OutcomeCancelled
	case errors.Is(err, photo.ErrManifest):
		outcome = OutcomeUnusable
	case err != nil:
		outcome = OutcomeError
	case !found:
		outcome = OutcomeNotFound
	}
	s.metrics.StoreOperation(operation, outcome, time.Since(start))
}

// Manifest implements [api.Store].
func (s *measured) Manifest(ctx context.Context, ref photo.Ref) (*photo.Manifest, error) {
	start := time.Now()
	m, err := s.next.Manifest(ctx, ref)
	s.observe(ctx, opManifest, start, m != nil, err)
	return m, err
}

// HasOriginal implements [api.Store].
func (s *measured) HasOriginal(ctx context.Context, ref photo.Ref) (bool, error) {
	start := time.Now()
	arrived, err := s.next.HasOriginal(ctx, ref)
	s.observe(ctx, opOriginal, start, arrived, err)
	return arrived, err
}

// List implements [api.Store].
func (s *measured) List(ctx context.Context, board photo.Board, cursor string, limit int) (api.Page, error) {
	start := time.Now()
	page, err := s.next.List(ctx, board, cursor, limit)
	s.observe(ctx, opList, start, true, err)
	return page, err
}

// Remove implements [api.Store].
func (s *measured) Remove(ctx context.Context, ref photo.Ref) error {
	start := time.Now()
	err := s.next.Remove(ctx, ref)
	s.observe(ctx, opRemove, start, true, err)
	return err
}
