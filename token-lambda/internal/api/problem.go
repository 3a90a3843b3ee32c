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
)

// The types of the problem documents. They are stable: a client may switch on them.
const (
	TypeRequestInvalid   = "urn:darkroom:problem:request-invalid"    // 400: the body is not the JSON that is wanted
	TypeFormNotAllowed   = "urn:darkroom:problem:form-not-allowed"   // 400: this API hands out no forms
	TypeRequestTooLarge  = "urn:darkroom:problem:request-too-large"  // 413: the body is more than limit bytes
	TypeTypeNotAllowed   = "urn:darkroom:problem:type-not-allowed"   // 400: contentType is none of allowed
	TypeLengthInvalid    = "urn:darkroom:problem:length-invalid"     // 400: contentLength is missing or not above 0
	TypeUploadTooLarge   = "urn:darkroom:problem:upload-too-large"   // 413: contentLength is more than limit bytes
	TypeDigestInvalid    = "urn:darkroom:problem:digest-invalid"     // 400: sha256 is not base64 of 32 bytes
	TypeDigestRequired   = "urn:darkroom:problem:digest-required"    // 400: sha256 is missing, and this API demands it
	TypeNameInvalid      = "urn:darkroom:problem:name-invalid"       // 400: no board or no id can have this name
	TypeQueryInvalid     = "urn:darkroom:problem:query-invalid"      // 400: a parameter behind the question mark
	TypeBatchInvalid     = "urn:darkroom:problem:batch-invalid"      // 400: none was signed, since those in uploads cannot be
	TypeTokenMissing     = "urn:darkroom:problem:token-missing"      // 401
	TypeTokenInvalid     = "urn:darkroom:problem:token-invalid"      // 401: expired, forged, for another service
	TypeBoardForbidden   = "urn:darkroom:problem:board-forbidden"    // 403: the token is not good for this board
	TypeScopeMissing     = "urn:darkroom:problem:scope-missing"      // 403: the token was not granted the scope that is needed
	TypeNotFound         = "urn:darkroom:problem:not-found"          // 404: no such path
	TypeMethodNotAllowed = "urn:darkroom:problem:method-not-allowed" // 405: see Allow
	TypeInternal         = "urn:darkroom:problem:internal"           // 500: the log has more under the request id
	TypeAuthUnavailable  = "urn:darkroom:problem:auth-unavailable"   // 503: see Retry-After
	TypeTimeout          = "urn:darkroom:problem:timeout"            // 503: the request took too long
)

// Problem is a problem document, RFC 9457.
type Problem struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`  // the words of the status
	Status    int      `json:"status"` // the HTTP status
	Detail    string   `json:"detail,omitempty"`
	RequestID string   `json:"requestId,omitempty"` // to find the request in the log
	Limit     int64    `json:"limit,omitempty"`     // bytes, where something is too large
	Allowed   []string `json:"allowed,omitempty"`   // where something is none of these
	Uploads   []fault  `json:"uploads,omitempty"`   // where some of a batch are at fault

	header map[string]string // to send with the document
	cause  error             // for the log
}

// fault is what is wrong with one upload of a batch, as the problem would say it for that upload alone.
type fault struct {
	Index   int      `json:"index"` // in the batch, from 0
	Type    string   `json:"type"`
	Detail  string   `json:"detail"`
	Limit   int64    `json:"limit,omitempty"`
	Allowed []string `json:"allowed,omitempty"`
}

func newProblem(status int, typ, detail string) *Problem {
	return &Problem{Type: typ, Title: http.StatusText(status), Status: status, Detail: detail}
}

// Error makes a Problem the error that a handler returns.
func (p *Problem) Error() string {
	s := fmt.Sprintf("%d %s: %s", p.Status, p.Type, p.Detail)
	if p.cause != nil {
		s += ": " + p.cause.Error()
	}
	return s
}

func (p *Problem) Unwrap() error { return p.cause }

func (p *Problem) because(err error) *Problem {
	p.cause = err
	return p
}

func (p *Problem) with(name, value string) *Problem {
	if p.header == nil {
		p.header = make(map[string]string)
	}
	p.header[name] = value
	return p
}

// challenge adds the WWW-Authenticate header of RFC 6750, section 3, with what is not empty. A request without a token
// gets no error code.
func (p *Problem) challenge(code, description, scope string) *Problem {
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
	return p.with("WWW-Authenticate", v)
}

func (p *Problem) retryAfter(d time.Duration) *Problem {
	return p.with("Retry-After", strconv.Itoa(max(1, int(math.Ceil(d.Seconds())))))
}

var errNoSuchPath = newProblem(http.StatusNotFound, TypeNotFound, "There is nothing at this path.")

// fail answers r with the problem that err is or means, and leaves err for the log.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	switch ctxErr := r.Context().Err(); {
	case errors.As(err, &p):
	case errors.Is(ctxErr, context.Canceled):
		// The client has gone and will not read this; in the log it is not a failure of ours.
		p = newProblem(statusClientClosed, TypeTimeout, "The request was given up.").because(err)
	case errors.Is(ctxErr, context.DeadlineExceeded):
		p = newProblem(http.StatusServiceUnavailable, TypeTimeout, "The request took too long. Try again.").
			retryAfter(time.Second).because(err)
	default:
		p = newProblem(http.StatusInternalServerError, TypeInternal, "Something went wrong here. The request id names it in the log.").because(err)
	}
	rec := recordOf(r.Context())
	rec.problem = p
	h := w.Header()
	for name, value := range p.header {
		h.Set(name, value)
	}
	doc := *p // errNoSuchPath is shared
	doc.RequestID = rec.requestID
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(&doc) // an error here means that the client has gone
}

// statusClientClosed is the status that a request gets in the log when its client went away first, after nginx.
const statusClientClosed = 499

// writeJSON answers with v as JSON. It fails before anything is written, or not at all.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(b) // an error here means that the client has gone
	return nil
}

func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // a presigned URL is full of ampersands, and people copy it
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return buf.Bytes(), nil
}
