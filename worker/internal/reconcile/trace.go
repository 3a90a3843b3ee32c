package reconcile

import (
	"context"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/photo"
)

type deliveryKey struct{}

// WithDelivery returns a context for the work on a message. Spans describe its delivery.
func WithDelivery(ctx context.Context, d Delivery) context.Context {
	return context.WithValue(ctx, deliveryKey{}, d)
}

// Attributes of spans beside those that the semantic conventions of messaging name:
// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
const (
	attrBoard    = attribute.Key("darkroom.board")
	attrID       = attribute.Key("darkroom.id")
	attrState    = attribute.Key("darkroom.state")   // an Outcome, or the reason why there is none
	attrReason   = attribute.Key("darkroom.reason")  // when rejected
	attrDamaged  = attribute.Key("darkroom.damaged") // when ready, and the file is damaged
	attrReceives = attribute.Key("darkroom.receives")
)

// outcomeReplaced is the state of a span whose original was replaced by one with another trace.
const outcomeReplaced = "replaced"

// spans records the work on one photo. The spans belong to the trace in which the original was uploaded, which is known
// once the original is opened. Work that never opens it has no spans. The trace gets two spans side by side:
//
//   - "queue wait", from the event to the receive of its message. If the event has no time, it starts when the message was
//     sent;
//   - "process", from the start of the work on this photo to its outcome, with a child span for each stage. Waits that are
//     shorter than a tenth of a millisecond have none.
//
// The time that the client took lies between the end of the span that issued its token and the queue wait. It has no
// span: a worker knows when it ended, but only the client knows when it began.
//
// An original without a trace gets a trace of its own.
type spans struct {
	tracer   trace.Tracer
	ref      photo.Ref
	event    time.Time // end of the change that the event reports; zero if it is unknown
	begun    time.Time // start of the work
	delivery Delivery  // zero if there is no message
	time     *timeline
	attempt  time.Time // start of the latest attempt
	first    int       // index in the timeline of its first part
	sent     int       // number of parts that have become spans

	header  string          // traceparent of the original
	ctx     context.Context // context of span
	span    trace.Span      // nil before begin
	example string          // id of the trace, for exemplars; empty if there is none
}

func newSpans(ctx context.Context, tracer trace.Tracer, t *target) *spans {
	d, _ := ctx.Value(deliveryKey{}).(Delivery)
	return &spans{tracer: tracer, ref: t.ref, event: t.event, begun: time.Now(), delivery: d, time: &t.time}
}

// startAttempt notes that the running stage is the first of another attempt.
func (s *spans) startAttempt() { s.attempt, s.first = s.time.since, len(s.time.parts) }

// opened reports whether the original was opened, so that there are spans.
func (s *spans) opened() bool { return s.span != nil }

// begin starts the span "process" in the trace of an original's traceparent. If it has already started, it goes on,
// unless the original has another trace: then it ends where the latest attempt begins, which is the first in the other
// trace.
func (s *spans) begin(traceparent string) {
	if s.span != nil {
		if traceparent == s.header {
			return
		}
		s.endAt(outcomeReplaced, nil, s.attempt, s.first)
		s.begun = s.attempt
	}
	s.header = traceparent
	uploaded := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": traceparent})
	about := []attribute.KeyValue{attrBoard.String(string(s.ref.Board)), attrID.String(string(s.ref.ID))}
	system := semconv.MessagingSystemKey.String(s.delivery.System)
	if s.delivery.Queue != "" {
		about = append(about, system, semconv.MessagingOperationTypeProcess, semconv.MessagingOperationName("process"),
			semconv.MessagingDestinationName(s.delivery.Queue), semconv.MessagingMessageID(s.delivery.ID), attrReceives.Int(s.delivery.Receives))
	}
	s.ctx, s.span = s.tracer.Start(uploaded, "process", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(s.begun), trace.WithAttributes(about...))

	s.example = ""
	remote := trace.SpanContextFromContext(uploaded).IsValid()
	if sc := trace.SpanContextFromContext(s.ctx); remote || sc.IsSampled() {
		s.example = sc.TraceID().String()
	}
	if !remote {
		uploaded = s.ctx // so the wait is not in a trace of its own
	}
	since := s.event
	if since.IsZero() {
		since = s.delivery.Sent
	}
	if until := s.delivery.Received; !since.IsZero() && !until.IsZero() {
		if since.After(until) { // the clock of the store may be ahead of ours
			since = until
		}
		_, wait := s.tracer.Start(uploaded, "queue wait", trace.WithTimestamp(since),
			trace.WithAttributes(system, semconv.MessagingDestinationName(s.delivery.Queue), semconv.MessagingMessageID(s.delivery.ID)))
		wait.End(trace.WithTimestamp(until))
	}
}

// rejected records why there are no variants. That is an outcome and not an error.
func (s *spans) rejected(reason photo.Reason) {
	s.span.SetAttributes(attrReason.String(string(reason)))
}

// damaged records that the variants are those of a damaged file.
func (s *spans) damaged() { s.span.SetAttributes(attrDamaged.Bool(true)) }

// shortestWait is the shortest wait that has a span.
const shortestWait = 100 * time.Microsecond

// end ends the span "process" if it has started, and adds the spans of its stages, of which none is running any more.
func (s *spans) end(state string, err error) { s.endAt(state, err, s.time.since, len(s.time.parts)) }

// endAt ends the span "process" at a time, with the stages before an index of the timeline.
func (s *spans) endAt(state string, err error, at time.Time, until int) {
	if s.span == nil {
		return
	}
	for _, p := range s.time.parts[s.sent:until] {
		if strings.HasPrefix(p.stage, "wait_") && p.to.Sub(p.from) < shortestWait {
			continue
		}
		_, span := s.tracer.Start(s.ctx, p.stage, trace.WithTimestamp(p.from))
		span.End(trace.WithTimestamp(p.to))
	}
	s.sent = until
	s.span.SetAttributes(attrState.String(state))
	if err != nil {
		s.span.RecordError(err)
		s.span.SetStatus(codes.Error, err.Error())
	}
	s.span.End(trace.WithTimestamp(at))
	s.span = nil
}
