package reconcile_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// purges records the purges that were requested.
type purges struct {
	asked []photo.Ref
	fail  error
}

func (p *purges) RequestPurge(_ context.Context, ref photo.Ref) error {
	p.asked = append(p.asked, ref)
	return p.fail
}

// newVersionedWorld returns a world of two buckets with versioning in which a photo was rendered, replaced, rendered
// again and then removed by its owner, through an API that deletes the original as well.
func newVersionedWorld(t *testing.T, cfg reconcile.Config) *world {
	t.Helper()
	w := newWorld(t, cfg)
	w.uploads.Versioned, w.variants.Versioned = true, true
	for _, body := range []string{"first", "second!"} {
		w.uploads.Upload(w.ref.Key(), []byte(body), nil)
		w.reconcile(t, reconcile.Rendered)
	}
	if err := w.uploads.Delete(t.Context(), []string{w.ref.Key()}); err != nil {
		t.Fatal(err)
	}
	if !w.bury(t, w.manifestETag(t)) {
		t.Fatal("the manifest has another ETag")
	}
	return w
}

// checkErased checks that nothing but the current tombstone is left, in any version, and that its record is finished.
func (w *world) checkErased(t *testing.T) *photo.Erasure {
	t.Helper()
	if left := w.uploads.Versions(""); len(left) != 0 {
		t.Errorf("left in the uploads bucket: %+v", left)
	}
	if left := w.variants.Versions(""); len(left) != 1 || left[0].Key != w.ref.ManifestKey() || !left[0].Latest {
		t.Errorf("left in the variants bucket: %+v, want the tombstone alone", left)
	}
	m := w.manifest(t)
	if !m.Erased() || m.Erasure.ListedAt.After(m.Erasure.ErasedAt) {
		t.Fatalf("the record of the erasure is not finished: %+v", m.Erasure)
	}
	if tags, want := w.variants.Tags(w.ref.ManifestKey()), photo.TagName+"="+photo.TagRemoved; tags != want {
		t.Errorf("the tombstone has the tags %q, want %q: it would never expire", tags, want)
	}
	return m.Erasure
}

// bytesByBucket returns the sorted sizes of the recorded objects of a bucket.
func bytesByBucket(e *photo.Erasure, bucket string) (sizes []int64) {
	for _, o := range e.Objects {
		if o.Bucket == bucket && !strings.HasSuffix(o.Key, photo.ManifestName) {
			sizes = append(sizes, o.Bytes)
		}
	}
	slices.Sort(sizes)
	return sizes
}

func TestEveryVersionIsErased(t *testing.T) {
	w := newVersionedWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key()+"0", []byte("another photo whose key begins alike"), nil)
	w.reconcile(t, reconcile.Removed)
	if len(w.uploads.Versions(w.ref.Key()+"0")) != 1 {
		t.Error("another original is gone")
	}
	if err := w.uploads.DeleteVersions(t.Context(), w.uploads.Versions(w.ref.Key()+"0")); err != nil {
		t.Fatal(err)
	}
	e := w.checkErased(t)
	// The engine renders variants of "large of " and "small of " and the original.
	if got, want := bytesByBucket(e, photo.UploadsBucket), []int64{5, 7}; !slices.Equal(got, want) {
		t.Errorf("originals of %v bytes are recorded, want %v", got, want)
	}
	if got, want := bytesByBucket(e, photo.VariantsBucket), []int64{14, 14, 16, 16}; !slices.Equal(got, want) {
		t.Errorf("variants of %v bytes are recorded, want %v", got, want)
	}
	manifests := 0
	for _, o := range e.Objects {
		if o.ETag == "" || o.VersionID == "" {
			t.Errorf("%+v has no ETag or version", o)
		}
		if o.Key == w.ref.ManifestKey() {
			manifests++
		}
	}
	if manifests != 2 {
		t.Errorf("%d manifests are recorded, want the two of the renderings", manifests)
	}
	if e.Purge != nil {
		t.Errorf("a purge without a CDN: %+v", e.Purge)
	}
	w.reconcile(t, reconcile.Unchanged)
	w.checkErased(t)
}

