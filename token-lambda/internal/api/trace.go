package api

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/photo"
)

// Span attributes in addition to those of the HTTP semantic conventions. No attribute holds a path, a URL or a token: a
// path is the client's text.
const (
	attrBoard = attribute.Key("darkroom.board")
	attrID    = attribute.Key("darkroom.id")
)

// traceContext reads and writes the header traceparent of https://www.w3.org/TR/trace-context/.
var traceContext propagation.TraceContext

// One in readsTraced requests that only read starts a trace. A client that polls asks for each of its photos about once
// a second: if all were traced, nine traces in ten would be polls.
const readsTraced = 100

// requestSpan is the span of one request. Nothing in a request that only reads has a span of its own, so the span of
// such a request is created at its end, when it is known whether it is worth one.
type requestSpan struct {
	span  trace.Span // nil until it is created
	begun time.Time
}

// beginSpan begins the span of a request, in the client's trace if it names one, and otherwise in a new one.
func (a *API) beginSpan(r *http.Request, begun time.Time) (context.Context, requestSpan) {
	ctx := traceContext.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	if onlyReads(r) {
		return ctx, requestSpan{begun: begun}
	}
	ctx, span := a.startSpan(ctx, r, begun)
	return ctx, requestSpan{span, begun}
}

func (a *API) startSpan(ctx context.Context, r *http.Request, begun time.Time) (context.Context, trace.Span) {
	return a.cfg.Tracer.Start(ctx, spanMethod(r), trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(begun),
		trace.WithAttributes(semconv.HTTPRequestMethodKey.String(spanMethod(r))))
}

// decide creates the span of a request that only read, if it is worth one, and returns the request with its context. A
// health check never is. Any other request is worth a span if the client traces it, if it was refused or failed, or if
// it is the first of every [readsTraced].
func (s *requestSpan) decide(a *API, r *http.Request, rec *record, status int) *http.Request {
	if s.span != nil || r.Pattern == HealthPath {
		return r
	}
	sampled := r.Pattern != "/" && a.reads.Add(1)%readsTraced == 1
	if !sampled && rec.isUneventful(r, status) && !trace.SpanContextFromContext(r.Context()).IsValid() {
		return r
	}
	var ctx context.Context
	ctx, s.span = a.startSpan(r.Context(), r, s.begun)
	return r.WithContext(ctx)
}

// end ends the span of a request, if it has one, and adds what is known by then:
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server.
func (s *requestSpan) end(r *http.Request, rec *record, status int) {
	if s.span == nil {
		return
	}
	span := s.span
	defer span.End()
	if !span.IsRecording() {
		return
	}
	if r.Pattern != "" && r.Pattern != "/" {
		span.SetName(spanMethod(r) + " " + r.Pattern)
		span.SetAttributes(semconv.HTTPRoute(r.Pattern))
	}
	span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	if rec.board != "" {
		span.SetAttributes(attrBoard.String(string(rec.board)))
	}
	if rec.id != "" {
		span.SetAttributes(attrID.String(string(rec.id)))
	}
	if rec.problem != nil {
		span.SetAttributes(semconv.ErrorTypeKey.String(string(rec.problem.slug)))
	}
	if status >= 500 || rec.panicked != nil { // a bad request is no error of the server
		span.SetStatus(codes.Error, "")
	}
}

// spanMethod returns the method as the semantic conventions spell it.
func spanMethod(r *http.Request) string {
	if m := loggedMethod(r.Method); m != "other" {
		return m
	}
	return "_OTHER"
}

// issueSpan starts the span of issuing one token, which the worker's spans continue. It also returns the traceparent to
// bind into the token, which is empty if neither this API nor the client traces.
func (a *API) issueSpan(ctx context.Context, ref photo.Ref) (trace.Span, string) {
	ctx, span := a.cfg.Tracer.Start(ctx, "issue", trace.WithSpanKind(trace.SpanKindProducer))
	span.SetAttributes(attrBoard.String(string(ref.Board)), attrID.String(string(ref.ID)))
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return span, ""
	}
	carrier := propagation.MapCarrier{}
	traceContext.Inject(ctx, carrier)
	return span, carrier.Get("traceparent")
}
