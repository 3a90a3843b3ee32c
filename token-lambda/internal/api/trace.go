package api

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/photo"
)

// Span attributes beside those of the HTTP semantic conventions. No attribute holds a path, a URL or a token: a path is
// the client's text.
const (
	attrBoard = attribute.Key("darkroom.board")
	attrID    = attribute.Key("darkroom.id")
)

// traceContext reads and writes the header traceparent of https://www.w3.org/TR/trace-context/.
var traceContext propagation.TraceContext

// serverSpan starts the span of a request, in the client's trace if it names one, and otherwise in a new one.
func (a *API) serverSpan(r *http.Request) (context.Context, trace.Span) {
	ctx := traceContext.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	return a.cfg.Tracer.Start(ctx, spanMethod(r), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(semconv.HTTPRequestMethodKey.String(spanMethod(r))))
}

// endSpan ends the span of a request and adds what is known by then:
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server.
func endSpan(span trace.Span, r *http.Request, rec *record, status int) {
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
		span.SetAttributes(semconv.ErrorTypeKey.String(reasonOf(rec.problem.Type)))
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
