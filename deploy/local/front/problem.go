package front

import (
	"encoding/json"
	"net/http"

	"darkroom/token-lambda/contract"
)

// answer sends v as JSON that must not be cached.
func answer(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // fails only if the client disconnected
}

// problem sends a problem document (RFC 9457), as the API does.
func problem(w http.ResponseWriter, status int, detail string) {
	answer(w, status, contract.ProblemContentType,
		contract.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail})
}
