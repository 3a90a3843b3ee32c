package api

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

const (
	// MaxPutBytes is the most that S3 accepts in one PUT: 5 GiB.
	// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html.
	MaxPutBytes = 5 << 30
	// DefaultTimeout is the default limit on the time that a request may take, not counting the wait it asks for. With
	// contract.MaxWait it makes the 30 s that an API Gateway HTTP API allows:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html.
	DefaultTimeout = 10 * time.Second
	// DefaultTokenTTL is the default of the longest lifetime of a token.
	DefaultTokenTTL = 5 * time.Minute
	// MaxTokenTTL is the longest lifetime that Signature Version 4 allows a presigned URL: 7 days.
	MaxTokenTTL = 7 * 24 * time.Hour
)

// Values of [Config.BoardDelete].
const (
	DeleteAnyone = "anyone" // callers with the board and the write scope may remove any of its photos
	DeleteOwner  = "owner"  // only the uploader of a photo and callers with the admin scope may remove it
)

// Config holds the settings of the API. The comment of a field starts with the name under which an operator sets it.
type Config struct {
	MaxBytes  int64 // MAX_BYTES: maximum size of an upload in bytes, 1 to MaxPutBytes
	MaxPixels int64 // MAX_PIXELS: maximum pixels of a photo, at least 1; the worker enforces it
	// MEMORY_BUDGET: memory budget of the workers in bytes; default 1 GiB, and at least what they need for MaxBytes
	MemoryBudget int64
	AllowedTypes []string               // ALLOWED_TYPES: accepted media types; default all of photo.Readable
	Boards       map[photo.Board]Limits // BOARD_LIMITS: stricter limits of some boards
	// TOKEN_TTL: longest lifetime of a token, 1 s to MaxTokenTTL; default DefaultTokenTTL
	TokenTTL time.Duration
	// ID_KEY: make ids that nobody else can make; default none, and ids that anyone can
	IDKeys        photo.IDKeys
	RequireSHA256 bool   // REQUIRE_SHA256: refuse an upload without a SHA-256
	AllowForm     bool   // ALLOW_FORM: also issue forms, which can be sent more than once
	WriteScope    string // AUTH_WRITE_SCOPE: scope needed to upload and remove; default none
	ReadScope     string // AUTH_READ_SCOPE: scope needed to read; default none
	// AUTH_ADMIN_SCOPE: scope with which a caller may remove photos of others; default none
	AdminScope string
	// BOARD_DELETE: who may remove a photo, DeleteAnyone or DeleteOwner; default DeleteAnyone
	BoardDelete string
	// PUBLIC_URL: base of statusUrl, outcomeUrl and the types of problems; default the address that the client called
	PublicURL   string
	CORSOrigins []string // CORS_ORIGINS: origins whose pages may call; "*" is any; default none
	// MAX_WAIT: longest that a request waits for an outcome, 0 to contract.MaxWait; default contract.MaxWait
	MaxWait *time.Duration
	// MaxStreams is the maximum number of open streams of events. Further requests for one get JSON. The default is 0,
	// and no streams.
	MaxStreams int
	// Timeout limits a request, not counting the wait it asks for. The default is DefaultTimeout.
	Timeout  time.Duration
	Quota    Quota    // QUOTAS: limits how many photos tokens are issued for; default none
	Receipts Receipts // ERASURE_KEY: signs receipts of erasures; default none, and no receipts
	Metrics  Metrics  // default none
	// Tracer starts one span for a request and one for a token. The default is none, which only passes on the client's
	// trace.
	Tracer trace.Tracer
}

// Validate returns an error about the first setting that cannot be used, by its name.
func (c Config) Validate() error {
	c = c.withDefaults()
	if err := settings.Range(c.MaxBytes, 1, MaxPutBytes); err != nil {
		return settings.Named("MAX_BYTES", err)
	}
	if c.MaxPixels < 1 {
		return fmt.Errorf("MAX_PIXELS: %d is less than 1", c.MaxPixels)
	}
	if err := settings.Range(c.MemoryBudget, leastBudget(c.MaxBytes), math.MaxInt64); err != nil {
		return settings.Named("MEMORY_BUDGET", err)
	}
	if _, err := c.general().inherit(c.general()); err != nil {
		return settings.Named("ALLOWED_TYPES", err)
	}
	for board, l := range c.Boards {
		if _, err := photo.ParseBoard(string(board)); err != nil {
			return settings.Named("BOARD_LIMITS", err)
		}
		if _, err := l.inherit(c.general()); err != nil {
			return fmt.Errorf("BOARD_LIMITS: board %s: %w", board, err)
		}
	}
	for name, scope := range map[string]string{"AUTH_WRITE_SCOPE": c.WriteScope, "AUTH_READ_SCOPE": c.ReadScope, "AUTH_ADMIN_SCOPE": c.AdminScope} {
		if !scopePattern.MatchString(scope) {
			return fmt.Errorf("%s: %q is not a scope: want printable ASCII without spaces, quotes and backslashes", name, scope)
		}
	}
	if c.BoardDelete != DeleteAnyone && c.BoardDelete != DeleteOwner {
		return fmt.Errorf("BOARD_DELETE: %q is unknown: want %s or %s", c.BoardDelete, DeleteAnyone, DeleteOwner)
	}
	if err := settings.Range(c.TokenTTL, time.Second, MaxTokenTTL); err != nil {
		return settings.Named("TOKEN_TTL", err)
	}
	if c.PublicURL != "" {
		if _, err := settings.HTTPURL(c.PublicURL); err != nil {
			return settings.Named("PUBLIC_URL", err)
		}
	}
	for _, o := range c.CORSOrigins {
		if err := checkOrigin(o); err != nil {
			return settings.Named("CORS_ORIGINS", err)
		}
	}
	if err := settings.Range(*c.MaxWait, 0, contract.MaxWait); err != nil {
		return settings.Named("MAX_WAIT", err)
	}
	if c.MaxStreams < 0 {
		return fmt.Errorf("maximum of streams: %d is negative", c.MaxStreams)
	}
	if c.Timeout < 0 {
		return fmt.Errorf("timeout of a request: %v is negative", c.Timeout)
	}
	return nil
}

// scopePattern is the scope-token of RFC 6749, section 3.3, or nothing.
var scopePattern = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]*$`)

func (c Config) withDefaults() Config {
	if len(c.AllowedTypes) == 0 {
		c.AllowedTypes = allTypes()
	}
	if c.MemoryBudget == 0 {
		c.MemoryBudget = max(photo.DefaultMemoryBudget, leastBudget(c.MaxBytes))
	}
	c.BoardDelete = cmp.Or(c.BoardDelete, DeleteAnyone)
	c.TokenTTL = cmp.Or(c.TokenTTL, DefaultTokenTTL)
	if c.MaxWait == nil {
		c.MaxWait = new(contract.MaxWait)
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Metrics == nil {
		c.Metrics = noMetrics{}
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider().Tracer("")
	}
	return c
}

func allTypes() []string {
	var types []string
	for _, f := range photo.Readable {
		types = append(types, f.ContentType())
	}
	return types
}
