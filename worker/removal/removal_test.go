package removal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"darkroom/worker/photo"
)

var testRef = photo.Ref{Board: "cats", ID: "0123456789abcdef0123456789abcdef"}

// memory is a Store of one photo. It loses as many races as replaced says.
type memory struct {
	stored   Stored
	original *photo.Source
	replaced int
	fail     map[string]error
	asked    []string
	text     []byte // the tombstone
}

func (m *memory) Manifest(context.Context, photo.Ref) (Stored, error) {
	m.asked = append(m.asked, "manifest")
	return m.stored, m.fail["manifest"]
}

func (m *memory) Original(context.Context, photo.Ref) (*photo.Source, error) {
	m.asked = append(m.asked, "original")
	return m.original, m.fail["original"]
}

func (m *memory) Bury(_ context.Context, _ photo.Ref, text []byte, before Stored) error {
	m.asked = append(m.asked, "bury")
	if m.replaced > 0 {
		m.replaced--
		return fmt.Errorf("412: %w", ErrReplaced)
	}
	if before != m.stored {
		return errors.New("another manifest")
	}
	m.text = text
	return m.fail["bury"]
}

func (m *memory) DeleteOriginal(context.Context, photo.Ref) error {
	m.asked = append(m.asked, "delete")
	return m.fail["delete"]
}

func TestRemove(t *testing.T) {
	down := errors.New("down")
	source := photo.Source{Bytes: 5, ETag: `"e"`, VersionID: "v1", SHA256: "ab", Owner: "ann", Labels: photo.Labels{Name: "ann.jpg"}}
	ready := &photo.Manifest{Version: 1, Board: testRef.Board, ID: testRef.ID, State: photo.Ready, Source: source,
		Variants: []photo.Variant{{Name: "large", Key: testRef.VariantKey("large", "0123456789abcdef", photo.JPEG), Bytes: 9, SHA256: "cd"}}}
	original := photo.ErasedObject{Bucket: photo.UploadsBucket, Key: testRef.Key(), VersionID: "v1", ETag: `"e"`, SHA256: "ab", Bytes: 5}
	variant := photo.ErasedObject{Bucket: photo.VariantsBucket, Key: ready.Variants[0].Key, SHA256: "cd", Bytes: 9}
	newer := original
	newer.ETag, newer.VersionID, newer.SHA256 = `"f"`, "v2", ""
	for name, c := range map[string]struct {
		memory
		asked []string
		notes []photo.ErasedObject
		err   error
	}{
		"a photo":             {memory: memory{stored: Stored{Manifest: ready, ETag: "m", Exists: true}, original: &source}, asked: []string{"manifest", "original", "bury", "delete"}, notes: []photo.ErasedObject{original, variant}},
		"a newer original":    {memory: memory{stored: Stored{Manifest: ready, ETag: "m", Exists: true}, original: &photo.Source{Bytes: 5, ETag: `"f"`, VersionID: "v2"}}, asked: []string{"manifest", "original", "bury", "delete"}, notes: []photo.ErasedObject{original, newer, variant}},
		"being rendered":      {memory: memory{original: &source}, asked: []string{"manifest", "original", "bury", "delete"}, notes: []photo.ErasedObject{original}},
		"nothing":             {asked: []string{"manifest", "original", "bury", "delete"}},
		"removed before":      {memory: memory{stored: Stored{Manifest: photo.Tombstone(testRef, time.Now()), Exists: true}}, asked: []string{"manifest", "original"}},
		"removed in part":     {memory: memory{stored: Stored{Manifest: photo.Tombstone(testRef, time.Now()), Exists: true}, original: &source}, asked: []string{"manifest", "original", "delete"}},
		"two lost races":      {memory: memory{original: &source, replaced: 2}, asked: []string{"manifest", "original", "bury", "manifest", "bury", "manifest", "bury", "delete"}, notes: []photo.ErasedObject{original}},
		"races without end":   {memory: memory{replaced: 100}, asked: slices.Insert(slices.Repeat([]string{"manifest", "bury"}, Tries), 1, "original"), err: ErrContended},
		"no manifest is read": {memory: memory{fail: map[string]error{"manifest": down}}, asked: []string{"manifest"}, err: down},
		"no original is read": {memory: memory{fail: map[string]error{"original": down}}, asked: []string{"manifest", "original"}, err: down},
		"no tombstone":        {memory: memory{fail: map[string]error{"bury": down}}, asked: []string{"manifest", "original", "bury"}, err: down},
		"no deletion":         {memory: memory{fail: map[string]error{"delete": down}}, asked: []string{"manifest", "original", "bury", "delete"}, err: down},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := Remove(t.Context(), &c.memory, testRef)
				if !errors.Is(err, c.err) || !slices.Equal(c.memory.asked, c.asked) {
					t.Errorf("%v, asked %q, want %v and %q", err, c.memory.asked, c.err, c.asked)
				}
				if c.err != nil || c.memory.text == nil {
					return
				}
				m, err := photo.ParseManifest(testRef, c.memory.text)
				if err != nil || m.State != photo.Removed {
					t.Fatalf("%s: %v", c.memory.text, err)
				}
				var notes []photo.ErasedObject
				if m.Erasure != nil {
					notes = m.Erasure.Objects
					if !m.Erasure.ListedAt.IsZero() || m.Erased() {
						t.Errorf("nothing is listed or erased yet: %+v", m.Erasure)
					}
				}
				if diff := cmp.Diff(c.notes, notes, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestRemoveEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Remove(ctx, &memory{replaced: 1}, testRef); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
