package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"darkroom/deploy/local/fake/issuer"
)

// StaticToken is a token that the user already has.
type StaticToken string

func (s StaticToken) Token(context.Context) (string, error) { return string(s), nil }

// Issuer gets tokens from the development issuer, and a new one before the last expires.
type Issuer struct {
	URL     string // of the issuer, without a slash at the end
	Subject string
	Boards  []string
	Scope   string        // with spaces between; "" is the issuer's default
	TTL     time.Duration // 0 is the issuer's default
	HTTP    *http.Client  // default http.DefaultClient

	mu    sync.Mutex
	token issuer.Response
}

// renewal is how long before its end a token is replaced.
const renewal = time.Minute

// Token returns a token that is good for a while.
func (i *Issuer) Token(ctx context.Context) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Until(i.token.ExpiresAt) < renewal {
		if err := retry(ctx, func() error { return i.fetch(ctx) }); err != nil {
			return "", fmt.Errorf("get a token from %s: %w", i.URL, err)
		}
	}
	return i.token.Token, nil
}

func (i *Issuer) fetch(ctx context.Context) error {
	in := issuer.Request{Subject: i.Subject, Boards: i.Boards, Scope: i.Scope}
	if i.TTL > 0 {
		in.TTL = i.TTL.String()
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.URL+"/token", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	client := i.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return passing{err}
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return failure(resp)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&i.token)
}
