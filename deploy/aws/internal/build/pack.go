package build

import (
	"archive/zip"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
)

// pack writes a zip for Lambda with the program as its bootstrap. It returns the first 8 bytes of the zip's SHA-256, in
// hexadecimal. The same program always gives the same zip, which records no time and no owner.
func pack(program, file string) (digest string, err error) {
	in, err := os.Open(program)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.Create(file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	sum := sha256.New()
	w := zip.NewWriter(io.MultiWriter(out, sum))
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestCompression) })
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := w.CreateHeader(header)
	if err == nil {
		_, err = io.Copy(entry, in)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return "", fmt.Errorf("zip of %s: %w", program, err)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}
