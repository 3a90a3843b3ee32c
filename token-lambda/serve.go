package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"darkroom/token-lambda/contract"
	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/auth"
	"darkroom/token-lambda/internal/lambdahttp"
	"darkroom/token-lambda/internal/metrics"
	"darkroom/token-lambda/internal/photos"
	"darkroom/token-lambda/internal/presign"
	"darkroom/token-lambda/internal/quota"
	"darkroom/token-lambda/internal/quota/dynamo"
	"darkroom/token-lambda/internal/receipt/kmskey"
	"darkroom/worker/process"
	"darkroom/worker/processmetrics"
	"darkroom/worker/tracing"
)

// instruments measure requests and operations on S3.
type instruments interface {
	api.Metrics
	photos.Metrics
}

// handler connects the API to S3, to the issuer and, with quotas, to DynamoDB. Instruments and tracer may be nil.
func (c *serveCommand) handler(ctx context.Context, measure instruments, tracer trace.Tracer, log *slog.Logger) (*api.API, error) {
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
		public = s3.NewFromConfig(cfg, func(o *s3.Options) { o.BaseEndpoint = &c.S3PublicEndpoint }, pathStyle)
	}
	signer, err := presign.New(public, c.presignConfig())
	if err != nil {
		return nil, err
	}
	buckets, err := photos.New(client, photos.Config{UploadsBucket: c.UploadsBucket, VariantsBucket: c.VariantsBucket})
	if err != nil {
		return nil, err
	}
	var store photos.Backend = buckets
	if measure != nil {
		store = photos.Measure(buckets, measure)
	}
	verifier, err := auth.New(c.authConfig(), slog.New(api.LogHandler(log.Handler())))
	if err != nil {
		return nil, err
	}
	apiConfig, err := c.apiConfig()
	if err != nil {
		return nil, err
	}
	apiConfig.Metrics, apiConfig.Tracer = measure, tracer
	keeper, err := c.keeper(cfg)
	if err != nil {
		return nil, err
	}
	if keeper != nil {
		apiConfig.Quota = keeper
	} else if c.QuotaTable != "" {
		log.Info("no quota is enforced: QUOTA_TABLE is set, but QUOTAS sets no limit", "table", c.QuotaTable)
	}
	receipts, err := c.receipts(func() kmskey.Calls { return kmskey.CallsOf(kms.NewFromConfig(cfg)) })
	if err != nil {
		return nil, err
	}
	if receipts != nil {
		apiConfig.Receipts = receipts
	}
	if c.OnLambda == "" { // Lambda buffers answers
		apiConfig.MaxStreams = api.DefaultMaxStreams
	}
	handler, err := api.New(apiConfig, verifier, signer, photos.NewCache(store), log)
	if err != nil {
		return nil, err
	}
	warm(ctx, verifier, keeper, log)
	return handler, nil
}

// quotaAttempts is how often a request to DynamoDB is sent at most. There is no time for more.
const quotaAttempts = 2

// keeper returns what enforces the quotas, or nil without quotas.
func (c *serveCommand) keeper(cfg aws.Config) (*quota.Keeper, error) {
	quotas, err := c.quotas()
	if err != nil || !quotas.Limited() {
		return nil, err
	}
	table := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.RetryMaxAttempts = quotaAttempts })
	return quota.New(quotas, dynamo.New(table, c.QuotaTable)), nil
}

// warm connects to the issuer and to DynamoDB, so that the first request need not. A failure is no reason not to start.
func warm(ctx context.Context, verifier *auth.Verifier, keeper *quota.Keeper, log *slog.Logger) {
	var both sync.WaitGroup
	both.Go(func() { verifier.Warm(ctx) })
	if keeper != nil {
		both.Go(func() {
			if err := keeper.Warm(ctx); err != nil {
				log.Warn("photos cannot be counted for the quotas", "error", err)
			}
		})
	}
	both.Wait()
}

// pathStyle addresses buckets by path at an endpoint other than AWS's own, which has no host name for each bucket.
func pathStyle(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }

// serveLambda answers events from Lambda until Lambda ends the process.
func (c *serveCommand) serveLambda(ctx context.Context, traces *tracing.Tracing, log *slog.Logger) error {
	var measure instruments
	if c.MetricsEMF { // Lambda sets the function's name; another host of its Runtime API may not
		measure = metrics.NewEMF(os.Stdout, cmp.Or(lambdacontext.FunctionName, "token-lambda"))
	}
	h, err := c.handler(ctx, measure, traces.Tracer(), log)
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
	// flushTimeout is the longest that an answer waits for its spans to be sent: Lambda freezes the process once it has
	// the answer. After a failure spans are dropped for a while, so a collector that is down costs this time only once.
	flushTimeout = 500 * time.Millisecond
	// answerTime is how long before Lambda's deadline the answer must be ready.
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
	// maxHeader is the limit of an API Gateway HTTP API, rounded up: 10,240 bytes of headers and request line.
	// See https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html.
	maxHeader = 16 << 10
	// drainTimeout is how long running requests may take after a signal. Once [api.API.Drain] has ended the waits, none
	// takes longer than api.DefaultTimeout.
	drainTimeout = api.DefaultTimeout + 2*time.Second
)

// stopTimeout is how long the program waits at its end for the last spans to be sent, and for a running scrape.
const stopTimeout = time.Second

// serveHTTP answers requests until SIGTERM or SIGINT and then finishes the running ones. Metrics have their own
// listener, so that callers of the API cannot read them.
func (c *serveCommand) serveHTTP(ctx context.Context, instance string, traces *tracing.Tracing, log *slog.Logger) error {
	var measure instruments
	scrapes := func(context.Context) error { return nil }
	if c.MetricsAddr != "" {
		registry := prometheus.NewRegistry()
		processmetrics.Register(registry, program, instance)
		measure = metrics.NewPrometheus(registry)
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
	h, err := c.handler(ctx, measure, traces.Tracer(), log)
	if err != nil {
		return err
	}
	ctx, stop := process.Interruptible(ctx)
	defer stop()
	listener, err := process.Listen(c.ListenAddr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	srv := &http.Server{
		Handler: h, MaxHeaderBytes: maxHeader, ReadTimeout: 10 * time.Second,
		WriteTimeout: contract.MaxWait + api.DefaultTimeout + 10*time.Second, IdleTimeout: time.Minute,
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
