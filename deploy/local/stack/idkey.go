package stack

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

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
