// Package photoset provides the photos of a comparison: those that a user names, and drawn ones, which are the same for
// everyone.
package photoset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"darkroom/deploy/testkit/photofiles"
)

// Kind groups photos by what matters most to a codec: the format, whether a JPEG is baseline or progressive, and
// whether a PNG has transparent pixels, because its variants are then PNG.
type Kind string

const (
	Baseline    Kind = "baseline"
	Progressive Kind = "progressive"
	OpaquePNG   Kind = "png"
	AlphaPNG    Kind = "png-alpha"
	HEIC        Kind = "heic"
)

// Kinds lists all kinds in the order of the table.
var Kinds = []Kind{Baseline, Progressive, OpaquePNG, AlphaPNG, HEIC}

// extension returns the file extension of a photo.
func (k Kind) extension() string {
	switch k {
	case OpaquePNG, AlphaPNG:
		return ".png"
	case HEIC:
		return ".heic"
	}
	return ".jpg"
}

// Original is a photo to measure.
type Original struct {
	Name string // unique name for the table
	Path string
	Kind Kind
	// Decoded is the path of the same picture as a PNG, for a kind that the standard library does not decode, or "".
	Decoded string
}

// Find returns the JPEG, PNG and HEIC files that paths name. In folders it finds them by their extension, at any depth.
func Find(paths []string) ([]Original, error) {
	var photos []Original
	add := func(path string) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		k, err := kindOf(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if k == AlphaPNG { // a picture with an alpha channel may be opaque everywhere
			m, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if o, ok := m.(interface{ Opaque() bool }); ok && o.Opaque() {
				k = OpaquePNG
			}
		}
		photos = append(photos, Original{Name: uniqueName(photos, filepath.Base(path)), Path: path, Kind: k})
		return nil
	}
	files, err := photofiles.Find(paths, photofiles.Extension(".jpg", ".jpeg", ".png", ".heic", ".heif", ".hif"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := add(file); err != nil {
			return nil, err
		}
	}
	return photos, nil
}

// uniqueName returns the name, with a number if another photo has the same: names are also folder names.
func uniqueName(photos []Original, name string) string {
	isTaken := func(n string) bool {
		return slices.ContainsFunc(photos, func(p Original) bool { return strings.EqualFold(p.Name, n) })
	}
	unique := name
	for n := 2; isTaken(unique); n++ {
		unique = fmt.Sprintf("%s-%d", name, n)
	}
	return unique
}

var errNotPhoto = errors.New("not a JPEG, PNG or HEIC photo that all sides can read")

// kindOf reads the headers. A PNG that may have transparent pixels counts as one that has.
func kindOf(data []byte) (Kind, error) {
	const signature = "\x89PNG\r\n\x1a\n"
	switch {
	case isHEIC(data):
		return HEIC, nil
	case len(data) < 33 || !bytes.HasPrefix(data, []byte(signature)):
		return kindOfJPEG(data)
	}
	data, colour := data[len(signature):], data[25]
	for len(data) >= 12 { // chunks: length, type, data, checksum
		length, name := binary.BigEndian.Uint32(data), string(data[4:8])
		switch {
		case name == "tRNS", name == "IDAT" && colour&4 != 0:
			return AlphaPNG, nil
		case name == "IDAT":
			return OpaquePNG, nil
		case int64(length) > int64(len(data)-12):
			return "", errNotPhoto
		}
		data = data[12+length:]
	}
	return "", errNotPhoto
}

// isHEIC reports whether the file type box of a file names a brand of HEVC pictures (ISO/IEC 23008-12, B.4).
func isHEIC(data []byte) bool {
	brands, err := findBox(data, "ftyp")
	for ; err == nil && len(brands) >= 4; brands = brands[4:] { // the second field is a version, not a brand
		switch string(brands[:4]) {
		case "heic", "heix", "heim", "heis":
			return true
		}
	}
	return false
}

// kindOfJPEG finds the start of the frame (ITU-T T.81, B.1.1.3: SOF0 to SOF15 without DHT, JPG and DAC).
func kindOfJPEG(data []byte) (Kind, error) {
	if !bytes.HasPrefix(data, []byte{0xff, 0xd8}) {
		return "", errNotPhoto
	}
	for i := 2; i+4 <= len(data); {
		marker := data[i+1]
		switch {
		case data[i] != 0xff:
			return "", errNotPhoto
		case marker == 0xff: // a fill byte
			i++
			continue
		case marker == 0xc0, marker == 0xc1:
			return Baseline, nil
		case marker == 0xc2:
			return Progressive, nil
		case marker > 0xc2 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return "", errNotPhoto // lossless, hierarchical or arithmetic
		}
		i += 2 + int(data[i+2])<<8 + int(data[i+3])
	}
	return "", errNotPhoto
}

// Link creates dir and count links to the photo in it, and returns their paths.
func Link(p Original, dir string, count int) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	first := filepath.Join(dir, FileName(0, p.Kind))
	if err := CopyFile(first, p.Path); err != nil {
		return nil, err
	}
	files := []string{first}
	for i := 1; i < count; i++ {
		file := filepath.Join(dir, FileName(i, p.Kind))
		if os.Link(first, file) != nil { // not every file system supports links
			if err := CopyFile(file, first); err != nil {
				return nil, err
			}
		}
		files = append(files, file)
	}
	return files, nil
}

func CopyFile(to, from string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	_, err = io.Copy(dst, src)
	return err
}

// FileName returns the name of the i-th file of a photo. Without the extension it is the folder of its variants.
func FileName(i int, k Kind) string { return fmt.Sprintf("%03d", i) + k.extension() }
