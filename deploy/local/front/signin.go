package front

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"darkroom/deploy/local/fake/issuer"
	"darkroom/token-lambda/contract"
)

// subject is the subject of every token.
const subject = "you"

// maxBody is the largest body in bytes that is read, far above any list of boards and any token.
const maxBody = 64 << 10

// signIn returns a handler that answers anyone with a token of the development issuer.
func signIn(issuerURL string, log *slog.Logger) http.HandlerFunc {
	client := &http.Client{Timeout: 5 * time.Second}
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Boards []string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&in); err != nil {
			problem(w, http.StatusBadRequest, `Send {"boards":["cats"]}.`)
			return
		}
		body, err := json.Marshal(issuer.Request{Subject: subject, Boards: in.Boards})
		if err != nil {
			problem(w, http.StatusInternalServerError, "The token request could not be created.")
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, issuerURL+"/token", bytes.NewReader(body))
		if err != nil {
			problem(w, http.StatusInternalServerError, "The token request could not be created.")
			return
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			if r.Context().Err() == nil { // otherwise the client disconnected
				log.Warn("the token issuer does not answer", "err", err)
			}
			problem(w, http.StatusBadGateway, "The token issuer does not answer.")
			return
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
		switch {
		case err != nil:
			problem(w, http.StatusBadGateway, "The token issuer does not answer.")
		case resp.StatusCode != http.StatusOK:
			problem(w, resp.StatusCode, strings.TrimSpace(string(b)))
		default:
			answer(w, http.StatusOK, contract.ContentType, json.RawMessage(b))
		}
	}
}

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
