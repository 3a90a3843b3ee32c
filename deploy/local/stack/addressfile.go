package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// addressFile returns the path of the file in which a running system publishes its addresses, so that other commands of
// the same user find it.
func addressFile() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("address file: %w", err)
	}
	return filepath.Join(cache, "darkroom", "stack.json"), nil
}

// Publish writes the addresses to the address file. withdraw removes the file, unless another system has replaced it.
func (a Addresses) Publish() (withdraw func(), err error) {
	path, err := addressFile()
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	// The rename keeps readers from seeing a partly written file.
	tmp := fmt.Sprintf("%s.%d", path, a.PID)
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	return func() {
		if now, ok, err := Published(); err == nil && ok && now.PID == a.PID {
			os.Remove(path)
		}
	}, nil
}

// Published returns the addresses in the address file. It reports false if no running system has written one.
func Published() (Addresses, bool, error) {
	path, err := addressFile()
	if err != nil {
		return Addresses{}, false, err
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Addresses{}, false, nil
	}
	if err != nil {
		return Addresses{}, false, fmt.Errorf("address file: %w", err)
	}
	var a Addresses
	if err := json.Unmarshal(b, &a); err != nil {
		return Addresses{}, false, fmt.Errorf("address file %s: %w", path, err)
	}
	// Signal 0 only checks that the process exists: a system that was killed leaves its file behind.
	if err := syscall.Kill(a.PID, 0); a.PID <= 0 || err != nil && !errors.Is(err, syscall.EPERM) {
		return Addresses{}, false, nil
	}
	return a, true, nil
}
