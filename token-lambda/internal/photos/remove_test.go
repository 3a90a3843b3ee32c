package photos

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
	"darkroom/worker/removal"
)

const (
	manifestPath = "/photos-var/0/cats/0123456789abcdef0123456789abcdef/manifest.json"
	originalPath = "/photos-up/cats/0123456789abcdef0123456789abcdef"
)

// faults answers the nth request of a method to a path with the nth word of a list, such as "409 412": its status. A
// dash is no fault.
func faults(lists map[string]string) func(*http.Request) (int, string) {
	var mu sync.Mutex
	left := map[string][]string{}
	for request, list := range lists {
		left[request] = strings.Fields(list)
	}
	codes := map[string]string{"archived": "InvalidObjectState", "409": "ConditionalRequestConflict", "412": "PreconditionFailed", "404": "NoSuchKey", "403": "AccessDenied",
		"no-bucket": "NoSuchBucket", "503": "SlowDown"}
	statuses := map[string]int{"archived": 403, "409": 409, "412": 412, "404": 404, "403": 403, "no-bucket": 404, "503": 503}
	return func(r *http.Request) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		request := r.Method + " " + r.URL.Path
		if len(left[request]) == 0 {
			return 0, ""
		}
		word := left[request][0]
		left[request] = left[request][1:]
		return statuses[word], codes[word]
	}
}

func tombstone(t *testing.T) string {
	t.Helper()
	b, err := photo.Tombstone(testRef, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)).MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestRemove(t *testing.T) {
	const beside, newerManifest = "GET " + manifestPath + ".absent", `{"version": 2, "board": "cats", "id": "0123456789abcdef0123456789abcdef", "state": "lost"}`
	const get, put, head, remove = "GET " + manifestPath, "PUT " + manifestPath, "HEAD " + originalPath, "DELETE " + originalPath
	_, manifest := testManifest(t)
	for name, c := range map[string]struct {
		manifest string // "": none
		original bool
		faults   map[string]string
		asked    []string
		err      string
		outage   bool
	}{
		"no manifest":            {original: true, asked: []string{get, head, put, remove}},
		"a manifest":             {manifest: string(manifest), original: true, asked: []string{get, head, put, remove}},
		"an empty manifest":      {manifest: " ", original: true, asked: []string{get, head, put, remove}},
		"a manifest of nonsense": {manifest: "{]", asked: []string{get, head, put, remove}},
		"a manifest of another":  {manifest: strings.Replace(string(manifest), "0123", "9999", 1), asked: []string{get, head, put, remove}},
		"a manifest too large":   {manifest: strings.Repeat(" ", photo.MaxManifestBytes+1), asked: []string{get, head, put, remove}},
		"a newer manifest":       {manifest: newerManifest, original: true, asked: []string{get, head, put, remove}},
		"an archived manifest":   {manifest: string(manifest), faults: map[string]string{get: "archived"}, asked: []string{get, head, put, remove}},
		"a refused manifest":     {manifest: string(manifest), faults: map[string]string{get: "403"}, asked: []string{get, beside, head, put, remove}},
		"may not read":           {faults: map[string]string{get: "403", beside: "403"}, asked: []string{get, beside}, err: "s3:ListBucket"},
		"removed already":        {manifest: tombstone(t), asked: []string{get, head}},
		"removed in part":        {manifest: tombstone(t), original: true, asked: []string{get, head, remove}},
		"a worker is faster":     {faults: map[string]string{put: "412"}, asked: []string{get, head, put, get, put, remove}},
		"a worker removes it":    {manifest: string(manifest), faults: map[string]string{put: "404"}, asked: []string{get, head, put, get, put, remove}},
		"a worker is writing":    {faults: map[string]string{put: "409 409 412"}, asked: []string{get, head, put, get, put, get, put, get, put, remove}},
		"always another": {faults: map[string]string{put: strings.Repeat("409 412 ", removal.Tries)},
			asked: slices.Insert(slices.Repeat([]string{get, put}, removal.Tries), 1, head), err: "in a row", outage: true},
		"no bucket of variants": {faults: map[string]string{put: "no-bucket"}, asked: []string{get, head, put}, err: "NoSuchBucket"},
		"may not write":         {faults: map[string]string{put: "403"}, asked: []string{get, head, put}, err: "s3:PutObjectTagging"},
		"may not remove":        {faults: map[string]string{remove: "403"}, asked: []string{get, head, put, remove}, err: "s3:DeleteObject"},
		"read is throttled":     {faults: map[string]string{get: "503"}, asked: []string{get}, err: "SlowDown", outage: true},
		"write is throttled":    {faults: map[string]string{put: "503"}, asked: []string{get, head, put}, err: "SlowDown", outage: true},
		"removal is throttled":  {faults: map[string]string{remove: "503"}, asked: []string{get, head, put, remove}, err: "SlowDown", outage: true},
		"last look is throttled": {manifest: tombstone(t), faults: map[string]string{head: "503"},
			asked: []string{get, head}, err: "503", outage: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryS3()
				m.fault = faults(c.faults)
				if c.manifest != "" {
					m.objects[manifestPath] = c.manifest
				}
				if c.original {
					m.objects[originalPath] = "photo"
				}
				err := m.store(t).Remove(t.Context(), testRef)
				var outage *api.OutageError
				if (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) || errors.As(err, &outage) != c.outage {
					t.Errorf("error %v, want %q", err, c.err)
				}
				if !slices.Equal(m.asked, c.asked) {
					t.Errorf("asked %q, want %q", m.asked, c.asked)
				}
				if c.err == "" {
					m.wantRemoved(t)
				}
			})
		})
	}
}

// wantRemoved checks that the original is gone, and that the manifest says removed.
func (m *memoryS3) wantRemoved(t *testing.T) {
	t.Helper()
	got, err := photo.ParseManifest(testRef, []byte(m.objects[manifestPath]))
	if err != nil || got.State != photo.Removed {
		t.Errorf("manifest %s, %v", m.objects[manifestPath], err)
	}
	if tag := m.tags[manifestPath]; tag != "darkroom=removed" && slices.Contains(m.asked, "PUT "+manifestPath) {
		t.Errorf("manifest with the tag %q", tag)
	}
	if _, ok := m.objects[originalPath]; ok {
		t.Error("the original is still there")
	}
}

// TestRemoveAtOnce removes one photo thirty times at the same time. S3 answers most of the writes with 409 or 412.
func TestRemoveAtOnce(t *testing.T) {
	_, manifest := testManifest(t)
	for name, before := range map[string]string{"without a manifest": "", "with a manifest": string(manifest)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryS3()
				m.took = 30 * time.Millisecond
				m.objects[originalPath] = "photo"
				if before != "" {
					m.objects[manifestPath] = before
				}
				s := m.store(t)
				var all sync.WaitGroup
				for range 30 {
					all.Go(func() {
						if err := s.Remove(t.Context(), testRef); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				m.wantRemoved(t)
				puts := 0
				for _, request := range m.asked {
					if request == "PUT "+manifestPath {
						puts++
					}
				}
				if puts < 30 {
					t.Errorf("%d writes: the removals did not race", puts)
				}
			})
		})
	}
}
