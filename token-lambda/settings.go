package main

import (
	"errors"
	"math"
	"time"

	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/auth"
	"darkroom/token-lambda/internal/presign"
	"darkroom/token-lambda/internal/quota"
	"darkroom/worker/logging"
	"darkroom/worker/photo"
	"darkroom/worker/settings"
	"darkroom/worker/tracing"
)

// serveCommand has every setting of the server.
type serveCommand struct {
	UploadsBucket    string        `required:"" env:"UPLOADS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that clients upload photos to."`
	VariantsBucket   string        `required:"" env:"VARIANTS_BUCKET" placeholder:"NAME" group:"Storage" help:"Bucket that the worker writes variants and manifests to."`
	S3PublicEndpoint string        `name:"s3-public-endpoint" env:"S3_PUBLIC_ENDPOINT" placeholder:"URL" group:"Storage" help:"Endpoint of S3 for clients, if it differs from the one that this program uses. Presigned URLs start with it."`
	PublicBaseURL    string        `name:"public-base-url" env:"PUBLIC_BASE_URL" placeholder:"URL" group:"Storage" help:"Base URL of the variants if they are public, such as a CloudFront distribution in front of their bucket. Default: URLs of variants are presigned."`
	Issuer           string        `required:"" name:"auth-issuer" env:"AUTH_ISSUER" placeholder:"ISS" group:"Users" help:"Required value of the iss claim of a user's token."`
	Audience         string        `required:"" name:"auth-audience" env:"AUTH_AUDIENCE" placeholder:"AUD" group:"Users" help:"Required value, or one of the values, of the aud claim."`
	JWKSURL          string        `name:"auth-jwks-url" env:"AUTH_JWKS_URL" placeholder:"URL" group:"Users" help:"URL of the issuer's keys, a JWK Set. Default: the URL in the issuer's discovery document."`
	HTTPHosts        []string      `name:"auth-http-hosts" env:"AUTH_HTTP_HOSTS" placeholder:"HOST" group:"Users" help:"Hosts that the issuer's documents may be fetched from without TLS, for development. Default: loopback addresses."`
	BoardsClaim      string        `name:"auth-boards-claim" env:"AUTH_BOARDS_CLAIM" default:"boards" placeholder:"CLAIM" group:"Users" help:"Claim that lists the boards a user may use. * in it means every board."`
	WriteScope       string        `name:"auth-write-scope" env:"AUTH_WRITE_SCOPE" placeholder:"SCOPE" group:"Users" help:"Scope that a user's token needs to upload and remove photos. Default: none."`
	ReadScope        string        `name:"auth-read-scope" env:"AUTH_READ_SCOPE" placeholder:"SCOPE" group:"Users" help:"Scope that a user's token needs to read the state of photos. Default: none."`
	AdminScope       string        `name:"auth-admin-scope" env:"AUTH_ADMIN_SCOPE" placeholder:"SCOPE" group:"Users" help:"Scope that lets a user remove the photos of others when BOARD_DELETE is owner. Default: none."`
	BoardDelete      string        `env:"BOARD_DELETE" default:"anyone" placeholder:"WHO" group:"Users" help:"Who may remove a photo: anyone who may upload to its board, or only its owner, the user who uploaded it."`
	TokenTTL         time.Duration `name:"token-ttl" env:"TOKEN_TTL" default:"5m" placeholder:"DURATION" group:"Uploads" help:"Longest lifetime of an upload token, 1s to 168h. A token is valid for as long as its photo takes at 256 KiB/s, but at least 2 minutes."`
	IDKey            string        `name:"id-key" env:"ID_KEY" placeholder:"SECRET" group:"Uploads" help:"Secret by which the API recognises the ids that it issued, at least 32 random characters. To replace it, put the new one and a comma in front. Default: none. Then an unknown id is awaiting for ever, instead of not found."`
	ErasureKeys      []string      `name:"erasure-key" env:"ERASURE_KEY" placeholder:"KEY" group:"Users" help:"Key that signs the receipts of erasures: the ARN of an asymmetric KMS key (ECC_NIST_P256, SIGN_VERIFY), or a file with an EC private key on P-256 in PEM. To replace it, put the new one and a comma in front. Default: none, and no receipts."`
	MaxBytes         int64         `env:"MAX_BYTES" default:"67108864" placeholder:"BYTES" group:"Uploads" help:"Maximum size of a photo in bytes, up to 5 GiB."`
	MaxPixels        int64         `env:"MAX_PIXELS" default:"120000000" placeholder:"PIXELS" group:"Uploads" help:"Maximum pixels of a photo, width times height. The API only reports it to clients; the worker enforces it."`
	MemoryBudget     *int64        `name:"memory-budget" env:"MEMORY_BUDGET" placeholder:"BYTES" group:"Uploads" help:"Memory budget of the workers. It decides how many pixels of each format are promised to clients. Default: 1 GiB, or 4 times MAX_BYTES if that is more."`
	AllowedTypes     []string      `env:"ALLOWED_TYPES" placeholder:"TYPE" group:"Uploads" help:"Accepted media types. Default: all that the worker reads."`
	BoardLimits      string        `env:"BOARD_LIMITS" placeholder:"JSON" group:"Uploads" help:"Stricter limits for some boards, as {\"BOARD\": {\"contentTypes\": [\"image/jpeg\"], \"maxBytes\": 1000000, \"maxPixels\": 24000000}}."`
	Quotas           string        `env:"QUOTAS" placeholder:"JSON" group:"Uploads" help:"Limits on the photos and bytes that tokens are issued for, as {\"board\": {\"photosPerMinute\": 600, \"bytesPerDay\": 10000000000}, \"subject\": {\"photosPerDay\": 2000}, \"boards\": {\"BOARD\": {\"photosPerDay\": 50000}}}. The limits are photosPerMinute, photosPerDay, bytesPerMinute and bytesPerDay. board limits each board, subject each user (the sub claim), and boards some boards instead. Needs QUOTA_TABLE. Default: none."`
	QuotaTable       string        `env:"QUOTA_TABLE" placeholder:"NAME" group:"Uploads" help:"DynamoDB table that counts for QUOTAS, with the string key as its partition key and expires as its TTL attribute."`
	RequireSHA256    bool          `name:"require-sha256" env:"REQUIRE_SHA256" group:"Uploads" help:"Refuse an upload without a SHA-256."`
	AllowForm        bool          `name:"allow-form" env:"ALLOW_FORM" group:"Uploads" help:"Also issue HTML forms. Unlike a PUT, a form can be sent again until it expires, and then replaces the photo."`
	PublicURL        string        `name:"public-url" env:"PUBLIC_URL" placeholder:"URL" group:"HTTP" help:"URL of this API for clients. statusUrl, outcomeUrl and the types of problems start with it. Default: the URL that each request was sent to."`
	CORSOrigins      []string      `name:"cors-origins" env:"CORS_ORIGINS" placeholder:"ORIGIN" group:"HTTP" help:"Origins whose pages may call this API. * means any origin. Default: none."`
	MaxWait          time.Duration `name:"max-wait" env:"MAX_WAIT" default:"20s" placeholder:"DURATION" group:"HTTP" help:"Longest time that a request waits for an outcome, 0 to 20s. With 0 every request is answered at once."`
	ListenAddr       string        `env:"LISTEN_ADDR" default:"${listen}" placeholder:"HOST:PORT" group:"HTTP" help:"Address to listen on, except on AWS Lambda. Port 0 means any free port."`
	MetricsAddr      string        `env:"METRICS_ADDR" placeholder:"HOST:PORT" group:"Metrics" help:"Address to serve /metrics for Prometheus on, except on AWS Lambda. The API itself never serves it. Default: not served."`
	MetricsEMF       bool          `name:"metrics-emf" env:"METRICS_EMF" default:"true" negatable:"" group:"Metrics" help:"On AWS Lambda, write metrics to standard output for CloudWatch, in its embedded metric format."`
	OnLambda         string        `hidden:"" env:"AWS_LAMBDA_RUNTIME_API" help:"Set by AWS Lambda."`
	Traces           tracing.Flags `embed:"" group:"Traces"`
	Log              logging.Flags `embed:"" group:"Log"`
}

