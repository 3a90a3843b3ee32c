// Package api is Darkroom's HTTP API: it hands out one-time upload tokens and tells how far a photo has come.
//
//	POST   /boards/{board}/uploads        tokens: a presigned PUT for each photo       201
//	GET    /boards/{board}/uploads        the photos of the board, a page at a time    200
//	GET    /boards/{board}/uploads/{id}   the state of a photo, and its variants       200, 304
//	DELETE /boards/{board}/uploads/{id}   removes a photo                              204
//	GET    /openapi.json                  the contract; needs no bearer token          200
//	GET    /healthz                       the process answers; needs no bearer token   200
//
// The routes under /boards need a bearer token (RFC 6750) that is good for the board. Every failure is a problem
// document (RFC 9457) whose type is one of the constants of this package. Every answer carries X-Request-Id and
// Cache-Control: no-store, or no-cache where it is about photos, and every request leaves one record in the log, which never holds a token or a URL.
//
// The package knows neither AWS nor JWT: see [Authenticator], [Signer] and [Store].
package api

import (
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"darkroom/worker/photo"
	"darkroom/worker/process"
)

const (
	// DefaultMaxBytes is the default limit of an upload: 64 MiB.
	DefaultMaxBytes = 64 << 20
	// MaxPutBytes is the most that S3 takes in one PUT: 5 GiB.
	// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html.
	MaxPutBytes = 5 << 30
	// DefaultTimeout is how long a request may take by default.
	DefaultTimeout = 10 * time.Second
)

// Config holds what an operator may set. The zero value of a field stands for its default.
type Config struct {
	MaxBytes      int64                  // most bytes of one upload; default DefaultMaxBytes, at most MaxPutBytes
	MaxPixels     int64                  // most pixels of one photo, which the worker counts; default photo.DefaultMaxPixels
	AllowedTypes  []string               // media types taken, of those in photo.Formats; default all of them
	Boards        map[photo.Board]Limits // of boards that take less than that
	RequireSHA256 bool                   // refuse an upload whose SHA-256 is not given
	AllowForm     bool                   // hand out forms too, which can be sent more than once
	WriteScope    string                 // scope that a token needs to upload; default none
	ReadScope     string                 // scope that a token needs to look; default none
	PublicURL     string                 // base of statusUrl, as clients reach this API; default as the request names it
	CORSOrigins   []string               // origins whose pages may call; "*" is any; default none
	Timeout       time.Duration          // of one request, without what it is asked to wait; default DefaultTimeout
	Metrics       Metrics                // default none
	Tracer        trace.Tracer           // of a span a request, and one a token; default none, which passes on the traces of clients
}

// Validate reports the first setting that cannot work.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.MaxBytes < 1 || c.MaxBytes > MaxPutBytes {
		return fmt.Errorf("most bytes of an upload: %d, want 1 to %d", c.MaxBytes, int64(MaxPutBytes))
	}
	if c.MaxPixels < 1 {
		return fmt.Errorf("most pixels of a photo: %d, want at least 1", c.MaxPixels)
	}
	if _, err := c.general().within(c.general()); err != nil {
		return err
	}
	for board, l := range c.Boards {
		if _, err := photo.ParseBoard(string(board)); err != nil {
			return fmt.Errorf("limits of a board: %w", err)
		}
		if _, err := l.within(c.general()); err != nil {
			return fmt.Errorf("limits of board %s: %w", board, err)
		}
	}
	for what, scope := range map[string]string{"write": c.WriteScope, "read": c.ReadScope} {
		if !scopePattern.MatchString(scope) {
			return fmt.Errorf("%s scope %q: want one scope, printable ASCII without spaces, quotes and backslashes", what, scope)
		}
	}
	if c.PublicURL != "" {
		if err := CheckBase(c.PublicURL); err != nil {
			return fmt.Errorf("public URL %q: %w", c.PublicURL, err)
		}
	}
	for _, o := range c.CORSOrigins {
		if err := checkOrigin(o); err != nil {
			return fmt.Errorf("CORS origin %q: %w", o, err)
		}
	}
	if c.Timeout < 0 {
		return fmt.Errorf("timeout of a request: %v is negative", c.Timeout)
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.MaxPixels == 0 {
		c.MaxPixels = photo.DefaultMaxPixels
	}
	if len(c.AllowedTypes) == 0 {
		c.AllowedTypes = allTypes()
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Metrics == nil {
		c.Metrics = unmeasured{}
	}
	if c.Tracer == nil {
		c.Tracer = noop.NewTracerProvider().Tracer("")
	}
	return c
}

func allTypes() []string {
	var types []string
	for _, f := range photo.Formats {
		types = append(types, f.ContentType())
	}
	return types
}

// CheckBase reports why s is no URL that paths can be added to.
func CheckBase(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("want http(s)://host, optionally with a port and a path")
	}
	return nil
}

