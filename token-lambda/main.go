// Command token-lambda serves Darkroom's HTTP API, which hands out one-time upload tokens and tells how far a photo
// has come. Where AWS Lambda has started it, it answers events of payload format 2.0 (API Gateway HTTP API, function
// URL); anywhere else it is a plain HTTP server. All settings are flags or environment variables: see --help.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/logging"
)

const program = "token-lambda"

type commandLine struct {
	Version     kong.VersionFlag `help:"Print the version and exit."`
	Serve       serveCommand     `cmd:"" default:"withargs" help:"Answer requests: from AWS Lambda where it has started this program, else over HTTP. This is what happens without a command."`
	Healthcheck healthCommand    `cmd:"" help:"Ask a server on this machine whether it answers. Exit status 0 means yes."`
}

// serveCommand is every setting of the server.
type serveCommand struct {
	UploadsBucket    string        `required:"" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that clients upload photos to."`
	VariantsBucket   string        `required:"" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that the worker writes variants and manifests to."`
	S3PublicEndpoint string        `name:"s3-public-endpoint" env:"S3_PUBLIC_ENDPOINT" placeholder:"URL" group:"Storage" help:"S3 as clients reach it, when that is not how this program does. Presigned URLs name it."`
	Issuer           string        `required:"" name:"auth-issuer" env:"AUTH_ISSUER" placeholder:"ISS" group:"Users" help:"What the iss claim of a user's token must be."`
	Audience         string        `required:"" name:"auth-audience" env:"AUTH_AUDIENCE" placeholder:"AUD" group:"Users" help:"What the aud claim must be or contain."`
	JWKSURL          string        `required:"" name:"auth-jwks-url" env:"AUTH_JWKS_URL" placeholder:"URL" group:"Users" help:"Where the issuer's keys are, as a JWK Set."`
	BoardsClaim      string        `name:"auth-boards-claim" env:"AUTH_BOARDS_CLAIM" default:"boards" placeholder:"CLAIM" group:"Users" help:"Claim that lists the boards a user may use; * in it is every board. Default: boards."`
	TokenTTL         time.Duration `name:"token-ttl" env:"TOKEN_TTL" default:"5m" placeholder:"DURATION" group:"Uploads" help:"How long an upload token is good. Default: 5m."`
	MaxBytes         int64         `env:"MAX_BYTES" default:"67108864" placeholder:"BYTES" group:"Uploads" help:"Most bytes of one photo. Default: 67108864, 64 MiB."`
	AllowedTypes     []string      `env:"ALLOWED_TYPES" placeholder:"TYPE" group:"Uploads" help:"Media types that are taken. Default: all that the worker reads."`
	RequireSHA256    bool          `name:"require-sha256" env:"REQUIRE_SHA256" group:"Uploads" help:"Refuse an upload whose SHA-256 is not given."`
	PublicURL        string        `name:"public-url" env:"PUBLIC_URL" placeholder:"URL" group:"HTTP" help:"This API as clients reach it, for statusUrl. Default: as each request names it."`
	CORSOrigins      []string      `name:"cors-origins" env:"CORS_ORIGINS" placeholder:"ORIGIN" group:"HTTP" help:"Origins whose pages may call this API; * is any. Default: none."`
	ListenAddr       string        `env:"LISTEN_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"HTTP" help:"Where to listen, when not on AWS Lambda. Port 0 is any free one. Default: 127.0.0.1:8080."`
	OnLambda         string        `hidden:"" env:"AWS_LAMBDA_RUNTIME_API" help:"Set by AWS Lambda."`
	Log              logging.Flags `embed:"" group:"Log"`
}

func main() {
	unsetEmpty()
	var cl commandLine
	k := kong.Parse(&cl, kong.Name(program), kong.Vars{"version": version()},
		kong.Description("Hands out one-time upload tokens for photos, and tells how far a photo has come. "+
			"Credentials, region and endpoint of S3 are taken from the standard AWS_* variables and files; "+
			"with an endpoint of one's own, buckets are addressed by path."))
	k.FatalIfErrorf(k.Run())
}

// unsetEmpty takes the empty variables out of the environment. A compose file or a template passes an empty one when
// nothing is set, and not every type of setting reads that as its default.
func unsetEmpty() {
	for _, kv := range os.Environ() {
		if name, value, _ := strings.Cut(kv, "="); name != "" && value == "" {
			os.Unsetenv(name)
		}
	}
}

// Run is the command serve.
func (c *serveCommand) Run() error {
	log, err := c.Log.New(os.Stderr, program)
	if err != nil {
		return err
	}
	ctx := context.Background()
	handler, err := c.handler(ctx, log)
	if err != nil {
		return err
	}
	if c.OnLambda != "" {
		serveLambda(handler, log)
		return nil
	}
	return serveHTTP(ctx, c.ListenAddr, handler, log)
}

type healthCommand struct {
	ListenAddr string        `env:"LISTEN_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where the server listens. Default: 127.0.0.1:8080."`
	Timeout    time.Duration `default:"2s" placeholder:"DURATION" help:"How long to wait for its answer. Default: 2s."`
}

// Run is the command healthcheck.
func (c *healthCommand) Run() error {
	// The address is dialled as it stands: to Go's dialer an unspecified host, which servers listen on, is this machine.
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", c.ListenAddr)
	}
	client := http.Client{Timeout: c.Timeout, Transport: &http.Transport{DialContext: dial}}
	resp, err := client.Get("http://localhost" + api.HealthPath)
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", c.ListenAddr, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.ListenAddr, resp.Status)
	}
	return nil
}

// version tells the commit that was built, as the go command recorded it.
func version() string {
	v := program + " unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = program + " " + info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value
			}
		}
	}
	return v + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}
