package render

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

const board = "local"

// newManifest returns the manifest of a photo before it is rendered. It describes the file as S3 describes an object,
// with the SHA-256 as the ETag. If a file is too large, its id comes from the part that was read.
func newManifest(data []byte, info fs.FileInfo) *photo.Manifest {
	sum := sha256.Sum256(data)
	return &photo.Manifest{
		Version: photo.ManifestVersion,
		Board:   board,
		ID:      photo.ID(hex.EncodeToString(sum[:16])),
		Source: photo.Source{
			Bytes:    max(info.Size(), int64(len(data))), // a pipe has no size
			ETag:     `"` + hex.EncodeToString(sum[:]) + `"`,
			Modified: info.ModTime().UTC(),
		},
		Created: time.Now().UTC(),
	}
}

// write writes the files of a photo to its folder. It removes an old manifest first and writes the new one last, so if
// a folder has a manifest, it has every file that the manifest names.
func write(ctx context.Context, folder string, m *photo.Manifest, imgs []engine.Image) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if err := os.Remove(filepath.Join(folder, photo.ManifestName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("render: old manifest: %w", err)
	}
	for _, img := range imgs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeFile(folder, img.Name+"."+img.Format.Ext(), img.Data); err != nil {
			return err
		}
	}
	text, err := m.MarshalIndented()
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	return writeFile(folder, photo.ManifestName, text)
}

// writeFile writes a file under a temporary name and then renames it, so that it appears whole.
func writeFile(folder, name string, data []byte) (err error) {
	f, err := os.CreateTemp(folder, "."+name+"-*")
	if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("render: %w", err)
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(folder, name))
}