// TestRequestsOfAnErasure counts the requests of a removal. worker/README.md has their price.
func TestRequestsOfAnErasure(t *testing.T) {
	type counts = map[string]int
	check := func(t *testing.T, w *world, what string, uploads, variants counts) {
		t.Helper()
		if up, va := w.uploads.Requests(), w.variants.Requests(); !maps.Equal(up, uploads) || !maps.Equal(va, variants) {
			t.Errorf("%s: %v and %v, want %v and %v", what, up, va, uploads, variants)
		}
	}
	removal := func(w *world) string {
		return formatEvent("ObjectRemoved:Delete", "uploads", w.ref.Key(), time.Time{})
	}
	t.Run("with versions", func(t *testing.T) {
		w := newVersionedWorld(t, reconcile.Config{})
		w.uploads.Requests()
		w.variants.Requests()
		w.reconcile(t, reconcile.Removed)
		check(t, w, "an erasure", counts{"list versions": 1, "delete versions": 1}, counts{"get": 2, "list versions": 1, "put": 2, "delete versions": 2})
		w.reconcile(t, reconcile.Unchanged)
		check(t, w, "another event", counts{"list versions": 1}, counts{"get": 1, "list versions": 1})
		if err := w.Message(t.Context(), removal(w)); err != nil {
			t.Fatal(err)
		}
		check(t, w, "the event of a deleted version", counts{}, counts{"get": 1})
	})
	t.Run("without versions", func(t *testing.T) {
		w := newWorld(t, reconcile.Config{})
		w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
		w.reconcile(t, reconcile.Rendered)
		w.uploads.Delete(t.Context(), []string{w.ref.Key()})
		w.bury(t, w.manifestETag(t))
		w.uploads.Requests()
		w.variants.Requests()
		w.reconcile(t, reconcile.Removed)
		check(t, w, "an erasure", counts{"list versions": 1}, counts{"get": 2, "list versions": 1, "put": 2, "delete versions": 1})
	})
	t.Run("of nothing", func(t *testing.T) {
		w := newWorld(t, reconcile.Config{})
		w.bury(t, "")
		w.variants.Requests()
		w.reconcile(t, reconcile.Removed)
		check(t, w, "an erasure", counts{"list versions": 1}, counts{"get": 1, "list versions": 1, "put": 1})
		w.checkErased(t)
	})
}

// TestInterruptedErasureIsContinued ends an erasure at each of its operations. The next one completes it, and the
// record is complete.
func TestInterruptedErasureIsContinued(t *testing.T) {
	killed := errors.New("killed")
	for n := 1; ; n++ {
		p := &purges{}
		w := newVersionedWorld(t, reconcile.Config{Purges: p})
		left := n
		countDown := func(context.Context, string, string) error {
			if left--; left == 0 {
				return killed
			}
			return nil
		}
		w.uploads.Before, w.variants.Before = countDown, countDown
		_, err := w.Reconcile(t.Context(), w.ref)
		if err == nil {
			if n < 10 {
				t.Errorf("an erasure takes %d operations", n-1)
			}
			return
		}
		if !errors.Is(err, killed) {
			t.Fatalf("operation %d: %v", n, err)
		}
		w.uploads.Before, w.variants.Before = nil, nil
		if m := w.manifest(t); m.Erased() {
			left := slices.DeleteFunc(w.variants.Versions(""), func(v store.Version) bool { return v.Key == w.ref.ManifestKey() })
			if left = append(left, w.uploads.Versions("")...); len(left) > 0 {
				t.Errorf("operation %d: the record is finished, and there is %+v", n, left)
			}
		}
		if err := w.Redelivered(t.Context(), event(w.ref.Key())); err != nil {
			t.Fatal(err)
		}
		e := w.checkErased(t)
		if originals, variants := bytesByBucket(e, photo.UploadsBucket), bytesByBucket(e, photo.VariantsBucket); len(originals) != 2 || len(variants) != 4 || e.Omitted != 0 {
			t.Errorf("operation %d: recorded originals of %v bytes and variants of %v", n, originals, variants)
		}
		if len(p.asked) == 0 || e.Purge == nil {
			t.Errorf("operation %d: %d purges requested, recorded %+v", n, len(p.asked), e.Purge)
		}
	}
}

