package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/auth"
	"darkroom/token-lambda/internal/lambdahttp"
	"darkroom/token-lambda/internal/presign"
	"darkroom/token-lambda/internal/s3status"
	"darkroom/worker/photo"
	"darkroom/worker/process"
)

// handler wires the API.
func (c *serveCommand) handler(ctx context.Context, log *slog.Logger) (*api.API, error) {
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
	store, err := s3status.New(client, s3status.Config{UploadsBucket: c.UploadsBucket, VariantsBucket: c.VariantsBucket})
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
		PublicURL: c.PublicURL, CORSOrigins: c.CORSOrigins}, verifier, signer, store, log)
	if err != nil {
		return nil, err
	}
	verifier.Warm(ctx)
	return handler, nil
}

// pathStyle addresses buckets by path at an endpoint that is not AWS's own: it has no host name for each bucket.
func pathStyle(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }

// serveLambda answers Lambda's events until Lambda ends the process.
func serveLambda(h http.Handler, log *slog.Logger) {
	lambda.Start(lambdahttp.New(h, slog.New(api.LogHandler(log.Handler()))))
}

const (
	// maxHeader is what an API Gateway HTTP API takes at most, rounded up: 10,240 bytes of headers and request line.
	// See https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html.
	maxHeader = 16 << 10
	// drainTimeout is how long running requests may take after a signal. None takes longer than api.DefaultTimeout, once
	// those that wait for a photo are told to answer.
	drainTimeout = api.DefaultTimeout + 2*time.Second
)

// serveHTTP answers requests at addr until SIGTERM or SIGINT, and then those that are running.
func serveHTTP(ctx context.Context, addr string, h *api.API, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	listener, err := process.Listen(addr, "LISTEN_ADDR")
	if err != nil {
		return err
	}
	log.Info("starting", "version", process.Version(program))
	srv := &http.Server{
		Handler: h, MaxHeaderBytes: maxHeader, ReadTimeout: 10 * time.Second,
		WriteTimeout: api.MaxWait + api.DefaultTimeout + 10*time.Second, IdleTimeout: time.Minute,
	}
	srv.RegisterOnShutdown(h.Drain)
	return process.Serve(ctx, listener, srv, drainTimeout, log)
}
