// Package tracing sends OpenTelemetry traces of every program of Darkroom, with OTLP over HTTP.
//
// It is off until an endpoint is set: no span is created, kept or sent. The other OTEL_* variables of OpenTelemetry
// have their usual meaning: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
// OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_TIMEOUT, OTEL_BSP_* and so on
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
//
// Spans wait in a queue of bounded length and are sent in batches. If the collector is down, spans are dropped and
// nothing else happens: ending a span never blocks, and after a failure spans are dropped for a while before the next
// attempt.
package tracing

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"darkroom/worker/process"
	"darkroom/worker/settings"
)

// Flags are a program's tracing options. Embed them into its command line structure.
type Flags struct {
	Endpoint       string `name:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"Collector to send traces to, with OTLP over HTTP; /v1/traces is appended. The other OTEL_* variables of OpenTelemetry work too. Default: none, tracing is off."`
	TracesEndpoint string `hidden:"" name:"otel-exporter-otlp-traces-endpoint" env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" placeholder:"URL" help:"Collector to send traces to; nothing is appended."`
	Disabled       bool   `hidden:"" name:"otel-sdk-disabled" env:"OTEL_SDK_DISABLED" help:"Turn tracing off although an endpoint is set."`
}

// Config describes the program that is traced.
type Config struct {
	Program  string // service name, unless OTEL_SERVICE_NAME sets another
	Instance string // service.instance.id: see [process.Instance]
	// Impatient is for a program that waits for [Tracing.Flush]: a request that failed is not retried.
	Impatient bool
	Log       *slog.Logger
}

// Tracing creates a program's spans.
type Tracing struct {
	provider *sdktrace.TracerProvider // nil when off
	tracer   trace.Tracer
}

// Start sets tracing up by the flags. It sends nothing. It returns an error if the endpoint is not a URL.
func (f Flags) Start(ctx context.Context, c Config) (*Tracing, error) {
	target, err := f.target()
	if err != nil {
		return nil, err
	}
	if target == "" {
		return &Tracing{tracer: noop.NewTracerProvider().Tracer("")}, nil
	}
	options := []otlptracehttp.Option{otlptracehttp.WithEndpointURL(target)}
	if c.Impatient {
		options = append(options, otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}))
	}
	// The SDK reports errors, such as an unknown sampler, only through a global handler.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { c.Log.Warn("tracing error", "error", err) }))
	out, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("export of traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName(c.Program), semconv.ServiceVersion(process.ThisBuild().Version),
			semconv.ServiceInstanceID(c.Instance)),
		resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil { // the resource has the remaining attributes
		c.Log.Warn("cannot read all attributes for traces", "error", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(about),
		sdktrace.WithBatcher(&exporter{SpanExporter: out, log: c.Log}))
	return &Tracing{provider: provider, tracer: provider.Tracer("darkroom/" + c.Program)}, nil
}

// Validate reports an endpoint that is not a URL.
func (f Flags) Validate() error {
	_, err := f.target()
	return err
}

// target returns the URL that traces are sent to, or "" if tracing is off.
func (f Flags) target() (string, error) {
	target, setting := f.TracesEndpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	if target == "" {
		target, setting = f.Endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT"
	}
	if f.Disabled || target == "" {
		return "", nil
	}
	u, err := settings.HTTPURL(target)
	if err != nil {
		return "", settings.Named(setting, err)
	}
	if f.TracesEndpoint == "" {
		u = u.JoinPath("v1", "traces")
	}
	return u.String(), nil
}

// Tracer returns the tracer. When tracing is off, its spans record nothing and pass the context's own span on.
func (t *Tracing) Tracer() trace.Tracer { return t.tracer }

// Flush sends the spans that have ended, until ctx ends. A failure is logged.
func (t *Tracing) Flush(ctx context.Context) {
	if t.provider != nil {
		_ = t.provider.ForceFlush(ctx) // its only error is the end of ctx: the exporter handles the others
	}
}

// Stop flushes and turns tracing off: spans that end later are dropped.
func (t *Tracing) Stop(ctx context.Context) {
	if t.provider != nil {
		_ = t.provider.Shutdown(ctx) // its only error is the end of ctx too
	}
}
