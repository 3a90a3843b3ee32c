package faults

import (
	"encoding/json"
	"maps"
	"net/http"
	"sync"

	"darkroom/worker/process"
)

// CountsPath is where a handler answers a GET with its [Counts] as JSON. No bucket may be named so.
const CountsPath = "/_faults"

// Counts are what a handler did so far.
type Counts struct {
	// Requests are those that came, by operation: of S3 the method and the bucket, of SQS the name of the operation.
	Requests map[string]int `json:"requests"`
	// Injected are the requests that were made to fail.
	Injected map[Kind]int `json:"injected"`
	// Objects are what came to each object of S3, by bucket/key.
	Objects map[string]Object `json:"objects,omitempty"`
}

// Object is what came to one object of S3.
type Object struct {
	Stored   int `json:"stored"`   // PUTs that S3 took, also those whose answer was lost
	Lost     int `json:"lost"`     // those of them whose answer was lost
	Injected int `json:"injected"` // requests of any method that were made to fail
}

// tally is Counts for several goroutines.
type tally struct {
	mu     sync.Mutex
	counts Counts
}

func newTally() *tally {
	return &tally{counts: Counts{Requests: map[string]int{}, Injected: map[Kind]int{}, Objects: map[string]Object{}}}
}

func (t *tally) request(operation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Requests[operation]++
}

// injected counts a fault. The object is "" where the request named none.
func (t *tally) injected(k Kind, object string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Injected[k]++
	if object != "" {
		o := t.counts.Objects[object]
		o.Injected++
		if k == Lost {
			o.Lost++
		}
		t.counts.Objects[object] = o
	}
}

func (t *tally) stored(object string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.counts.Objects[object]
	o.Stored++
	t.counts.Objects[object] = o
}

// beside serves the counts, leaves health to the server itself, and all else to the one with faults. It is no ServeMux,
// which redirects a path with two slashes in a row: to S3 that is a key.
func (t *tally) beside(faulty, server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && r.URL.Path == CountsPath:
			t.serve(w)
		case r.URL.Path == process.HealthPath:
			server.ServeHTTP(w, r)
		default:
			faulty.ServeHTTP(w, r)
		}
	})
}

func (t *tally) serve(w http.ResponseWriter) {
	t.mu.Lock()
	c := Counts{maps.Clone(t.counts.Requests), maps.Clone(t.counts.Injected), maps.Clone(t.counts.Objects)}
	t.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(c)
}
