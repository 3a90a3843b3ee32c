package reconcile

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/photo"
)

// Delivery is what spans tell of a message, beside its body. A receipt handle is no part of it.
type Delivery struct {
	Queue    string // its name
	ID       string
	Receives int
	Sent     time.Time // zero if that is not known
	Received time.Time
}

type deliveryKey struct{}

// WithDelivery returns a context for the message that was delivered so.
func WithDelivery(ctx context.Context, d Delivery) context.Context {
	return context.WithValue(ctx, deliveryKey{}, d)
}

// What spans say beside what the semantic conventions of messaging name:
// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/.
const (
	attrBoard    = attribute.Key("darkroom.board")
	attrID       = attribute.Key("darkroom.id")
	attrState    = attribute.Key("darkroom.state")  // one of Outcomes, or why there is none
	attrReason   = attribute.Key("darkroom.reason") // when rejected
	attrReceives = attribute.Key("darkroom.receives")
)

// outcomeReplaced is the state of a span whose original was replaced by one of another trace.
const outcomeReplaced = "replaced"

// spans are those of one photo's job. They belong to the trace that its original was uploaded in, which is known once the
// original is opened: a job that does not come to that has none. Beside each other in that trace are
//
//   - "queue wait", from S3's event, or where that has no time from the sending of the message, to its receive;
//   - "process", from when this photo's turn has come to its outcome, with a span for each stage within.
//
// How long the client took is what lies between the end of the span that issued its token and the queue wait. There is no
// span of it: a worker knows when it ended, and only its client when it began.
//
// An original without a trace gets one of its own.
type spans struct {
	tracer   trace.Tracer
	ref      photo.Ref
	event    time.Time // when S3 finished the change; zero if that is not known
	begun    time.Time
	delivery Delivery // zero where the job comes of no message

	header  string
	ctx     context.Context // of the span of the job
	span    trace.Span      // nil until it has begun
	example string          // id of the trace, for exemplars; empty if there is none
}

func newSpans(ctx context.Context, tracer trace.Tracer, ref photo.Ref, event time.Time) *spans {
	d, _ := ctx.Value(deliveryKey{}).(Delivery)
	return &spans{tracer: tracer, ref: ref, event: event, begun: time.Now(), delivery: d}
}

// begin begins the span of the job, in the trace of an original's traceparent. A job that was begun again goes on with
// the span that it has, unless the original is another.
func (s *spans) begin(traceparent string) {
	if s.span != nil {
		if traceparent == s.header {
			return
		}
		s.end(outcomeReplaced, nil)
	}
	s.header = traceparent
	uploaded := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": traceparent})
	about := []attribute.KeyValue{attrBoard.String(string(s.ref.Board)), attrID.String(string(s.ref.ID))}
	if s.delivery.Queue != "" {
		about = append(about, semconv.MessagingSystemAWSSQS, semconv.MessagingOperationTypeProcess, semconv.MessagingOperationName("process"),
			semconv.MessagingDestinationName(s.delivery.Queue), semconv.MessagingMessageID(s.delivery.ID), attrReceives.Int(s.delivery.Receives))
	}
	s.ctx, s.span = s.tracer.Start(uploaded, "process", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithTimestamp(s.begun), trace.WithAttributes(about...))

	s.example = ""
	remote := trace.SpanContextFromContext(uploaded).IsValid()
	if sc := trace.SpanContextFromContext(s.ctx); remote || sc.IsSampled() {
		s.example = sc.TraceID().String()
	}
	if !remote {
		uploaded = s.ctx // else the wait would be a trace of its own
	}
	since := s.event
	if since.IsZero() {
		since = s.delivery.Sent
	}
	if until := s.delivery.Received; !since.IsZero() && !until.IsZero() {
		if since.After(until) { // S3's clock is another
			since = until
		}
		_, wait := s.tracer.Start(uploaded, "queue wait", trace.WithTimestamp(since),
			trace.WithAttributes(semconv.MessagingSystemAWSSQS, semconv.MessagingDestinationName(s.delivery.Queue), semconv.MessagingMessageID(s.delivery.ID)))
		wait.End(trace.WithTimestamp(until))
	}
}

// stage adds the span of a stage, which is over, to that of the job.
func (s *spans) stage(name string, from, to time.Time) {
	_, span := s.tracer.Start(s.ctx, name, trace.WithTimestamp(from))
	span.End(trace.WithTimestamp(to))
}

// rejected notes why there are no variants. That is no error: it is the photo's outcome.
func (s *spans) rejected(reason photo.Reason) {
	s.span.SetAttributes(attrReason.String(string(reason)))
}

// end ends the span of the job, if it has one.
func (s *spans) end(state string, err error) {
	if s.span == nil {
		return
	}
	s.span.SetAttributes(attrState.String(state))
	if err != nil {
		s.span.RecordError(err)
		s.span.SetStatus(codes.Error, err.Error())
	}
	s.span.End()
	s.span = nil
}
