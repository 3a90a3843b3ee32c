// Package front serves the board page and the API at one address, as a CloudFront distribution could on AWS:
//
//	GET  /, /page/..., /config.json              board page: see package web
//	any  /v1/..., /problems/..., /openapi.json   the token Lambda, with /healthz
//	GET  /system.json                            current state of the system: see [State]
//
// The last one is for development only: it bypasses the API and reads the queue and the workers' metrics.
package front

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"

	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/origin"
	"darkroom/deploy/web"
	"darkroom/worker/photo"
	"darkroom/worker/process"
	"darkroom/worker/settings"
)

// Config says where the parts of the system are. URLs have no slash at the end.
type Config struct {
	API          string      // URL of the token Lambda
	Issuer       string      // URL of the development issuer as this program reaches it
	PublicIssuer string      // URL of the development issuer as browsers reach it and as tokens name it; default Issuer
	Storage      string      // URL of S3 as browsers reach it
	CDN          string      // URL of the CDN that serves the variants; may be empty
	Queues       []string    // URLs of the queues at the endpoint by which this program reaches SQS
	Workers      []string    // URLs of the workers' metrics; a host name may stand for several workers
	Boards       []string    // boards that the page offers
	Origins      origin.List // other pages that may use the API, which must allow them too
	Log          *slog.Logger
}

// Validate reports the first invalid setting.
func (c Config) Validate() error {
	urls := []struct{ name, url string }{{"API_URL", c.API}, {"ISSUER_URL", c.Issuer}, {"ISSUER_PUBLIC_URL", cmp.Or(c.PublicIssuer, c.Issuer)}, {"S3_PUBLIC_ENDPOINT", c.Storage}}
	if c.CDN != "" {
		urls = append(urls, struct{ name, url string }{"PUBLIC_BASE_URL", c.CDN})
	}
	for _, w := range c.Workers {
		urls = append(urls, struct{ name, url string }{"WORKERS", w})
	}
	for _, q := range c.Queues {
		urls = append(urls, struct{ name, url string }{"QUEUE_URL", q})
	}
	for _, u := range urls {
		if _, err := settings.HTTPURL(u.url); err != nil {
			return settings.Named(u.name, err)
		}
	}
	for _, b := range c.Boards {
		if _, err := photo.ParseBoard(b); err != nil {
			return settings.Named("BOARDS", err)
		}
	}
	if len(c.Queues) == 0 {
		return errors.New("QUEUE_URL is not set: want the URL of a queue")
	}
	return settings.Named("ORIGINS", c.Origins.Validate())
}

const systemPath = "/system.json"

// Front is the handler of the page and the API.
type Front struct {
	http.Handler
	drain func()
}

// Drain ends the waits of running and future requests, so that a server can stop. They are answered with the state so
// far.
func (f *Front) Drain() { f.drain() }

// New returns the handler, or an error if c is invalid.
func New(c Config) (*Front, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	signIn := web.SignIn{Issuer: cmp.Or(c.PublicIssuer, c.Issuer), ClientID: issuer.BoardClient, Scope: issuer.DefaultScope + " " + issuer.OfflineScope}
	storage := []string{c.Storage}
	if c.CDN != "" {
		storage = append(storage, c.CDN)
	}
	page, err := web.Handler(web.Config{Boards: c.Boards, SignIn: &signIn, System: systemPath, Storage: storage})
	if err != nil {
		return nil, err
	}
	api, err := url.Parse(c.API)
	if err != nil {
		return nil, fmt.Errorf("URL of the API: %w", err)
	}
	system, err := newSystem(c)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, connections
	draining, drain := context.WithCancel(context.Background())
	proxy := apiProxy(api, waits{transport, draining}, c.Log)
	mux := http.NewServeMux()
	for _, path := range []string{"/v1/", "/problems/", "/openapi.json", process.HealthPath} {
		mux.Handle(path, proxy)
	}
	mux.Handle("GET "+systemPath, system)
	mux.Handle("/", page)
	return &Front{c.Origins.Refuse(mux), drain}, nil
}

// connections is the number of idle connections to the API that are kept.
const connections = 64

// apiProxy forwards requests to the API. It keeps the Host header of the client, so that the API's links lead to this
// server.
func apiProxy(api *url.URL, transport http.RoundTripper, log *slog.Logger) http.Handler {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(api)
			r.Out.Host = r.In.Host
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil { // otherwise the client disconnected
				log.Warn("the API does not answer", "err", err)
			}
			problem(w, http.StatusBadGateway, "The API does not answer.")
		},
	}
}
