package stack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// erasureKey returns the file with the key by which the API of this data folder signs receipts. It makes one at the
// first start.
func (c Config) erasureKey() (string, error) {
	path := filepath.Join(c.Data, "erasure-key.pem")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("erasure key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", fmt.Errorf("erasure key: %w", err)
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return "", fmt.Errorf("erasure key: %w", err)
	}
	return path, nil
}

// idKey returns the secret by which the API of this data folder recognises its ids. It makes one at the first start.
func (c Config) idKey() (string, error) {
	path := filepath.Join(c.Data, "id-key")
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = []byte(rand.Text() + rand.Text())
		err = os.WriteFile(path, key, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("id key: %w", err)
	}
	return string(key), nil
}
