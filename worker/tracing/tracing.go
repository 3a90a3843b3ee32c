// Package tracing is how every program of Darkroom tells what it did, as OpenTelemetry traces sent with OTLP over HTTP.
//
// It is off until an endpoint is given, and then nothing is made, kept or sent. The other OTEL_* variables of
// OpenTelemetry's own mean what they mean everywhere: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
// OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_TIMEOUT, OTEL_BSP_* and so on
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
//
// Spans are kept in a queue of bounded length and sent in batches. A collector that is away costs spans and nothing
// else: what ends a span never waits, and after a failure spans are dropped for a while before the next try.
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
	Endpoint       string `name:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"Collector that traces are sent to, with OTLP over HTTP; /v1/traces is added. Other OTEL_* variables mean what OpenTelemetry says. Default: none, and nothing is traced."`
	TracesEndpoint string `hidden:"" name:"otel-exporter-otlp-traces-endpoint" env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" placeholder:"URL" help:"The same, to which nothing is added."`
	Disabled       bool   `hidden:"" name:"otel-sdk-disabled" env:"OTEL_SDK_DISABLED" help:"Trace nothing all the same."`
}

// Config is what a program says of itself.
type Config struct {
	Program string // the service's name, unless OTEL_SERVICE_NAME says another
	// Impatient is for a program that waits for what [Tracing.Flush] sends: a request that failed is not sent again.
	Impatient bool
	Log       *slog.Logger
}

// Tracing makes a program's spans.
type Tracing struct {
	provider *sdktrace.TracerProvider // nil when off
	tracer   trace.Tracer
}

// Start returns tracing as the flags say. It sends nothing. The error tells of an endpoint that is no URL.
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
	// The SDK tells of what it cannot do, such as a sampler that it does not know, through a global alone.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { c.Log.Warn("tracing", "error", err) }))
	out, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("export of traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName(c.Program), semconv.ServiceVersion(process.Version(c.Program))),
		resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil { // what can be told is told
		c.Log.Warn("tracing", "error", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(about), sdktrace.WithBatcher(&exporter{SpanExporter: out, log: c.Log}))
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

// Tracer makes spans. When tracing is off they are none, and a span that came with the context is passed on.
func (t *Tracing) Tracer() trace.Tracer { return t.tracer }

// Flush sends what has ended, until ctx ends. What cannot be sent is in the log.
func (t *Tracing) Flush(ctx context.Context) {
	if t.provider != nil {
		_ = t.provider.ForceFlush(ctx) // its error is the end of ctx: all others stay with the exporter
	}
}

// Stop is Flush, and the end of it: spans that end later are dropped.
func (t *Tracing) Stop(ctx context.Context) {
	if t.provider != nil {
		_ = t.provider.Shutdown(ctx) // likewise
	}
}
