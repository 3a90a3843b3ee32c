// Package front is the one address that a person opens on this machine. It serves the board page at / and puts the API
// at the same origin, as a distribution of CloudFront could on AWS:
//
//	GET  /, /page/..., /config.json              the page: see package web
//	any  /boards/..., /openapi.json, /healthz    the token Lambda
//	POST /sign-in                                {"boards":["cats"]} -> {"token":"...","expiresAt":"..."}
//	GET  /system.json                            what the system does just now: see [State]
//
// The last two are for development only. Whoever reaches /sign-in gets a token from the development issuer, for any board,
// and /system.json looks behind the API: at the queue and at the workers' metrics.
package front

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"

	"darkroom/deploy/web"
	"darkroom/worker/photo"
	"darkroom/worker/process"
)

// Config says where the parts of the system are. URLs are without a slash at the end.
type Config struct {
	API     string   // of the token Lambda
	Issuer  string   // of the development issuer
	Storage string   // of S3, as pages reach it
	Queue   string   // of the queue of S3 event notifications, at the endpoint where this program reaches SQS
	Workers []string // where the workers' metrics are; a host name may stand for several
	Boards  []string // that the page offers
	Log     *slog.Logger
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	for what, s := range map[string]string{"API": c.API, "issuer": c.Issuer, "storage": c.Storage, "queue": c.Queue} {
		if err := checkURL(s); err != nil {
			return fmt.Errorf("URL of the %s %q: %w", what, s, err)
		}
	}
	for _, s := range c.Workers {
		if err := checkURL(s); err != nil {
			return fmt.Errorf("URL of a worker %q: %w", s, err)
		}
	}
	for _, b := range c.Boards {
		if _, err := photo.ParseBoard(b); err != nil {
			return err
		}
	}
	return nil
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("want http(s)://host[:port]")
	}
	return nil
}

const (
	signInPath = "/sign-in"
	systemPath = "/system.json"
)

// New returns the handler, or an error when c is not valid.
func New(c Config) (http.Handler, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	page, err := web.Handler(web.Config{Boards: c.Boards, SignIn: signInPath, System: systemPath, Storage: []string{c.Storage}})
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
	proxy := toAPI(api, c.Log)
	mux := http.NewServeMux()
	for _, path := range []string{"/boards/", "/openapi.json", process.HealthPath} {
		mux.Handle(path, proxy)
	}
	mux.Handle("POST "+signInPath, signIn(c.Issuer, c.Log))
	mux.Handle("GET "+systemPath, system)
	mux.Handle("/", page)
	return mux, nil
}

// connections are those to the API that are kept for the next request.
const connections = 64

// toAPI passes requests on with the host that the client named, so that the API's own links lead here.
func toAPI(api *url.URL, log *slog.Logger) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, connections
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(api)
			r.Out.Host = r.In.Host
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil { // else it is the client that went away
				log.Warn("the API does not answer", "err", err)
			}
			problem(w, http.StatusBadGateway, "The API does not answer.")
		},
	}
}
