package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Metrics counts what the API does.
type Metrics interface {
	// Request is told of each request once it is answered. It must not block, and is safe for concurrent use.
	Request(Measured)
}

// Measured is what is counted of one request.
type Measured struct {
	Route   string // one of Routes
	Status  int    // HTTP's, or 499 when the client went away first; 0 when the connection was broken off
	Took    time.Duration
	Issued  int    // upload tokens
	Refused string // one of Reasons; empty when the answer is no problem
}

// Routes other than a method and a path.
const (
	routePreflight = "OPTIONS"
	routeOther     = "other" // no such path, or not with this method
	// waiting is added to the path of a request that is held back until there is news: how long that takes says nothing
	// of this API.
	waiting = "?wait"
)

// Routes lists every route that is told apart in metrics.
var Routes = []string{
	"POST /boards/{board}/uploads", "GET /boards/{board}/uploads",
	"GET /boards/{board}/uploads/{id}", "GET /boards/{board}/uploads/{id}" + waiting, "DELETE /boards/{board}/uploads/{id}",
	"GET /openapi.json", "GET " + HealthPath, routePreflight, routeOther,
}

// Classes lists every class of a status.
var Classes = []string{"2xx", "3xx", "4xx", "5xx", classNone}

const classNone = "none" // the connection was broken off

// Class is the class of the status, one of Classes.
func (m Measured) Class() string {
	if m.Status < 200 {
		return classNone
	}
	return strconv.Itoa(m.Status/100) + "xx"
}

// types are the problems of this API.
var types = []string{
	TypeRequestInvalid, TypeFormNotAllowed, TypeRequestTooLarge, TypeTypeNotAllowed, TypeLengthInvalid, TypeUploadTooLarge,
	TypeDigestInvalid, TypeDigestRequired, TypeNameInvalid, TypeQueryInvalid, TypeBatchInvalid, TypeTokenMissing,
	TypeTokenInvalid, TypeBoardForbidden, TypeScopeMissing, TypeNotFound, TypeMethodNotAllowed, TypeInternal,
	TypeAuthUnavailable, TypeTimeout,
}

// Reasons lists every reason for which a request is refused: the last part of a problem's type.
func Reasons() []string {
	reasons := make([]string, len(types))
	for i, t := range types {
		reasons[i] = reasonOf(t)
	}
	return reasons
}

func reasonOf(problemType string) string {
	return problemType[strings.LastIndexByte(problemType, ':')+1:]
}

// measure tells the metrics of a request.
func (a *API) measure(r *http.Request, rec *record, status int, took time.Duration) {
	m := Measured{Route: routeOf(r), Status: status, Took: took}
	if status == http.StatusCreated { // nothing else is created here
		m.Issued = max(1, rec.uploads)
	}
	if rec.problem != nil {
		m.Refused = reasonOf(rec.problem.Type)
	}
	a.cfg.Metrics.Request(m)
}

func routeOf(r *http.Request) string {
	method := r.Method
	switch {
	case method == http.MethodHead:
		method = http.MethodGet
	case method == http.MethodOptions && r.Pattern != "/":
		return routePreflight
	}
	route := method + " " + r.Pattern
	if r.URL.Query().Has("wait") && slices.Contains(Routes, route+waiting) {
		route += waiting
	}
	if !slices.Contains(Routes, route) {
		return routeOther
	}
	return route
}

// unmeasured is the Metrics where none are given.
type unmeasured struct{}

func (unmeasured) Request(Measured) {}
