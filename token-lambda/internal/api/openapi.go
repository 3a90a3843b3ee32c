package api

import (
	_ "embed"
	"net/http"
)

// openAPI describes this API. A test holds every answer against it.
//
//go:embed openapi.json
var openAPI []byte

// contract answers GET /openapi.json.
func (a *API) contract(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache")
	w.Write(openAPI) // an error here means that the client has gone
	return nil
}
