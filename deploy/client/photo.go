package client

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"darkroom/worker/photo"
)

// Photo is a file to upload.
type Photo struct {
	Name        string // for messages
	ContentType string
	Size        int64 // bytes
	Open        func() (io.ReadCloser, error)
}

// sum is the digest of the photo. It is an error when the photo has another size than it had.
func (p Photo) sum() (sum [sha256.Size]byte, err error) {
	r, err := p.Open()
	if err != nil {
		return sum, err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		return sum, err
	}
	if n != p.Size {
		return sum, fmt.Errorf("the file has changed: %d bytes, it had %d", n, p.Size)
	}
	h.Sum(sum[:0])
	return sum, nil
}

// FromBytes is a photo in memory.
func FromBytes(name, contentType string, b []byte) Photo {
	return Photo{Name: name, ContentType: contentType, Size: int64(len(b)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b)), nil
	}}
}

// FromFile is the file at path. Its type is what its first bytes say where they are a picture's, and otherwise what
// its name says, so that it is the system that rejects what is no picture.
func FromFile(path string) (Photo, error) {
	f, err := os.Open(path)
	if err != nil {
		return Photo{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Photo{}, err
	}
	if !info.Mode().IsRegular() {
		return Photo{}, fmt.Errorf("%s: not a file", path)
	}
	head := make([]byte, 512) // all that DetectContentType looks at
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Photo{}, err
	}
	return Photo{
		Name: path, ContentType: contentType(path, head[:n]), Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}, nil
}

// Not every system knows what phones write.
func init() {
	for ext, contentType := range map[string]string{".heic": "image/heic", ".heif": "image/heif", ".avif": "image/avif"} {
		if err := mime.AddExtensionType(ext, contentType); err != nil {
			panic(err) // the types are well formed
		}
	}
}

func contentType(name string, head []byte) string {
	sniffed := http.DetectContentType(head)
	if _, ok := photo.FormatOf(sniffed); ok {
		return sniffed
	}
	if byName := mime.TypeByExtension(strings.ToLower(filepath.Ext(name))); byName != "" {
		return byName
	}
	return sniffed
}
