package photos

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

// shelve stores an original and, about it, a manifest of this size or a little more.
func (m *memoryS3) shelve(t *testing.T, ref photo.Ref, bytes int) {
	t.Helper()
	m.objects["/photos-up/"+ref.Key()] = "photo"
	manifest := &photo.Manifest{Version: photo.ManifestVersion, Board: ref.Board, ID: ref.ID, State: photo.Rejected, Reason: photo.ReasonCorrupt,
		Source: photo.Source{Bytes: 5, ETag: etagOf("photo")}, Recipe: strings.Repeat("r", bytes)}
	text, err := manifest.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	m.objects["/photos-var/"+ref.ManifestKey()] = string(text)
}

// requests counts the requests since the last call, by method. A list is a LIST.
func (m *memoryS3) requests() map[string]int {
	n := map[string]int{}
	for _, r := range m.asked {
		method, path, _ := strings.Cut(r, " ")
		if method == "GET" && path == "/photos-up" {
			method = "LIST"
		}
		n[method]++
	}
	m.asked = nil
	return n
}

// everyone accepts every caller, and signs nothing.
type everyone struct{ api.Signer }

func (everyone) Authenticate(context.Context, string) (api.Caller, error) {
	return api.Caller{Subject: "ann", Boards: []string{"cats"}}, nil
}

// open asks the API for a page of board cats, and returns how many of its photos have an outcome.
func (c *Cache) open(t *testing.T, limit int) (outcomes int, next string) {
	t.Helper()
	h, err := api.New(api.Config{MaxBytes: 1 << 20, MaxPixels: 1 << 20}, everyone{}, everyone{}, c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("%s?limit=%d", contract.UploadsPath("cats"), limit), nil)
	req.Header.Set("Authorization", "Bearer x")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	var page contract.Page
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	for _, up := range page.Uploads {
		if up.State == photo.Rejected {
			outcomes++
		}
	}
	return outcomes, page.Next
}

// TestRequestsOfABoard counts what it takes to open a board of 10,000 photos.
func TestRequestsOfABoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryS3()
		for i := range 10_000 {
			m.shelve(t, photo.Ref{Board: "cats", ID: photo.ID(fmt.Sprintf("%032x", i))}, 1)
		}
		c := NewCache(m.store(t))
		const page = 20
		replaced := photo.Ref{Board: "cats", ID: photo.ID(fmt.Sprintf("%032x", 7))}
		for _, step := range []struct {
			name string
			do   func()
			want map[string]int
		}{
			{"the first page", func() {}, map[string]int{"LIST": 1, "GET": page}},
			{"again", func() {}, map[string]int{"LIST": 1}},
			{"almost a minute later", func() { time.Sleep(Fresh - time.Second) }, map[string]int{"LIST": 1}},
			{"after a minute", func() { time.Sleep(time.Second) }, map[string]int{"LIST": 1, "GET": page}},
			{"again after that", func() {}, map[string]int{"LIST": 1}},
			{"an original was replaced", func() { m.objects["/photos-up/"+replaced.Key()] = "another photo" }, map[string]int{"LIST": 1, "GET": 1}},
		} {
			step.do()
			outcomes, next := c.open(t, page)
			if got := m.requests(); outcomes != page || next == "" || !maps.Equal(got, step.want) {
				t.Errorf("%s: %d outcomes with %v, want %v", step.name, outcomes, got, step.want)
			}
		}
		m.shelve(t, replaced, 1)
		c.open(t, page)
		m.requests()
		if err := c.Remove(t.Context(), replaced); err != nil {
			t.Fatal(err)
		}
		m.requests()
		if outcomes, _ := c.open(t, page); outcomes != page {
			t.Errorf("%d outcomes beside the removed one", outcomes)
		}
		if got := m.requests(); !maps.Equal(got, map[string]int{"LIST": 1, "GET": 1}) { // one has moved up
			t.Errorf("after a removal: %v", got)
		}
	})
}

