// Package client uploads photos as the application's own clients do: it asks the API for an upload token, sends the
// bytes straight to S3 with exactly the headers that the token names, and asks for the photo's state until there is
// an outcome.
//
// What fails for a reason that may pass (a lost connection, 429 and 5xx) is tried again with growing waits. An upload
// whose answer was lost may have arrived: S3 then refuses the next one with 412. Nobody else has the token, so this is no
// failure, whoever lost the answer (this client, one before it or a proxy): the photo's state says what became of it.
package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"darkroom/worker/photo"
)

// TokenSource gives the bearer token of the user.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// Config says where the API is and who asks it.
type Config struct {
	API    string // its URL, without a slash at the end
	Board  photo.Board
	Tokens TokenSource
	// Timeout is how long to wait for the outcome of a photo after its upload; default two minutes.
	Timeout time.Duration
	HTTP    *http.Client // default http.DefaultClient
}

// Client uploads photos to one board. It may be used by several goroutines.
type Client struct{ config Config }

// New returns a client.
func New(c Config) (*Client, error) {
	if c.API == "" || c.Tokens == nil {
		return nil, errors.New("upload: no API or no tokens")
	}
	if _, err := photo.ParseBoard(string(c.Board)); err != nil {
		return nil, fmt.Errorf("upload: %w", err)
	}
	if c.Timeout == 0 {
		c.Timeout = 2 * time.Minute
	}
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	return &Client{c}, nil
}

// Outcome is what became of a photo.
type Outcome struct {
	ID       photo.ID      `json:"id"`
	State    photo.State   `json:"state"`
	Reason   photo.Reason  `json:"reason"`
	Detail   string        `json:"detail"`
	Width    int           `json:"width"`  // pixels, upright
	Height   int           `json:"height"` // pixels, upright
	Variants []Variant     `json:"variants"`
	Took     time.Duration `json:"-"` // from asking for the token to the outcome
}

// Variant is a resized copy that can be downloaded for a while.
type Variant struct {
	Name        string `json:"name"`
	URL         string `json:"url"`
	ContentType string `json:"contentType"`
	Width       int    `json:"width"`  // pixels
	Height      int    `json:"height"` // pixels
	Bytes       int64  `json:"bytes"`
	SHA256      string `json:"sha256"` // lower-case hexadecimal
}

