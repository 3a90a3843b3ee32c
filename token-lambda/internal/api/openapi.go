package api

import (
	"net/http"

	"darkroom/token-lambda/contract"
)

// serveOpenAPI answers GET /openapi.json.
func (a *API) serveOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", contract.ContentType)
	h.Set("Cache-Control", "no-cache")
	w.Write(contract.OpenAPI) // an error here means that the client has gone
	return nil
}
