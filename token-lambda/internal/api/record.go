package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/photo"
)

// record collects what the log will say about one request. Only the goroutine that serves the request uses it.
type record struct {
	requestID  string
	board      photo.Board // once it is known to be valid
	id         photo.ID    // once it is known to be valid
	uploads    int         // uploads created
	bytes      int64       // sizes of the photos that tokens were issued for, in sum
	failures   int         // failed reads of a request that waits
	failure    error       // the last of them
	unusable   int         // photos whose manifest cannot be used
	quota      string      // one of QuotaOutcomes, if quotas apply
	exceeded   []string    // policies that the request exceeds
	quotaError error       // why its photos could not be counted
	problem    *problem
	panicked   any
	stack      []byte
}

type recordKey struct{}

// recordOf returns the record of the request with this context. Every request has one: see [API.ServeHTTP].
func recordOf(ctx context.Context) *record { return ctx.Value(recordKey{}).(*record) }

// readFailed notes that a request which waits could not read the state of its photo. It ignores nil.
func (r *record) readFailed(err error) {
	if err != nil {
		r.failures++
		r.failure = err
	}
}

// onlyReads reports whether a request has a method that changes nothing.
func onlyReads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
}

// isUneventful reports whether a request only read, on a path of this API, and was neither refused nor failed. Health
// checks, preflights and polls are uneventful, also if the client went away before the answer.
func (r *record) isUneventful(req *http.Request, status int) bool {
	known := req.Pattern != "" && req.Pattern != "/"
	answered := status > 0 && status < 400 || status == statusClientClosed
	return onlyReads(req) && known && answered && r.failures == 0 && r.unusable == 0 && r.panicked == nil
}

// logRequest writes the log record of a request: at debug if it is uneventful, at info if it issued a token, removed a
// photo or was refused, at warn if a read failed in a request that waited or if photos could not be counted, and at
// error if it failed. The route is the pattern, not the path, which is the client's text.
func (a *API) logRequest(r *http.Request, rec *record, status int, took time.Duration) {
	level := slog.LevelInfo
	if rec.isUneventful(r, status) {
		level = slog.LevelDebug
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
	if rec.failures != 0 {
		level = slog.LevelWarn
		attrs = append(attrs, slog.Int("failed_reads", rec.failures))
		if rec.problem == nil {
			attrs = append(attrs, slog.String("error", rec.failure.Error()))
		}
	}
	if rec.quotaError != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("quota_error", rec.quotaError.Error()))
	}
	if p := rec.problem; p != nil {
		attrs = append(attrs, slog.String("problem", string(p.slug)))
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

// loggedMethod returns the method if a client has reason to send it, and otherwise "other".
func loggedMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
