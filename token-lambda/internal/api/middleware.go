package api

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"darkroom/token-lambda/contract"
)

// ServeHTTP answers r. It gives the request an id, a span and the headers common to all answers, and logs and
// measures it afterwards. If a handler panics, ServeHTTP logs the stack and answers 500. It passes http.ErrAbortHandler
// on, and also panics with it if a handler panics after the header was sent: only a broken connection can then tell the
// client that the answer is incomplete.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	rec := &record{requestID: requestIDOf(r)}
	traced, span := a.beginSpan(r, start)
	r = r.WithContext(context.WithValue(traced, recordKey{}, rec))
	rw := &statusRecorder{ResponseWriter: w}
	h := w.Header()
	h.Set(contract.RequestIDHeader, rec.requestID)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	a.allowOrigin(h, r)

	defer func() {
		p := recover()
		if p != nil && p != http.ErrAbortHandler {
			rec.panicked, rec.stack = p, debug.Stack()
			if rw.status == 0 {
				a.fail(rw, r, fmt.Errorf("panic: %v", p))
				p = nil
			}
		}
		took := time.Since(start)
		r = span.decide(a, r, rec, rw.status)
		a.logRequest(r, rec, rw.status, took)
		a.measure(r, rec, rw.status, took)
		span.end(r, rec, rw.status)
		if p != nil {
			panic(http.ErrAbortHandler)
		}
	}()
	a.route(rw, r)
}

// route passes r to the handler of its path. A path that the ServeMux would redirect to its clean form is not found:
// behind a gateway that adds a prefix the redirect would miss, and no client of this API sends such a path.
func (a *API) route(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	if p == "" || p[0] != '/' || p != clean || p+"/" == contract.ProblemsPath {
		a.fail(w, r, errNoSuchPath)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// handlerFunc answers a request, or returns an error without having written: it sends a *problem as it is and turns any
// other error into one.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// methods are the handlers of one path by method. The ServeMux's own method patterns would answer 405 in plain text.
type methods map[string]handlerFunc

// allow returns the value of the Allow header.
func (m methods) allow() string {
	allow := []string{http.MethodOptions}
	for method := range m {
		allow = append(allow, method)
		if method == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	slices.Sort(allow)
	return strings.Join(allow, ", ")
}

// handle registers the handlers of one path. They get as much time as the request may take: see [API.timeLimit].
func (a *API) handle(pattern string, m methods) {
	allow := m.allow()
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet // the server drops the body
		}
		h, ok := m[method]
		switch {
		case ok:
			ctx, cancel := context.WithTimeout(r.Context(), a.timeLimit(r))
			defer cancel()
			r = r.WithContext(ctx)
			if err := h(w, r); err != nil {
				a.fail(w, r, err)
			}
		case method == http.MethodOptions:
			a.preflight(w, r, allow)
		default:
			w.Header().Set("Allow", allow)
			a.fail(w, r, newProblem(contract.ProblemMethodNotAllowed, "This path allows "+allow+"."))
		}
	})
}

// timeLimit returns the longest that r may take.
func (a *API) timeLimit(r *http.Request) time.Duration {
	if a.wantsStream(r) {
		return streamLimit
	}
	wait, _, _ := a.requestedWait(r) // the handler reports the error
	return a.cfg.Timeout + wait
}

// statusRecorder remembers the status that is sent.
type statusRecorder struct {
	http.ResponseWriter
	status int // 0 until the header is written
}

// Unwrap returns the writer that [http.ResponseController] controls.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusRecorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusRecorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}
