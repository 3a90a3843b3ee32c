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
)

// subject is who signs in on this machine.
const subject = "you"

// maxBody is far above any list of boards and any token, in bytes.
const maxBody = 64 << 10

// signIn gets whoever asks a token from the development issuer.
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
			problem(w, http.StatusInternalServerError, "The request for a token cannot be made.")
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, issuerURL+"/token", bytes.NewReader(body))
		if err != nil {
			problem(w, http.StatusInternalServerError, "The request for a token cannot be made.")
			return
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			if r.Context().Err() == nil { // else it is the client that went away
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
			answer(w, http.StatusOK, "application/json", json.RawMessage(b))
		}
	}
}

// answer sends v as JSON that nobody may keep.
func answer(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // an error here means that the client has gone
}

// problem sends a problem document (RFC 9457), as the API does.
func problem(w http.ResponseWriter, status int, detail string) {
	answer(w, status, "application/problem+json", struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, detail})
}
