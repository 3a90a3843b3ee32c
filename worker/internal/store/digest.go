package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Digest reads an object and returns the SHA-256 of its bytes in lower-case hexadecimal. The error wraps [ErrNotFound]
// if there is no object.
func Digest(ctx context.Context, r Reader, key string) (string, error) {
	_, body, err := r.Get(ctx, key, "")
	if err != nil {
		return "", err
	}
	defer body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, body); err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
