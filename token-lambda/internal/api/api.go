// Package api is Darkroom's HTTP API: it issues upload tokens and reports the state of photos.
//
//	POST   /v1/boards/{board}/uploads                creates an upload and its token, a presigned PUT 201
//	POST   /v1/boards/{board}/uploads/batch          creates up to 50 uploads                         201
//	GET    /v1/boards/{board}/uploads                lists the photos of the board, a page at a time  200
//	GET    /v1/boards/{board}/uploads/{id}           returns the state of a photo and its variants    200, 304
//	DELETE /v1/boards/{board}/uploads/{id}           removes a photo                                  204
//	GET    /v1/boards/{board}/uploads/{id}/erasure   returns the receipt of a removed photo           200, 202
//	GET    /v1/boards/{board}/uploads/{id}/outcome   waits for the outcome of a photo                 200, 304
//	GET    /v1/boards/{board}/outcomes?ids=          waits for the outcomes of photos                 200, 304
//	GET    /v1/erasure-keys                          returns the keys to verify receipts with         200
//	GET    /problems/                                lists the types of problems                      200
//	GET    /problems/{slug}                          describes a type of problem                      200
//	GET    /openapi.json                             returns the contract                             200
//	GET    /healthz                                  the process serves                               200
//
// The routes under /v1/boards need a bearer token (RFC 6750) that includes the board. Every failure is a problem
// document (RFC 9457) of one of [contract.ProblemTypes]. Every answer carries X-Request-Id and Cache-Control: no-store,
// or no-cache if it describes photos. Every request leaves one record in the log, which never holds a token or a URL.
//
// The package knows neither AWS nor JWT: see [Authenticator], [Signer] and [Store].
package api

import (
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// API is the http.Handler of the package. It is safe for concurrent use.
type API struct {
	cfg    Config
	auth   Authenticator
	signer Signer
	store  Store
	log    *slog.Logger
	mux    *http.ServeMux

	draining chan struct{} // closed by Drain
	streams  streams
	reads    atomic.Uint64 // number of requests so far that only read, to trace one in readsTraced
}

// New returns the API, or an error if cfg is not valid.
func New(cfg Config, auth Authenticator, signer Signer, store Store, log *slog.Logger) (*API, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	cfg.PublicURL = strings.TrimSuffix(cfg.PublicURL, "/")
	boards := make(map[photo.Board]Limits, len(cfg.Boards))
	for board, l := range cfg.Boards {
		boards[board], _ = l.inherit(cfg.general()) // Validate has checked the error
	}
	cfg.Boards = boards
	a := &API{cfg: cfg, auth: auth, signer: signer, store: store, log: log, mux: http.NewServeMux(),
		draining: make(chan struct{}), streams: streams{most: cfg.MaxStreams}}
	for pattern, m := range a.routes() {
		a.handle(pattern, m)
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { a.fail(w, r, errNoSuchPath) })
	return a, nil
}

// routes returns the handlers of every path.
func (a *API) routes() map[string]methods {
	return map[string]methods{
		contract.UploadsPattern:  {http.MethodPost: a.createUpload, http.MethodGet: a.listUploads},
		contract.BatchPattern:    {http.MethodPost: a.createBatch},
		contract.UploadPattern:   {http.MethodGet: a.uploadStatus, http.MethodDelete: a.removeUpload},
		contract.OutcomePattern:  {http.MethodGet: a.uploadStatus},
		contract.OutcomesPattern: {http.MethodGet: a.listOutcomes},
		contract.ErasurePattern:  {http.MethodGet: a.erasureReceipt},
		contract.ErasureKeysPath: {http.MethodGet: a.erasureKeys},
		HealthPath:               {http.MethodGet: a.health},
		contract.OpenAPIPath:     {http.MethodGet: a.serveOpenAPI},
		contract.ProblemsPath:    {http.MethodGet: a.listProblemTypes},
		contract.ProblemPattern:  {http.MethodGet: a.showProblemType},
	}
}

// Drain ends the waits of running and future requests, so that a server can stop. It may be called once.
func (a *API) Drain() { close(a.draining) }