// TestRefusedErasureIsNotRecorded: if a lock or a missing permission prevents an erasure, the record does not say that
// it is finished.
func TestRefusedErasureIsNotRecorded(t *testing.T) {
	p := &purges{}
	for bucket := range 2 {
		w := newVersionedWorld(t, reconcile.Config{Purges: p})
		locked := []interface {
			DeleteVersions(context.Context, []store.Version) error
		}{w.uploads, w.variants}[bucket]
		refuse := func(_ context.Context, op, _ string) error {
			if op == "delete versions" {
				return store.ErrRefused
			}
			return nil
		}
		if locked == w.uploads {
			w.uploads.Before = refuse
		} else {
			w.variants.Before = refuse
		}
		if _, err := w.Reconcile(t.Context(), w.ref); !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), w.ref.Key()) {
			t.Errorf("error %v, want ErrRefused and the key", err)
		}
		if m := w.manifest(t); m.Erased() || m.Erasure == nil || len(m.Erasure.Objects) == 0 || len(p.asked) > 0 {
			t.Errorf("record %+v, %d purges", m.Erasure, len(p.asked))
		}
	}
}

func TestPurgeIsRequested(t *testing.T) {
	p := &purges{}
	w := newVersionedWorld(t, reconcile.Config{Purges: p})
	p.fail = errors.New("the queue is down")
	if _, err := w.Reconcile(t.Context(), w.ref); !errors.Is(err, p.fail) {
		t.Errorf("got %v", err)
	}
	if w.manifest(t).Erased() {
		t.Error("a photo counts as erased, and nothing will purge its copies")
	}
	p.asked, p.fail = nil, nil
	w.reconcile(t, reconcile.Removed)
	if e := w.checkErased(t); len(p.asked) != 1 || p.asked[0] != w.ref || e.Purge == nil || e.Purge.RequestedAt.IsZero() || !e.Purge.PurgedAt.IsZero() {
		t.Errorf("asked %v, recorded %+v", p.asked, e.Purge)
	}
	w.reconcile(t, reconcile.Unchanged)
	w.uploads.Upload(w.ref.Key(), []byte("with an old token"), nil)
	w.reconcile(t, reconcile.Removed)
	if e := w.checkErased(t); len(p.asked) != 1 || len(bytesByBucket(e, photo.UploadsBucket)) != 3 {
		t.Errorf("an original that arrives later: %d purges, recorded %v", len(p.asked), bytesByBucket(e, photo.UploadsBucket))
	}
	w.variants.Upload(w.ref.VariantKey("large", "00", photo.JPEG), []byte("of a worker that was frozen"), nil)
	w.reconcile(t, reconcile.Removed)
	if e := w.checkErased(t); len(p.asked) != 2 || len(bytesByBucket(e, photo.VariantsBucket)) != 5 {
		t.Errorf("a variant that appears later: %d purges, recorded %v", len(p.asked), bytesByBucket(e, photo.VariantsBucket))
	}
	cut := w.manifest(t)
	cut.Erasure.Purge = nil // an attempt without a CDN requests none
	text, err := cut.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	w.variants.Upload(w.ref.ManifestKey(), text, nil)
	w.reconcile(t, reconcile.Removed)
	if e := w.checkErased(t); len(p.asked) != 3 || e.Purge == nil {
		t.Errorf("with a CDN since: %d purges, %+v", len(p.asked), e.Purge)
	}
}

// TestTwoWorkersEraseOnePhoto: the one that loses the race for the record finds it finished.
func TestTwoWorkersEraseOnePhoto(t *testing.T) {
	w := newVersionedWorld(t, reconcile.Config{})
	begun := false
	w.uploads.Before = func(_ context.Context, op, _ string) error {
		if op == "delete versions" && !begun {
			begun = true
			w.reconcile(t, reconcile.Removed)
		}
		return nil
	}
	if _, err := w.Reconcile(t.Context(), w.ref); err != nil {
		t.Fatal(err)
	}
	if e := w.checkErased(t); len(bytesByBucket(e, photo.UploadsBucket)) != 2 || len(bytesByBucket(e, photo.VariantsBucket)) != 4 {
		t.Errorf("recorded %+v", e.Objects)
	}
}
