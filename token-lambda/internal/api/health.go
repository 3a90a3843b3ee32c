package api

import (
	"net/http"

	"darkroom/token-lambda/contract"
	"darkroom/worker/process"
)

// HealthPath is the path that answers 200 while the process serves.
const HealthPath = process.HealthPath

// health answers GET /healthz.
func (a *API) health(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, contract.Health{Status: "ok"})
}