// API is the http.Handler of the package. It is safe for concurrent use.
type API struct {
	cfg    Config
	auth   Authenticator
	signer Signer
	store  Store
	log    *slog.Logger
	mux    *http.ServeMux

	draining chan struct{} // closed by Drain
}

// New returns the API, or an error when cfg is not valid.
func New(cfg Config, auth Authenticator, signer Signer, store Store, log *slog.Logger) (*API, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	cfg.PublicURL = strings.TrimSuffix(cfg.PublicURL, "/")
	boards := make(map[photo.Board]Limits, len(cfg.Boards))
	for board, l := range cfg.Boards {
		boards[board], _ = l.within(cfg.general()) // Validate has seen the error
	}
	cfg.Boards = boards
	a := &API{cfg: cfg, auth: auth, signer: signer, store: store, log: log, mux: http.NewServeMux(), draining: make(chan struct{})}
	for pattern, m := range a.routes() {
		a.handle(pattern, m)
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errNoSuchPath) })
	return a, nil
}

// routes are the paths of this API.
func (a *API) routes() map[string]methods {
	return map[string]methods{
		"/boards/{board}/uploads":      {http.MethodPost: a.createUploads, http.MethodGet: a.listUploads},
		"/boards/{board}/uploads/{id}": {http.MethodGet: a.uploadStatus, http.MethodDelete: a.removeUpload},
		HealthPath:                     {http.MethodGet: a.health},
		"/openapi.json":                {http.MethodGet: a.contract},
	}
}

// HealthPath is the path that answers 200 while the process serves.
const HealthPath = process.HealthPath

// handlerFunc answers a request, or returns an error without having written: a *Problem is sent as it is, anything
// else becomes one.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// methods are the handlers of one path. They are not left to the ServeMux's own method patterns, which answer 405 in
// plain text.
type methods map[string]handlerFunc

func (m methods) allow() string {
	allow := []string{http.MethodOptions}
	for method := range m {
		allow = append(allow, method)
		if method == http.MethodGet {
			allow = append(allow, http.MethodHead)
		}
	}
	slices.Sort(allow)
	return strings.Join(allow, ", ")
}

func (a *API) handle(pattern string, m methods) {
	allow := m.allow()
	a.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet // the server drops the body
		}
		h, ok := m[method]
		switch {
		case ok:
			if err := h(w, r); err != nil {
				a.fail(w, r, err)
			}
		case method == http.MethodOptions:
			a.preflight(w, r, allow)
		default:
			w.Header().Set("Allow", allow)
			a.fail(w, r, newProblem(http.StatusMethodNotAllowed, TypeMethodNotAllowed, "This path takes "+allow+"."))
		}
	})
}

// route hands r to the handler of its path. A path that the ServeMux would redirect to its clean form is an unknown
// one: the redirect would be lost behind a gateway that adds a prefix, and no client of ours sends such a path.
func (a *API) route(w http.ResponseWriter, r *http.Request) {
	if p := r.URL.Path; p == "" || p[0] != '/' || path.Clean(p) != p {
		a.fail(w, r, errNoSuchPath)
		return
	}
	a.mux.ServeHTTP(w, r)
}

func (a *API) health(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, struct {
		Status string `json:"status"`
	}{"ok"})
}

// baseURL is what the paths of this API come after: the configured one, or the scheme and host of the request and
// the part of its path that was stripped before it came here, such as an API Gateway stage. Behind a proxy that ends
// TLS or changes the host the configured one is needed: headers that name the outer address are not trusted.
func (a *API) baseURL(r *http.Request) string {
	if a.cfg.PublicURL != "" {
		return a.cfg.PublicURL
	}
	u := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		u.Scheme = "https"
	}
	stripped := ""
	if full, err := url.ParseRequestURI(r.RequestURI); err == nil {
		if before, ok := strings.CutSuffix(full.EscapedPath(), r.URL.EscapedPath()); ok {
			stripped = before
		}
	}
	return u.String() + strings.TrimSuffix(stripped, "/")
}

// mediaType returns the lower-case media type of a Content-Type without its parameters, or "" when it has none.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return t
}
