package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/photo"
)

// record gathers what the log will say about one request. The goroutine that serves the request owns it.
type record struct {
	requestID string
	board     photo.Board // once known to be a valid name
	id        photo.ID    // likewise
	uploads   int         // of a batch that was signed
	problem   *Problem
	panicked  any
	stack     []byte
}

type (
	recordKey    struct{}
	requestIDKey struct{}
)

// recordOf returns the record of the request whose context this is. Every request has one: see [API.ServeHTTP].
func recordOf(ctx context.Context) *record { return ctx.Value(recordKey{}).(*record) }

// WithRequestID returns a context that makes id the id of the request it belongs to, in place of the client's
// X-Request-Id. The platform that delivers a request calls it, so that its log and ours speak of the same id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// LogHandler returns a handler that adds the request's id to records that come with its context, for those parts that
// do not know that they work for a request.
func LogHandler(h slog.Handler) slog.Handler { return requestLog{h} }

type requestLog struct{ slog.Handler }

func (h requestLog) Handle(ctx context.Context, r slog.Record) error {
	id, _ := ctx.Value(requestIDKey{}).(string)
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		id = rec.requestID
	}
	if id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attrs)}
}

func (h requestLog) WithGroup(name string) slog.Handler { return requestLog{h.Handler.WithGroup(name)} }

// requestIDPattern keeps what a client may put into our log short and printable.
var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._:=+/-]{1,128}$`)

// requestIDOf returns the id from [WithRequestID], else the client's, else a new one.
func requestIDOf(r *http.Request) string {
	if id, ok := r.Context().Value(requestIDKey{}).(string); ok && id != "" {
		return id
	}
	if id := r.Header.Get("X-Request-Id"); requestIDPattern.MatchString(id) {
		return id
	}
	return rand.Text()
}

// recorder notes the status that is sent.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the header is written
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// ServeHTTP answers r, whatever becomes of its handler: a panic is logged with its stack and answered with 500.
// http.ErrAbortHandler is passed on, and so is a panic that comes after the header was sent, for only breaking the
// connection off can then tell the client that the answer is not whole.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	rec := &record{requestID: requestIDOf(r)}
	wait, _ := waitOf(r) // what is wrong with it, its handler says
	traced, span := a.serverSpan(r)
	ctx, cancel := context.WithTimeout(context.WithValue(traced, recordKey{}, rec), a.cfg.Timeout+wait)
	defer cancel()
	r = r.WithContext(ctx)
	rw := &recorder{ResponseWriter: w}
	h := w.Header()
	h.Set("X-Request-Id", rec.requestID)
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
		a.access(r, rec, rw.status, took)
		a.measure(r, rec, rw.status, took)
		endSpan(span, r, rec, rw.status)
		if p != nil {
			panic(http.ErrAbortHandler)
		}
	}()
	a.route(rw, r)
}

// access writes the one record of a request. Its route is the pattern, not the path: a path is the client's text.
func (a *API) access(r *http.Request, rec *record, status int, took time.Duration) {
	level := slog.LevelInfo
	if r.Pattern == HealthPath {
		level = slog.LevelDebug // asked every few seconds
	}
	attrs := []slog.Attr{
		slog.String("request_id", rec.requestID),
		slog.String("method", loggedMethod(r.Method)),
		slog.String("route", r.Pattern),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
	}
	if t := trace.SpanContextFromContext(r.Context()).TraceID(); t.IsValid() {
		attrs = append(attrs, slog.String("trace_id", t.String()))
	}
	if rec.board != "" {
		attrs = append(attrs, slog.String("board", string(rec.board)))
	}
	if rec.id != "" {
		attrs = append(attrs, slog.String("id", string(rec.id)))
	}
	if rec.uploads != 0 {
		attrs = append(attrs, slog.Int("uploads", rec.uploads))
	}
	if p := rec.problem; p != nil {
		attrs = append(attrs, slog.String("problem", p.Type))
		if p.cause != nil {
			attrs = append(attrs, slog.String("error", p.cause.Error()))
		}
	}
	if status >= 500 || rec.panicked != nil {
		level = slog.LevelError
	}
	if rec.panicked != nil {
		attrs = append(attrs, slog.String("panic", fmt.Sprint(rec.panicked)), slog.String("stack", string(rec.stack)))
	}
	a.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// loggedMethod is the method if it is one that a client of this API may have reason to send.
func loggedMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
