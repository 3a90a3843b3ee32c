// Package client uploads photos as any client of the API does: it creates an upload, sends the bytes straight to S3
// with exactly the headers of its token, and has the API wait for the outcome.
//
// It retries requests that may succeed later (after a lost connection, 429 or 5xx), with growing waits or when the
// server says. If the answer to an upload is lost, the photo may have arrived, and S3 then refuses the next attempt
// with 412. Nobody else has the token, so a 412 is no failure, whoever lost the answer (this client, an earlier one or
// a proxy): the photo's state shows what became of it.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// TokenSource returns the bearer token of the user.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// StaticToken is a bearer token that the user already has.
type StaticToken string

// Token implements [TokenSource].
func (s StaticToken) Token(context.Context) (string, error) { return string(s), nil }

// Config says where the API is and who calls it.
type Config struct {
	API     string // URL of the API, without a slash at the end
	Board   photo.Board
	Tokens  TokenSource
	Timeout time.Duration // how long to wait for the outcome of a photo after its upload; default 2 minutes
	HTTP    *http.Client  // default http.DefaultClient
}

// Client uploads photos to one board. It is safe for concurrent use.
type Client struct{ config Config }

// New returns a client.
func New(c Config) (*Client, error) {
	switch {
	case c.API == "":
		return nil, errors.New("client: no URL of the API")
	case c.Tokens == nil:
		return nil, errors.New("client: no source of bearer tokens")
	}
	if _, err := photo.ParseBoard(string(c.Board)); err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Minute
	}
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	return &Client{c}, nil
}

// Remove removes a photo. The URL is its StatusURL. A photo may be removed more than once.
func (c *Client) Remove(ctx context.Context, url string) error {
	err := Retry(ctx, func() error {
		req, err := c.request(ctx, http.MethodDelete, url, nil)
		if err != nil {
			return err
		}
		_, err = c.call(req, http.StatusNoContent, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove the photo: %w", err)
	}
	return nil
}

// request returns a request to the API with the user's bearer token.
func (c *Client) request(ctx context.Context, method, url string, body []byte) (*http.Request, error) {
	token, err := c.config.Tokens.Token(ctx)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", contract.ContentType)
	}
	return req, nil
}

// call sends a request to the API and decodes its answer, unless into is nil. The answer must have the status want or,
// to a request with If-None-Match, 304. A 304 has no body.
func (c *Client) call(req *http.Request, want int, into any) (*http.Response, error) {
	resp, err := c.config.HTTP.Do(req)
	if err != nil {
		return nil, Temporary(err)
	}
	defer drain(resp)
	switch {
	case resp.StatusCode == http.StatusNotModified && req.Header.Get("If-None-Match") != "":
		return resp, nil
	case resp.StatusCode != want:
		return nil, ResponseError(resp)
	case into == nil:
		return resp, nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return nil, Temporary(fmt.Errorf("answer of %s: %w", req.URL, err))
	}
	return resp, nil
}
