package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"darkroom/token-lambda/contract"
)

// Upload sends the photo and waits for its outcome. A rejected photo is not an error.
func (c *Client) Upload(ctx context.Context, p Photo) (Outcome, error) {
	start := time.Now()
	created, err := c.CreateUpload(ctx, p)
	if err != nil {
		return Outcome{}, err
	}
	if err := c.Send(ctx, p, created.Upload); err != nil {
		return Outcome{}, err
	}
	up, err := c.awaitOutcome(ctx, created.OutcomeURL)
	return Outcome{up, time.Since(start)}, err
}

// CreateUpload creates an upload for the photo. [Client.Send] sends the photo with its token.
func (c *Client) CreateUpload(ctx context.Context, p Photo) (contract.NewUpload, error) {
	sum, err := p.sum()
	if err != nil {
		return contract.NewUpload{}, err
	}
	created, err := c.createUpload(ctx, p, sum)
	if err != nil {
		return contract.NewUpload{}, fmt.Errorf("create an upload: %w", err)
	}
	return created, nil
}

func (c *Client) createUpload(ctx context.Context, p Photo, sum [sha256.Size]byte) (contract.NewUpload, error) {
	body, err := json.Marshal(contract.UploadRequest{
		ContentType: p.ContentType, ContentLength: p.Size, SHA256: base64.StdEncoding.EncodeToString(sum[:]), Name: p.label(), Metadata: p.Metadata})
	if err != nil {
		return contract.NewUpload{}, err
	}
	var created contract.NewUpload
	err = Retry(ctx, func() error {
		req, err := c.request(ctx, http.MethodPost, c.config.API+contract.UploadsPath(c.config.Board), body)
		if err != nil {
			return err
		}
		_, err = c.call(req, http.StatusCreated, &created)
		return err
	})
	if err == nil && (created.Upload.URL == "" || created.StatusURL == "" || created.OutcomeURL == "") {
		err = errors.New("the answer lacks a URL")
	}
	return created, err
}

// Send sends the photo with its token. If an earlier attempt has already arrived, that is not an error.
func (c *Client) Send(ctx context.Context, p Photo, token contract.Token) error {
	if err := Retry(ctx, func() error { return c.sendOnce(ctx, p, token) }); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	return nil
}

func (c *Client) sendOnce(ctx context.Context, p Photo, token contract.Token) error {
	body, err := p.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	req, err := http.NewRequestWithContext(ctx, token.Method, token.URL, body)
	if err != nil {
		return withoutURL(err)
	}
	for name, value := range token.Headers {
		req.Header.Set(name, value)
	}
	req.ContentLength = p.Size // net/http sends this one and ignores the header
	resp, err := c.config.HTTP.Do(req)
	if err != nil {
		return Temporary(withoutURL(err))
	}
	defer drain(resp)
	switch {
	case resp.StatusCode == http.StatusOK, resp.StatusCode == http.StatusPreconditionFailed:
		return nil
	case resp.StatusCode == http.StatusConflict: // S3 could not decide between two simultaneous uploads
		return Temporary(ResponseError(resp))
	}
	return ResponseError(resp)
}
