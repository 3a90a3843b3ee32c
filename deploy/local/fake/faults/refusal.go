package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
)

// Refusal is an answer that a handler gives to requests instead of the server's. Clients turn it on and off with
// [Refuse], as an operator revokes a key or a permission. It concerns the workers alone: presigned uploads, which are
// signed in their URL and with the credentials of the API, pass.
type Refusal struct {
	Status int    `json:"status"` // HTTP status, 300 to 599; 0 refuses nothing
	Code   string `json:"code"`   // error code of S3 or SQS; empty for an answer without a body
	// Only lists the operations to refuse, in the form of [Counts].Requests. An empty list refuses all.
	Only []string `json:"only,omitempty"`
}

// Validate reports the first setting that cannot be used.
func (r Refusal) Validate() error {
	if r.Status != 0 && (r.Status < 300 || r.Status > 599) {
		return fmt.Errorf("faults: refusal: status %d is not within 300 to 599", r.Status)
	}
	return nil
}

// Refuse makes the handler at url, such as http://127.0.0.1:9001, refuse requests from now on. The zero Refusal ends
// it.
func Refuse(ctx context.Context, url string, r Refusal) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url+CountsPath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
		return fmt.Errorf("PUT %s: %s: %s", req.URL, resp.Status, text)
	}
	return nil
}

// refusal is the Refusal of a handler.
type refusal struct{ now atomic.Pointer[Refusal] }

// applies returns the refusal of a request, or nil if it passes.
func (f *refusal) applies(r *http.Request, operation string) *Refusal {
	now := f.now.Load()
	if now == nil || now.Status == 0 || r.Header.Get("Authorization") == "" {
		return nil
	}
	if len(now.Only) > 0 && !slices.Contains(now.Only, operation) {
		return nil
	}
	return now
}

// change serves [Refuse].
func (f *refusal) change(w http.ResponseWriter, r *http.Request) {
	var next Refusal
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&next)
	if err == nil {
		err = next.Validate()
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.now.Store(&next)
	w.WriteHeader(http.StatusNoContent)
}