// UploadToken is the API's answer to a request for an upload token: the photo's name, and how to send it. The URL and the
// headers are as good as a password.
type UploadToken struct {
	ID        photo.ID          `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	StatusURL string            `json:"statusUrl"`
}

// Upload sends the photo and waits for its outcome. An outcome of Rejected is no error.
func (c *Client) Upload(ctx context.Context, p Photo) (Outcome, error) {
	start := time.Now()
	token, err := c.Ask(ctx, p)
	if err != nil {
		return Outcome{}, err
	}
	if err := c.Send(ctx, p, token); err != nil {
		return Outcome{}, err
	}
	out, err := c.await(ctx, token.StatusURL)
	out.Took = time.Since(start)
	return out, err
}

// Ask asks for an upload token for the photo.
func (c *Client) Ask(ctx context.Context, p Photo) (UploadToken, error) {
	sum, err := p.sum()
	if err != nil {
		return UploadToken{}, err
	}
	t, err := c.ask(ctx, p, sum)
	if err != nil {
		return UploadToken{}, fmt.Errorf("ask for an upload token: %w", err)
	}
	return t, nil
}

func (c *Client) ask(ctx context.Context, p Photo, sum [sha256.Size]byte) (UploadToken, error) {
	body, err := json.Marshal(struct {
		ContentType   string `json:"contentType"`
		ContentLength int64  `json:"contentLength"`
		SHA256        string `json:"sha256"`
	}{p.ContentType, p.Size, base64.StdEncoding.EncodeToString(sum[:])})
	if err != nil {
		return UploadToken{}, err
	}
	var up UploadToken
	err = retry(ctx, func() error {
		return c.api(ctx, http.MethodPost, c.config.API+"/boards/"+string(c.config.Board)+"/uploads", body, http.StatusCreated, &up)
	})
	if err == nil && (up.URL == "" || up.StatusURL == "") {
		err = errors.New("the answer has no URL")
	}
	return up, err
}

// Send sends the photo with its token. It is no error if an earlier attempt has arrived.
func (c *Client) Send(ctx context.Context, p Photo, t UploadToken) error {
	if err := c.send(ctx, p, t); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, p Photo, up UploadToken) error {
	return retry(ctx, func() error {
		body, err := p.Open()
		if err != nil {
			return err
		}
		defer body.Close()
		req, err := http.NewRequestWithContext(ctx, up.Method, up.URL, body)
		if err != nil {
			return withoutURL(err)
		}
		for name, value := range up.Headers {
			req.Header.Set(name, value)
		}
		req.ContentLength = p.Size // net/http sends this one, whatever the header says
		resp, err := c.config.HTTP.Do(req)
		if err != nil {
			return passing{withoutURL(err)}
		}
		defer drain(resp)
		switch {
		case resp.StatusCode == http.StatusOK, resp.StatusCode == http.StatusPreconditionFailed:
			return nil
		case resp.StatusCode == http.StatusConflict: // S3 could not decide between two that came at once
			return passing{failure(resp)}
		}
		return failure(resp)
	})
}

const firstPoll, lastPoll = 100 * time.Millisecond, 2 * time.Second

func (c *Client) await(ctx context.Context, url string) (Outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.config.Timeout, fmt.Errorf("no outcome within %s", c.config.Timeout))
	defer cancel()
	for wait := firstPoll; ; wait = min(wait*3/2, lastPoll) {
		out, err := c.State(ctx, url)
		switch {
		case err != nil && ctx.Err() != nil:
			return out, context.Cause(ctx)
		case err != nil:
			return out, err
		case out.State == photo.Ready || out.State == photo.Rejected || out.State == photo.Removed:
			return out, nil
		}
		if err := pause(ctx, wait); err != nil {
			return out, fmt.Errorf("%w: the photo is still %s", err, out.State)
		}
	}
}

// State asks for the state of a photo, which has the statusUrl of its token.
func (c *Client) State(ctx context.Context, url string) (Outcome, error) {
	var out Outcome
	err := retry(ctx, func() error { return c.api(ctx, http.MethodGet, url, nil, http.StatusOK, &out) })
	if err != nil {
		return out, fmt.Errorf("ask for the state: %w", err)
	}
	return out, nil
}

// api makes one request to the API and decodes its answer.
func (c *Client) api(ctx context.Context, method, url string, body []byte, want int, into any) error {
	token, err := c.config.Tokens.Token(ctx)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.config.HTTP.Do(req)
	if err != nil {
		return passing{err}
	}
	defer drain(resp)
	if resp.StatusCode != want {
		return failure(resp)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return passing{fmt.Errorf("answer of %s: %w", url, err)}
	}
	return nil
}

// Download returns the bytes of a variant, after holding them against the length and the digest in v.
func (c *Client) Download(ctx context.Context, v Variant) ([]byte, error) {
	var b []byte
	err := retry(ctx, func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.URL, nil)
		if err != nil {
			return withoutURL(err)
		}
		resp, err := c.config.HTTP.Do(req)
		if err != nil {
			return passing{withoutURL(err)}
		}
		defer drain(resp)
		if resp.StatusCode != http.StatusOK {
			return failure(resp)
		}
		if b, err = io.ReadAll(io.LimitReader(resp.Body, v.Bytes+1)); err != nil {
			return passing{withoutURL(err)}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("download %s: %w", v.Name, err)
	}
	sum := sha256.Sum256(b)
	switch {
	case int64(len(b)) != v.Bytes:
		return nil, fmt.Errorf("download %s: %d bytes or more, the manifest says %d", v.Name, len(b), v.Bytes)
	case hex.EncodeToString(sum[:]) != v.SHA256:
		return nil, fmt.Errorf("download %s: the bytes do not have the digest in the manifest", v.Name)
	}
	return b, nil
}
