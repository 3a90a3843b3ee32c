package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"darkroom/token-lambda/contract"
)

// Metrics counts requests.
type Metrics interface {
	// Request is called once for each request, after its answer. It must not block, and it is safe for concurrent use.
	Request(Measured)
}

// Measured describes one request.
type Measured struct {
	Route   string // one of Routes
	Status  int    // HTTP status; 499 if the client went away first, 0 if the connection was broken off
	Took    time.Duration
	Issued  int    // upload tokens issued
	Bytes   int64  // sizes of the photos that these tokens are for, in sum
	Refused string // one of Reasons; empty if the answer is no problem document

	Quota    string   // one of QuotaOutcomes; empty if no quota applies
	Exceeded []string // policies that the request exceeds, of QuotaPolicies

	UnusableManifests int // photos answered as processing because their manifest cannot be used
}

// Routes other than a method and a path.
const (
	routePreflight = "OPTIONS"
	routeOther     = "other" // unknown path, or a method that the path does not allow
	// waiting is appended to the route of a request that waits for news. Its latency says nothing about the API.
	waiting = "?" + contract.WaitParameter
)

// Routes lists every route in metrics.
var Routes = []string{
	"POST " + contract.UploadsPattern, "POST " + contract.BatchPattern, "GET " + contract.UploadsPattern,
	"GET " + contract.UploadPattern, "GET " + contract.UploadPattern + waiting, "DELETE " + contract.UploadPattern,
	"GET " + contract.ErasurePattern, "GET " + contract.ErasureKeysPath,
	"GET " + contract.OutcomePattern, "GET " + contract.OutcomePattern + waiting, "GET " + contract.OutcomesPattern, "GET " + contract.OutcomesPattern + waiting,
	"GET " + contract.ProblemsPath, "GET " + contract.ProblemPattern, "GET " + contract.OpenAPIPath, "GET " + HealthPath, routePreflight, routeOther,
}

// Classes lists every class of status in metrics.
var Classes = []string{"2xx", "3xx", "4xx", "5xx", classNone}

const classNone = "none" // the connection was broken off

// Class returns the class of the status, one of Classes.
func (m Measured) Class() string {
	if m.Status < 200 {
		return classNone
	}
	return strconv.Itoa(m.Status/100) + "xx"
}

// Reasons returns every reason to refuse a request: the slug of each type of problem.
func Reasons() []string {
	reasons := make([]string, len(contract.ProblemTypes))
	for i, t := range contract.ProblemTypes {
		reasons[i] = string(t.Slug)
	}
	return reasons
}

// measure reports the request to the metrics.
func (a *API) measure(r *http.Request, rec *record, status int, took time.Duration) {
	m := Measured{Route: a.routeOf(r), Status: status, Took: took, Quota: rec.quota, Exceeded: rec.exceeded, UnusableManifests: rec.unusable}
	if status == http.StatusCreated { // else the client has no token
		m.Issued, m.Bytes = rec.uploads, rec.bytes
	}
	if rec.problem != nil {
		m.Refused = string(rec.problem.slug)
	}
	a.cfg.Metrics.Request(m)
}

// routeOf returns the route of r, one of Routes.
func (a *API) routeOf(r *http.Request) string {
	method := r.Method
	switch {
	case method == http.MethodHead:
		method = http.MethodGet
	case method == http.MethodOptions && r.Pattern != "/":
		return routePreflight
	}
	route := method + " " + r.Pattern
	if wait, _, err := a.requestedWait(r); wait > 0 || err != nil || a.wantsStream(r) {
		route += waiting
	}
	if !slices.Contains(Routes, route) {
		return routeOther
	}
	return route
}

// noMetrics counts nothing.
type noMetrics struct{}

func (noMetrics) Request(Measured) {}