// Validate returns an error about the first setting that cannot be used, by its name.
func (c *serveCommand) Validate() error {
	if err := settings.AWSEndpoints(); err != nil {
		return err
	}
	for _, check := range []interface{ Validate() error }{c.presignConfig(), c.authConfig()} {
		if err := check.Validate(); err != nil {
			return err
		}
	}
	cfg, err := c.apiConfig()
	if err != nil {
		return err
	}
	if err := cfg.Validate(); err != nil {
		return err
	}
	if _, err := c.quotas(); err != nil {
		return err
	}
	if _, err := c.receipts(nil); err != nil {
		return err
	}
	if c.S3PublicEndpoint != "" {
		if _, err := settings.HTTPURL(c.S3PublicEndpoint); err != nil {
			return settings.Named("S3_PUBLIC_ENDPOINT", err)
		}
	}
	if c.OnLambda != "" { // there the program does not listen
		return nil
	}
	if err := settings.ListenAddress(c.ListenAddr); err != nil {
		return settings.Named("LISTEN_ADDR", err)
	}
	if c.MetricsAddr != "" {
		return settings.Named("METRICS_ADDR", settings.ListenAddress(c.MetricsAddr))
	}
	return nil
}

func (c *serveCommand) presignConfig() presign.Config {
	return presign.Config{UploadsBucket: c.UploadsBucket, VariantsBucket: c.VariantsBucket, PublicBaseURL: c.PublicBaseURL}
}

