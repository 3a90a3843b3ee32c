package photos

import (
	"context"
	"errors"
	"time"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

// Operations are the operations of a store, one for each method of [Backend].
var Operations = []string{opManifest, opOriginal, opList, opRemove}

const (
	opManifest = "read_manifest"
	opOriginal = "head_original"
	opList     = "list_originals"
	opRemove   = "remove_photo" // all requests of a removal
)

// Outcomes are the outcomes of an operation. Only OutcomeError is a failure of S3.
var Outcomes = []string{OutcomeOK, OutcomeUnchanged, OutcomeNotFound, OutcomeUnusable, OutcomeCancelled, OutcomeError}

const (
	OutcomeOK        = "ok"
	OutcomeUnchanged = "unchanged" // the manifest is the one that the cache has
	OutcomeNotFound  = "not-found" // there is no manifest or no original
	OutcomeUnusable  = "unusable"  // there is a manifest, but it cannot be used
	OutcomeCancelled = "cancelled" // the caller no longer needs the answer
	OutcomeError     = "error"
)

// Metrics counts the operations of a store.
type Metrics interface {
	// StoreOperation is called after each operation, with one of Operations and one of Outcomes. It must not block, and
	// it is safe for concurrent use.
	StoreOperation(operation, outcome string, took time.Duration)
}

// Measure returns a store that performs every operation on next and reports it to m.
func Measure(next Backend, m Metrics) Backend { return &measured{next, m} }

type measured struct {
	next    Backend
	metrics Metrics
}

// observe reports an operation that began at start. The outcome is that of an operation without an error.
func (s *measured) observe(ctx context.Context, operation string, start time.Time, outcome string, err error) {
	switch {
	case err != nil && (errors.Is(err, context.Canceled) || errors.Is(ctx.Err(), context.Canceled)):
		outcome = OutcomeCancelled
	case errors.Is(err, photo.ErrManifest):
		outcome = OutcomeUnusable
	case err != nil:
		outcome = OutcomeError
	}
	s.metrics.StoreOperation(operation, outcome, time.Since(start))
}

// Manifest implements [Backend].
func (s *measured) Manifest(ctx context.Context, ref photo.Ref, known string) (StoredManifest, error) {
	start := time.Now()
	m, err := s.next.Manifest(ctx, ref, known)
	outcome := OutcomeOK
	switch {
	case m.Unchanged:
		outcome = OutcomeUnchanged
	case m.Manifest == nil:
		outcome = OutcomeNotFound
	}
	s.observe(ctx, opManifest, start, outcome, err)
	return m, err
}

// Original implements [Backend].
func (s *measured) Original(ctx context.Context, ref photo.Ref) (*photo.Source, error) {
	start := time.Now()
	original, err := s.next.Original(ctx, ref)
	outcome := OutcomeOK
	if original == nil {
		outcome = OutcomeNotFound
	}
	s.observe(ctx, opOriginal, start, outcome, err)
	return original, err
}

// List implements [Backend].
func (s *measured) List(ctx context.Context, board photo.Board, cursor string, limit int) (api.Page, error) {
	start := time.Now()
	page, err := s.next.List(ctx, board, cursor, limit)
	s.observe(ctx, opList, start, OutcomeOK, err)
	return page, err
}

// Remove implements [Backend].
func (s *measured) Remove(ctx context.Context, ref photo.Ref) error {
	start := time.Now()
	err := s.next.Remove(ctx, ref)
	s.observe(ctx, opRemove, start, OutcomeOK, err)
	return err
}
