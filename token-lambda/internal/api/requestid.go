package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"

	"darkroom/token-lambda/contract"
)

type requestIDKey struct{}

// WithRequestID returns a context that carries id as the request's id, which overrides the client's X-Request-Id. The
// platform that delivers a request calls it, so that its log and ours use the same id.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// requestIDPattern keeps a client's id short and printable in our log.
var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9._:=+/-]{1,128}$`)

// requestIDOf returns the id from [WithRequestID], or the client's, or a new one.
func requestIDOf(r *http.Request) string {
	if id, ok := r.Context().Value(requestIDKey{}).(string); ok && id != "" {
		return id
	}
	if id := r.Header.Get(contract.RequestIDHeader); requestIDPattern.MatchString(id) {
		return id
	}
	return rand.Text()
}

// LogHandler returns a handler that adds the request's id to every record logged with the request's context. Packages
// that do not know which request they serve log through it.
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
