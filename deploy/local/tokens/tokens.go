// Package tokens gets bearer tokens from the development issuer.
package tokens

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake/issuer"
)

// Source is a client.TokenSource that gets its tokens from the development issuer. It replaces a token shortly before
// it expires.
type Source struct {
	URL     string // URL of the issuer, without a slash at the end
	Subject string
	Boards  []string
	Scope   string        // with spaces between; default as the issuer's
	TTL     time.Duration // default as the issuer's
	HTTP    *http.Client  // default http.DefaultClient

	mu    sync.Mutex
	token issuer.Response
}

const (
	// renewal is how long before its expiry a token is replaced.
	renewal = time.Minute
	// maxAnswer is the maximum size of an answer in bytes: far more than the issuer sends.
	maxAnswer = 64 << 10
)

// Token returns a token that is valid for a while.
func (s *Source) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Until(s.token.ExpiresAt) < renewal {
		if err := client.Retry(ctx, func() error { return s.fetch(ctx) }); err != nil {
			return "", fmt.Errorf("get a token from %s: %w", s.URL, err)
		}
	}
	return s.token.Token, nil
}

func (s *Source) fetch(ctx context.Context) error {
	in := issuer.Request{Subject: s.Subject, Boards: s.Boards, Scope: s.Scope}
	if s.TTL > 0 {
		in.TTL = s.TTL.String()
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/token", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	httpClient := s.HTTP
	if httpClient == nil {
		httpClient = http.DefaultClient
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		return client.Temporary(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return client.ResponseError(resp)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&s.token)
}
