// Command token-lambda serves Darkroom's HTTP API, which hands out one-time upload tokens and tells how far a photo
// has come. Where AWS Lambda has started it, it answers events of payload format 2.0 (API Gateway HTTP API, function
// URL); anywhere else it is a plain HTTP server. All settings are flags or environment variables: see --help.
package main

import (
	"context"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"darkroom/worker/logging"
	"darkroom/worker/process"
	"darkroom/worker/tracing"
)

const program = "token-lambda"

type commandLine struct {
	Version     kong.VersionFlag      `help:"Print the version and exit."`
	Serve       serveCommand          `cmd:"" default:"withargs" help:"Answer requests: from AWS Lambda where it has started this program, else over HTTP. This is what happens without a command."`
	Healthcheck process.HealthCommand `cmd:"" help:"Ask a server on this machine whether it answers. Exit status 0 means yes."`
}

// serveCommand is every setting of the server.
type serveCommand struct {
	UploadsBucket    string        `required:"" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that clients upload photos to."`
	VariantsBucket   string        `required:"" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that the worker writes variants and manifests to."`
	S3PublicEndpoint string        `name:"s3-public-endpoint" env:"S3_PUBLIC_ENDPOINT" placeholder:"URL" group:"Storage" help:"S3 as clients reach it, when that is not how this program does. Presigned URLs name it."`
	PublicBaseURL    string        `name:"public-base-url" env:"PUBLIC_BASE_URL" placeholder:"URL" group:"Storage" help:"Where everybody may have the variants, such as a CloudFront distribution over their bucket. Default: the URLs of variants are presigned."`
	Issuer           string        `required:"" name:"auth-issuer" env:"AUTH_ISSUER" placeholder:"ISS" group:"Users" help:"What the iss claim of a user's token must be."`
	Audience         string        `required:"" name:"auth-audience" env:"AUTH_AUDIENCE" placeholder:"AUD" group:"Users" help:"What the aud claim must be or contain."`
	JWKSURL          string        `name:"auth-jwks-url" env:"AUTH_JWKS_URL" placeholder:"URL" group:"Users" help:"Where the issuer's keys are, as a JWK Set. Default: as its discovery document says."`
	BoardsClaim      string        `name:"auth-boards-claim" env:"AUTH_BOARDS_CLAIM" default:"boards" placeholder:"CLAIM" group:"Users" help:"Claim that lists the boards a user may use; * in it is every board."`
	WriteScope       string        `name:"auth-write-scope" env:"AUTH_WRITE_SCOPE" placeholder:"SCOPE" group:"Users" help:"Scope that a user's token needs to upload. Default: none."`
	ReadScope        string        `name:"auth-read-scope" env:"AUTH_READ_SCOPE" placeholder:"SCOPE" group:"Users" help:"Scope that it needs to look at photos. Default: none."`
	TokenTTL         time.Duration `name:"token-ttl" env:"TOKEN_TTL" default:"5m" placeholder:"DURATION" group:"Uploads" help:"How long an upload token is good at most. It is good for what the photo takes at 256 KiB/s, and 2 minutes at least."`
	MaxBytes         int64         `env:"MAX_BYTES" default:"67108864" placeholder:"BYTES" group:"Uploads" help:"Most bytes of one photo."`
	MaxPixels        int64         `env:"MAX_PIXELS" default:"120000000" placeholder:"PIXELS" group:"Uploads" help:"Most pixels of one photo. Clients are told, and the worker counts them."`
	AllowedTypes     []string      `env:"ALLOWED_TYPES" placeholder:"TYPE" group:"Uploads" help:"Media types that are taken. Default: all that the worker reads."`
	BoardLimits      string        `env:"BOARD_LIMITS" placeholder:"JSON" group:"Uploads" help:"Boards that take less, as {\"BOARD\": {\"contentTypes\": [\"image/jpeg\"], \"maxBytes\": 1000000, \"maxPixels\": 24000000}}."`
	RequireSHA256    bool          `name:"require-sha256" env:"REQUIRE_SHA256" group:"Uploads" help:"Refuse an upload whose SHA-256 is not given."`
	AllowForm        bool          `name:"allow-form" env:"ALLOW_FORM" group:"Uploads" help:"Hand out HTML forms too. Unlike a PUT, a form can be sent again until it expires, and replaces the photo."`
	PublicURL        string        `name:"public-url" env:"PUBLIC_URL" placeholder:"URL" group:"HTTP" help:"This API as clients reach it, for statusUrl. Default: as each request names it."`
	CORSOrigins      []string      `name:"cors-origins" env:"CORS_ORIGINS" placeholder:"ORIGIN" group:"HTTP" help:"Origins whose pages may call this API; * is any. Default: none."`
	ListenAddr       string        `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" group:"HTTP" help:"Where to listen, when not on AWS Lambda. Port 0 is any free one."`
	MetricsAddr      string        `env:"METRICS_ADDR" placeholder:"HOST:PORT" group:"Metrics" help:"Where to serve /metrics for Prometheus, when not on AWS Lambda. It is never a part of the API. Default: nowhere."`
	MetricsEMF       bool          `name:"metrics-emf" env:"METRICS_EMF" default:"true" negatable:"" group:"Metrics" help:"On AWS Lambda, write metrics to standard output for CloudWatch, in its embedded metric format."`
	OnLambda         string        `hidden:"" env:"AWS_LAMBDA_RUNTIME_API" help:"Set by AWS Lambda."`
	Traces           tracing.Flags `embed:"" group:"Traces"`
	Log              logging.Flags `embed:"" group:"Log"`
}

func main() {
	var cl commandLine
	k := process.Parse(&cl, program, "Hands out one-time upload tokens for photos, and tells how far a photo has come. "+
		"Credentials, region and endpoint of S3 are taken from the standard AWS_* variables and files; "+
		"with an endpoint of one's own, buckets are addressed by path.", kong.Vars{"listen": "127.0.0.1:8080"})
	k.FatalIfErrorf(k.Run())
}

// Run is the command serve.
func (c *serveCommand) Run() error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	ctx := context.Background()
	// On Lambda spans are sent while the client waits for its answer.
	traces, err := c.Traces.Start(ctx, tracing.Config{Program: program, Impatient: c.OnLambda != "", Log: log})
	if err != nil {
		return err
	}
	if c.OnLambda != "" {
		return c.serveLambda(ctx, traces, log)
	}
	return c.serveHTTP(ctx, traces, log)
}
