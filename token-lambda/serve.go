package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/auth"
	"darkroom/token-lambda/internal/lambdahttp"
	"darkroom/token-lambda/internal/metrics"
	"darkroom/token-lambda/internal/photos"
	"darkroom/token-lambda/internal/presign"
	"darkroom/worker/photo"
	"darkroom/worker/process"
	"darkroom/worker/tracing"
)

// handler wires the API. Without metrics nothing is counted, and without a tracer nothing is traced.
func (c *serveCommand) handler(ctx context.Context, measured api.Metrics, tracer trace.Tracer, log *slog.Logger) (*api.API, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no AWS region is set: set AWS_REGION")
	}
	client := s3.NewFromConfig(cfg, pathStyle)
	public := client
	if c.S3PublicEndpoint != "" {
		if u, err := url.Parse(c.S3PublicEndpoint); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
			return nil, fmt.Errorf("public endpoint of S3 %q: want http(s)://host[:port]", c.S3PublicEndpoint)
		}
		public = s3.NewFromConfig(cfg, func(o *s3.Options) { o.BaseEndpoint = &c.S3PublicEndpoint }, pathStyle)
	}
	signer, err := presign.New(public, presign.Config{
		UploadsBucket: c.UploadsBucket, VariantsBucket: c.VariantsBucket, UploadTTL: c.TokenTTL, PublicBaseURL: c.PublicBaseURL})
	if err != nil {
		return nil, err
	}
	store, err := photos.New(client, photos.Config{UploadsBucket: c.UploadsBucket, VariantsBucket: c.VariantsBucket})
	if err != nil {
		return nil, err
	}
	verifier, err := auth.New(auth.Config{
		Issuer: c.Issuer, Audience: c.Audience, BoardsClaim: c.BoardsClaim, Keys: auth.KeysConfig{URL: c.JWKSURL}}, slog.New(api.LogHandler(log.Handler())))
	if err != nil {
		return nil, err
	}
	var boards map[photo.Board]api.Limits
	if c.BoardLimits != "" {
		if boards, err = api.ParseBoardLimits(c.BoardLimits); err != nil {
			return nil, fmt.Errorf("BOARD_LIMITS: %w", err)
		}
	}
	handler, err := api.New(api.Config{
		MaxBytes: c.MaxBytes, MaxPixels: c.MaxPixels, AllowedTypes: c.AllowedTypes, Boards: boards, RequireSHA256: c.RequireSHA256, AllowForm: c.AllowForm,
		WriteScope: c.WriteScope, ReadScope: c.ReadScope,
		PublicURL: c.PublicURL, CORSOrigins: c.CORSOrigins,
		Metrics: measured, Tracer: tracer}, verifier, signer, store, log)
	if err != nil {
		return nil, err
	}
	verifier.Warm(ctx)
	return handler, nil
}

// pathStyle addresses buckets by path at an endpoint that is not AWS's own: it has no host name for each bucket.
func pathStyle(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }

// serveLambda answers Lambda's events until Lambda ends the process.
func (c *serveCommand) serveLambda(ctx context.Context, traces *tracing.Tracing, log *slog.Logger) error {
	var measured api.Metrics
	if c.MetricsEMF { // Lambda sets the function's name; another host of its Runtime API may not
		measured = metrics.NewEMF(os.Stdout, cmp.Or(lambdacontext.FunctionName, "token-lambda"))
	}
	h, err := c.handler(ctx, measured, traces.Tracer(), log)
	if err != nil {
		return err
	}
	answer := lambdahttp.New(h, slog.New(api.LogHandler(log.Handler())))
	lambda.Start(func(ctx context.Context, ev events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		resp, err := answer(ctx, ev)
		flush(ctx, traces)
		return resp, err
	})
	return nil
}

const (
	// flushTimeout is the most that an answer waits for its spans to be sent: Lambda freezes the process once it has the
	// answer. After a failure there is a pause in which spans are dropped, so a collector that is away costs that once.
	flushTimeout = 500 * time.Millisecond
	// answerTime is how long before Lambda's deadline the answer is given at the latest.
	answerTime = 100 * time.Millisecond
)

// flush sends the spans of an invocation.
func flush(ctx context.Context, traces *tracing.Tracing) {
	end := time.Now().Add(flushTimeout)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-answerTime).Before(end) {
		end = deadline.Add(-answerTime)
	}
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	traces.Flush(ctx)
}

const (
	// maxHeader is what an API Gateway HTTP API takes at most, rounded up: 10,240 bytes of headers and request line.
	// See https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html.
	maxHeader = 16 << 10
	// drainTimeout is how long running requests may take after a signal. None takes longer than api.DefaultTimeout, once
	// those that wait for a photo are told to answer.
	drainTimeout = api.DefaultTimeout + 2*time.Second
)

// stopTimeout is the most that the end of the program waits for the last spans to be sent, and for a scrape that runs.
const stopTimeout = time.Second

// serveHTTP answers requests until SIGTERM or SIGINT, and then those that are running. Metrics have a listener of their
// own, so that whoever can call the API cannot read them.
func (c *serveCommand) serveHTTP(ctx context.Context, traces *tracing.Tracing, log *slog.Logger) error {
	var measured api.Metrics
	scrapes := func(context.Context) error { return nil }
	if c.MetricsAddr != "" {
		registry := prometheus.NewRegistry()
		registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		measured = metrics.NewPrometheus(registry)
		listener, err := process.Listen(c.MetricsAddr, "METRICS_ADDR")
		if err != nil {
			return err
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
		scrapes = func(ctx context.Context) error {
			return process.Serve(ctx, listener, &http.Server{Handler: mux}, stopTimeout, log.With("serves", "metrics"))
		}
	}
	h, err := c.handler(ctx, measured, traces.Tracer(), log)
	if err != nil {
		return err
	}
	ctx, stop := process.Interruptible(ctx)
	defer stop()
	listener, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	log.Info("starting", "version", process.Version(program))
	srv := &http.Server{
		Handler: h, MaxHeaderBytes: maxHeader, ReadTimeout: 10 * time.Second,
		WriteTimeout: api.MaxWait + api.DefaultTimeout + 10*time.Second, IdleTimeout: time.Minute,
	}
	srv.RegisterOnShutdown(h.Drain)

	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	var scraped error
	var servers sync.WaitGroup
	servers.Go(func() {
		if scraped = scrapes(serving); scraped != nil {
			stop()
		}
	})
	served := process.Serve(ctx, listener, srv, drainTimeout, log)
	stopServing()
	servers.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	traces.Stop(last)
	return errors.Join(served, scraped)
}