func (c *serveCommand) authConfig() auth.Config {
	return auth.Config{Issuer: c.Issuer, Audience: c.Audience, BoardsClaim: c.BoardsClaim, HTTPHosts: c.HTTPHosts, Keys: auth.KeysConfig{URL: c.JWKSURL}}
}

// quotas returns the quotas.
func (c *serveCommand) quotas() (quota.Settings, error) {
	if c.Quotas == "" {
		return quota.Settings{}, nil
	}
	s, err := quota.Parse(c.Quotas)
	if err != nil {
		return s, settings.Named("QUOTAS", err)
	}
	if s.Limited() && c.QuotaTable == "" {
		return s, errors.New("QUOTAS: QUOTA_TABLE is not set: want the DynamoDB table that counts the photos")
	}
	return s, nil
}

// apiConfig returns the settings of the API, without quotas, metrics and a tracer.
func (c *serveCommand) apiConfig() (api.Config, error) {
	var boards map[photo.Board]api.Limits
	if c.BoardLimits != "" {
		parsed, err := photo.ParseBoardLimits(c.BoardLimits)
		if err != nil {
			return api.Config{}, settings.Named("BOARD_LIMITS", err)
		}
		boards = make(map[photo.Board]api.Limits, len(parsed))
		for board, l := range parsed {
			boards[board] = api.Limits(l)
		}
	}
	budget := int64(0)
	if c.MemoryBudget != nil {
		if budget = *c.MemoryBudget; budget < 1 { // 0 is the API's word for its default
			return api.Config{}, settings.Named("MEMORY_BUDGET", settings.Range(budget, 1, math.MaxInt64))
		}
	}
	if c.TokenTTL == 0 { // the API's word for its default
		return api.Config{}, settings.Named("TOKEN_TTL", settings.Range(c.TokenTTL, time.Second, api.MaxTokenTTL))
	}
	keys, err := photo.ParseIDKeys(c.IDKey)
	if err != nil {
		return api.Config{}, settings.Named("ID_KEY", err)
	}
	return api.Config{
		TokenTTL: c.TokenTTL, IDKeys: keys,
		MaxBytes: c.MaxBytes, MaxPixels: c.MaxPixels, MemoryBudget: budget, AllowedTypes: c.AllowedTypes, Boards: boards,
		RequireSHA256: c.RequireSHA256, AllowForm: c.AllowForm, WriteScope: c.WriteScope, ReadScope: c.ReadScope, AdminScope: c.AdminScope, BoardDelete: c.BoardDelete,
		PublicURL: c.PublicURL, CORSOrigins: c.CORSOrigins, MaxWait: &c.MaxWait}, nil
}
