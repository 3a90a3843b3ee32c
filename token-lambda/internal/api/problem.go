package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"darkroom/token-lambda/contract"
)

// problem is a problem document as an error: what the client gets, and what only the log says.
type problem struct {
	slug     contract.Slug
	status   int // the status of the type, except where nobody reads the answer
	detail   string
	limit    int64    // bytes
	allowed  []string // accepted values
	policies []string // exceeded quotas
	uploads  []fault
	header   map[string]string // sent with the document
	cause    error             // for the log
}

// fault is the problem of one upload of a batch.
type fault struct {
	index int
	*problem
}

func newProblem(slug contract.Slug, detail string) *problem {
	t, _ := contract.FindProblemType(slug)
	return &problem{slug: slug, status: t.Status, detail: detail}
}

// document returns the document that the client gets. base is the URL in front of the paths of this API.
func (p *problem) document(base, requestID string) contract.Problem {
	t, _ := contract.FindProblemType(p.slug)
	doc := contract.Problem{Type: base + p.slug.Path(), Title: t.Title, Status: p.status, Detail: p.detail,
		RequestID: requestID, Limit: p.limit, Allowed: p.allowed, Policies: p.policies}
	for _, f := range p.uploads {
		one := f.document(base, "")
		doc.Uploads = append(doc.Uploads, contract.Fault{Index: f.index, Type: one.Type, Title: one.Title, Detail: one.Detail, Limit: one.Limit, Allowed: one.Allowed})
	}
	return doc
}

// Error implements error: handlers return problems.
func (p *problem) Error() string {
	s := fmt.Sprintf("%d %s: %s", p.status, p.slug, p.detail)
	if p.cause != nil {
		s += ": " + p.cause.Error()
	}
	return s
}

func (p *problem) Unwrap() error { return p.cause }

// because sets the cause, for the log.
func (p *problem) because(err error) *problem {
	p.cause = err
	return p
}

func (p *problem) setHeader(name, value string) *problem {
	if p.header == nil {
		p.header = make(map[string]string)
	}
	p.header[name] = value
	return p
}

// challenge sets the WWW-Authenticate header of RFC 6750, section 3, leaving out empty parameters. The answer to a
// request without a token has no error code.
func (p *problem) challenge(code, description, scope string) *problem {
	v := `Bearer realm="darkroom"`
	if code != "" {
		v += `, error="` + code + `"`
	}
	if description != "" {
		v += `, error_description="` + description + `"`
	}
	if scope != "" {
		v += `, scope="` + scope + `"`
	}
	return p.setHeader("WWW-Authenticate", v)
}

func (p *problem) retryAfter(d time.Duration) *problem {
	return p.setHeader("Retry-After", strconv.Itoa(wholeSeconds(d)))
}

// wholeSeconds rounds a time up to seconds, at least 1.
func wholeSeconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// outageRetry is when a client should try again while storage is unavailable.
const outageRetry = 2 * time.Second

var errNoSuchPath = newProblem(contract.ProblemNotFound, "There is nothing at this path: /openapi.json lists the paths.")

// fail answers r with err if it is a problem, and otherwise with a problem that says no more than the client may know.
// The log gets err.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	var outage *OutageError
	switch ctxErr := r.Context().Err(); {
	case errors.As(err, &p):
	case errors.Is(ctxErr, context.Canceled):
		// The client has gone and will not read this. In the log it must not count as a failure of the API.
		p = newProblem(contract.ProblemTimeout, "The client closed the request.").because(err)
		p.status = statusClientClosed
	case errors.As(err, &outage):
		p = newProblem(contract.ProblemStorageUnavailable, "Storage is not available at the moment. Try again.").
			retryAfter(outageRetry).because(err)
	case errors.Is(ctxErr, context.DeadlineExceeded):
		p = newProblem(contract.ProblemTimeout, "The request took too long. Try again.").
			retryAfter(time.Second).because(err)
	default:
		p = newProblem(contract.ProblemInternal, contract.InternalDetail).because(err)
	}
	rec := recordOf(r.Context())
	rec.problem = p
	h := w.Header()
	for name, value := range p.header {
		h.Set(name, value)
	}
	h.Set("Content-Type", contract.ProblemContentType)
	w.WriteHeader(p.status)
	json.NewEncoder(w).Encode(p.document(a.baseURL(r), rec.requestID)) // an error here means that the client has gone
}

// statusClientClosed is the status that the log gives a request whose client went away first. It is nginx's.
const statusClientClosed = 499

// writeJSON answers with v as JSON. If it returns an error, it has written nothing.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	writeBody(w, status, b)
	return nil
}

// writeBody answers with JSON text.
func writeBody(w http.ResponseWriter, status int, b []byte) {
	w.Header().Set("Content-Type", contract.ContentType)
	w.WriteHeader(status)
	w.Write(b) // an error here means that the client has gone
}

func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // presigned URLs are full of ampersands, and people copy them
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return buf.Bytes(), nil
}
