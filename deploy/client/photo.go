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
	Name        string // for messages; its last part, if valid, is kept with the photo: see [photo.Labels]
	ContentType string
	Size        int64 // bytes
	Open        func() (io.ReadCloser, error)
	Metadata    map[string]string // kept with the photo: see [photo.Labels]
}

// label returns the name to keep with the photo, or "" if the API does not take it.
func (p Photo) label() string {
	name := filepath.Base(p.Name)
	if p.Name == "" || (photo.Labels{Name: name}).Validate() != nil {
		return ""
	}
	return name
}

// sum returns the SHA-256 of the photo. It is an error if the size of the photo has changed.
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
		return sum, fmt.Errorf("the file has changed from %d to %d bytes", p.Size, n)
	}
	h.Sum(sum[:0])
	return sum, nil
}

// FromBytes returns a photo in memory.
func FromBytes(name, contentType string, b []byte) Photo {
	return Photo{Name: name, ContentType: contentType, Size: int64(len(b)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(b)), nil
	}}
}

// FromFile returns the photo at path. Its media type comes from its first bytes if they are those of a supported
// format, and otherwise from its name: the API rejects a file that is not a photo.
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
		return Photo{}, fmt.Errorf("%s: not a regular file", path)
	}
	head := make([]byte, 512) // DetectContentType reads no more
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Photo{}, err
	}
	return Photo{
		Name: path, ContentType: contentType(path, head[:n]), Size: info.Size(),
		Open: func() (io.ReadCloser, error) { return os.Open(path) },
	}, nil
}

// Some systems lack the formats of phones in their table of media types.
func init() {
	types := map[string]string{".heif": "image/heif"}
	for _, f := range photo.Readable {
		types["."+f.Ext()] = f.ContentType()
	}
	for ext, contentType := range types {
		if err := mime.AddExtensionType(ext, contentType); err != nil {
			panic(err) // the media types are valid
		}
	}
}

// contentType returns the media type of a file with this name and these first bytes.
func contentType(name string, head []byte) string {
	sniffed := http.DetectContentType(head)
	if _, ok := photo.ReadableFormat(sniffed); ok {
		return sniffed
	}
	if byName := mime.TypeByExtension(strings.ToLower(filepath.Ext(name))); byName != "" {
		return byName
	}
	return sniffed
}