// TestCachedManifest: a manifest that is asked for by itself is always that of S3, which need not send it again.
func TestCachedManifest(t *testing.T) {
	m := newMemoryS3()
	m.shelve(t, testRef, 1)
	got := counts{}
	c := NewCache(Measure(m.store(t), got))
	path := "/photos-var/" + testRef.ManifestKey()
	for _, step := range []struct {
		name    string
		do      func()
		outcome string
		state   photo.State // empty: no manifest
		err     bool
	}{
		{"first", func() {}, OutcomeOK, photo.Rejected, false},
		{"again", func() {}, OutcomeUnchanged, photo.Rejected, false},
		{"rendered again", func() { m.shelve(t, testRef, 20) }, OutcomeOK, photo.Rejected, false},
		{"S3 fails", func() { m.fault = faults(map[string]string{"GET " + path: "503"}) }, OutcomeError, "", true},
		{"S3 is back", func() { m.fault = nil }, OutcomeUnchanged, photo.Rejected, false},
		{"it cannot be used", func() { m.objects[path] = "{" }, OutcomeUnusable, "", true},
		{"removed by a user", func() { m.objects[path] = tombstone(t) }, OutcomeOK, photo.Removed, false},
		{"still", func() {}, OutcomeUnchanged, photo.Removed, false},
		{"gone", func() { delete(m.objects, path) }, OutcomeNotFound, "", false},
		{"still gone", func() {}, OutcomeNotFound, "", false},
	} {
		step.do()
		clear(got)
		manifest, err := c.Manifest(t.Context(), testRef, nil)
		state := photo.State("")
		if manifest != nil {
			state = manifest.State
		}
		if _, ok := got[opManifest+" "+step.outcome]; !ok || len(got) != 1 || state != step.state || (err != nil) != step.err {
			t.Errorf("%s: %s, %v, %v", step.name, state, err, got)
		}
	}
	if c.bytes != 0 || len(c.entries) != 0 || c.order.Len() != 0 {
		t.Errorf("the cache has %d bytes of %d manifests", c.bytes, len(c.entries))
	}
}

// TestCacheIsBounded: the manifests that were used last stay.
func TestCacheIsBounded(t *testing.T) {
	m := newMemoryS3()
	ids := make([]photo.ID, 8)
	for i := range ids {
		ids[i] = photo.ID(fmt.Sprintf("%032x", i))
		m.shelve(t, photo.Ref{Board: "cats", ID: ids[i]}, 10_000)
	}
	c := NewCache(m.store(t))
	c.limit = 4 * 11_000
	use := func(id photo.ID) { c.Manifest(t.Context(), photo.Ref{Board: "cats", ID: id}, nil) }
	for _, id := range ids {
		use(ids[0])
		use(id)
		if c.bytes > c.limit {
			t.Fatalf("%d bytes in the cache, want at most %d", c.bytes, c.limit)
		}
	}
	for _, id := range []photo.ID{ids[0], ids[5], ids[6], ids[7]} {
		if _, ok := c.entries[photo.Ref{Board: "cats", ID: id}]; !ok || len(c.entries) != 4 {
			t.Errorf("%s is not among the %d manifests that are kept", id, len(c.entries))
		}
	}
	c.limit = 100 // less than one takes
	use(ids[1])
	if len(c.entries) != 0 || c.bytes != 0 {
		t.Errorf("%d manifests of %d bytes", len(c.entries), c.bytes)
	}
}

// TestCacheConcurrently uses one cache from many goroutines, while manifests change.
func TestCacheConcurrently(t *testing.T) {
	m := newMemoryS3()
	for i := range 20 {
		m.shelve(t, photo.Ref{Board: "cats", ID: photo.ID(fmt.Sprintf("%032x", i))}, 1000)
	}
	c := NewCache(m.store(t))
	c.limit = 10 * 2000
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for range 20 {
				c.open(t, 20)
				if err := c.Remove(t.Context(), photo.Ref{Board: "dogs", ID: photo.ID(fmt.Sprintf("%032x", n))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if c.bytes > c.limit || len(c.entries) != c.order.Len() {
		t.Errorf("%d bytes of %d manifests", c.bytes, len(c.entries))
	}
}
