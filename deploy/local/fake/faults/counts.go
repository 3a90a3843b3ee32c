package faults

import (
	"encoding/json"
	"maps"
	"net/http"
	"sync"

	"darkroom/worker/process"
)

// CountsPath is the path at which a handler serves its [Counts] as JSON, and accepts a [Refusal]. No bucket may have
// this name.
const CountsPath = "/_faults"

// Counts say what a handler did so far.
type Counts struct {
	// Requests counts requests by operation: for S3 the method and the bucket, for SQS the operation's name.
	Requests map[string]int `json:"requests"`
	// Injected counts faults by kind.
	Injected map[Kind]int `json:"injected"`
	// Lost counts lost answers of SQS by operation. A client repeats the request, and a batch is then sent twice.
	Lost map[string]int `json:"lost,omitempty"`
	// Objects counts what happened to each object of S3, by bucket/key.
	Objects map[string]Object `json:"objects,omitempty"`
}

// Object says what happened to one object of S3.
type Object struct {
	Stored   int `json:"stored"`   // PUTs that S3 stored, including those whose answer was lost
	Lost     int `json:"lost"`     // requests that S3 carried out but whose answer was lost
	Injected int `json:"injected"` // faults, for requests of any method
}

// tally collects Counts from several goroutines.
type tally struct {
	mu     sync.Mutex
	counts Counts
}

func newTally() *tally {
	return &tally{counts: Counts{Requests: map[string]int{}, Injected: map[Kind]int{}, Lost: map[string]int{},
		Objects: map[string]Object{}}}
}

func (t *tally) countRequest(operation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Requests[operation]++
}

// countFault counts a fault. object is "" if the request names none.
func (t *tally) countFault(k Kind, object string) {
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

// countLost counts a lost answer of SQS.
func (t *tally) countLost(operation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Injected[Lost]++
	t.counts.Lost[operation]++
}

func (t *tally) countStored(object string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.counts.Objects[object]
	o.Stored++
	t.counts.Objects[object] = o
}

// handler serves the counts, accepts refusals, passes health checks to server and everything else to faulty. It is not
// a ServeMux, which redirects a path with two slashes in a row: in S3 such a path is a key.
func (t *tally) handler(faulty, server http.Handler, refuses *refusal) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && r.URL.Path == CountsPath:
			t.serve(w)
		case r.Method == http.MethodPut && r.URL.Path == CountsPath:
			refuses.change(w, r)
		case r.URL.Path == process.HealthPath:
			server.ServeHTTP(w, r)
		default:
			faulty.ServeHTTP(w, r)
		}
	})
}

func (t *tally) serve(w http.ResponseWriter) {
	t.mu.Lock()
	c := Counts{maps.Clone(t.counts.Requests), maps.Clone(t.counts.Injected), maps.Clone(t.counts.Lost),
		maps.Clone(t.counts.Objects)}
	t.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(c)
}
