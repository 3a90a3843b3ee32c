// Package removal removes photos for good. Both the API's DELETE and the command worker erase use it.
//
// A removal writes a tombstone in place of the photo's manifest, and then deletes the original. Once the tombstone is
// there, no worker writes another manifest, whatever becomes of the rest. The event of the deletion makes a worker
// erase every version of the photo's objects and record it in the tombstone: see [photo.Erasure].
package removal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"darkroom/worker/photo"
	"darkroom/worker/wait"
)

// ErrReplaced reports that the manifest was replaced or deleted between the read and the write.
var ErrReplaced = errors.New("the manifest was replaced")

// ErrContended reports that other writers kept replacing the manifest. Another attempt may succeed.
var ErrContended = errors.New("other writers kept replacing the manifest")

const (
	// Tries is how often Remove tries to replace a manifest that others keep writing. A worker does so once or twice; of
	// several removals at once, the first wins and the others find its tombstone.
	Tries = 8
	// firstPause and lastPause are the shortest and the longest pause between two tries.
	firstPause, lastPause = 20 * time.Millisecond, 500 * time.Millisecond
)

// Stored is what the variants bucket holds as the manifest of a photo.
type Stored struct {
	Manifest *photo.Manifest // nil if there is none or it cannot be used
	ETag     string          // with its quotes; empty if there is none or it may not be read
	Exists   bool            // whether there is one, even if it cannot be used or read
}

// Store is what a removal does to the two buckets.
type Store interface {
	// Manifest returns the stored manifest. A manifest that cannot be used is no error, whichever release wrote it.
	Manifest(ctx context.Context, ref photo.Ref) (Stored, error)
	// Original describes the original, or returns nil if there is none.
	Original(ctx context.Context, ref photo.Ref) (*photo.Source, error)
	// Bury writes this text as the tombstone, with the tag of removed photos, if the stored manifest is still as it was.
	// If it is not, the error wraps [ErrReplaced].
	Bury(ctx context.Context, ref photo.Ref, text []byte, before Stored) error
	// DeleteOriginal deletes the original, if there is one.
	DeleteOriginal(ctx context.Context, ref photo.Ref) error
}

// Remove removes a photo. The tombstone notes what the manifest and the bucket say about its objects. Remove writes
// nothing if the photo is removed already, unless it has an original again. The error wraps [ErrContended] after too
// many lost races.
func Remove(ctx context.Context, s Store, ref photo.Ref) error {
	original, already, err := bury(ctx, s, ref)
	if err != nil {
		return err
	}
	if already && original == nil {
		return nil
	}
	return s.DeleteOriginal(ctx, ref)
}

// bury writes the tombstone, unless there is one already. It returns the original as it was before.
func bury(ctx context.Context, s Store, ref photo.Ref) (original *photo.Source, already bool, err error) {
	between := firstPause
	for try := range Tries {
		stored, err := s.Manifest(ctx, ref)
		if err != nil {
			return nil, false, err
		}
		if try == 0 { // the earlier removal may have been cut off before it reached the original
			if original, err = s.Original(ctx, ref); err != nil {
				return nil, false, err
			}
		}
		if m := stored.Manifest; m != nil && m.State == photo.Removed {
			return original, true, nil
		}
		text, err := tombstone(ref, stored.Manifest, original).MarshalIndented()
		if err != nil {
			return nil, false, err
		}
		if err = s.Bury(ctx, ref, text, stored); !errors.Is(err, ErrReplaced) {
			return original, false, err
		}
		// Random, to keep several removals apart.
		if err := wait.For(ctx, between/2+rand.N(between/2)); err != nil {
			return nil, false, fmt.Errorf("remove %s: %w", ref, err)
		}
		between = min(2*between, lastPause)
	}
	return nil, false, fmt.Errorf("manifest of %s: %d times in a row: %w", ref, Tries, ErrContended)
}

// tombstone returns the tombstone of a photo with this manifest and this original, either of which may be nil.
func tombstone(ref photo.Ref, m *photo.Manifest, original *photo.Source) *photo.Manifest {
	var known photo.Erasure
	if m != nil {
		known.Add(m.NamedObjects()...)
	}
	if original != nil {
		known.Add((&photo.Manifest{Board: ref.Board, ID: ref.ID, Source: *original}).NamedObjects()...)
	}
	t := photo.Tombstone(ref, time.Now())
	if len(known.Objects) > 0 {
		t.Erasure = &known
	}
	return t
}
