package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"darkroom/token-lambda/contract"
)

// Download returns the bytes of a variant. It is an error if they do not have the length and the digest in v.
func (c *Client) Download(ctx context.Context, v contract.Variant) ([]byte, error) {
	var b []byte
	err := Retry(ctx, func() error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.URL, nil)
		if err != nil {
			return withoutURL(err)
		}
		resp, err := c.config.HTTP.Do(req)
		if err != nil {
			return Temporary(withoutURL(err))
		}
		defer drain(resp)
		if resp.StatusCode != http.StatusOK {
			return ResponseError(resp)
		}
		if b, err = io.ReadAll(io.LimitReader(resp.Body, v.Bytes+1)); err != nil {
			return Temporary(withoutURL(err))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("download %s: %w", v.Name, err)
	}
	sum := sha256.Sum256(b)
	switch {
	case int64(len(b)) > v.Bytes:
		return nil, fmt.Errorf("download %s: more than the %d bytes that the API reports", v.Name, v.Bytes)
	case int64(len(b)) != v.Bytes:
		return nil, fmt.Errorf("download %s: %d bytes, the API reports %d", v.Name, len(b), v.Bytes)
	case hex.EncodeToString(sum[:]) != v.SHA256:
		return nil, fmt.Errorf("download %s: the digest differs from the one that the API reports", v.Name)
	}
	return b, nil
}
