package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// kind is how a JPEG orders its coefficients, which makes a great difference to a decoder.
type kind string

const (
	baseline    kind = "baseline"
	progressive kind = "progressive"
)

// kinds are in the order of the table.
var kinds = []kind{baseline, progressive}

// original is a photo to measure on.
type original struct {
	name string // for the table, unique
	path string
	kind kind
}

// findPhotos returns the JPEG files that paths name, and those of folders by their extension, at any depth.
func findPhotos(paths []string) ([]original, error) {
	var photos []original
	add := func(path string) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		k, err := kindOf(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		photos = append(photos, original{uniqueName(photos, filepath.Base(path)), path, k})
		return nil
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if err := add(path); err != nil {
				return nil, err
			}
			continue
		}
		err = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			ext := strings.ToLower(filepath.Ext(at))
			if err != nil || !d.Type().IsRegular() || ext != ".jpg" && ext != ".jpeg" {
				return err
			}
			return add(at)
		})
		if err != nil {
			return nil, err
		}
	}
	if len(photos) == 0 {
		return nil, fmt.Errorf("no JPEG photos in %s", strings.Join(paths, ", "))
	}
	return photos, nil
}

// uniqueName returns the name, with a number where a photo has it already: names are also those of folders.
func uniqueName(photos []original, name string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(photos, func(p original) bool { return strings.EqualFold(p.name, n) })
	}
	unique := name
	for n := 2; taken(unique); n++ {
		unique = fmt.Sprintf("%s-%d", name, n)
	}
	return unique
}

var errNotJPEG = errors.New("not a JPEG photo that the two sides read")

// kindOf looks for the start of the frame (ITU-T T.81, B.1.1.3: SOF0 to SOF15 without DHT, JPG and DAC).
func kindOf(data []byte) (kind, error) {
	if !bytes.HasPrefix(data, []byte{0xff, 0xd8}) {
		return "", errNotJPEG
	}
	for i := 2; i+4 <= len(data); {
		marker := data[i+1]
		switch {
		case data[i] != 0xff:
			return "", errNotJPEG
		case marker == 0xff: // a fill byte
			i++
			continue
		case marker == 0xc0, marker == 0xc1:
			return baseline, nil
		case marker == 0xc2:
			return progressive, nil
		case marker > 0xc2 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			return "", errNotJPEG // lossless, hierarchical or arithmetic
		}
		i += 2 + int(data[i+2])<<8 + int(data[i+3])
	}
	return "", errNotJPEG
}

// link makes count files of the photo's content in dir, which is made, and returns their paths.
func link(path, dir string, count int) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	first := filepath.Join(dir, fileName(0))
	if err := copyFile(first, path); err != nil {
		return nil, err
	}
	files := []string{first}
	for i := 1; i < count; i++ {
		file := filepath.Join(dir, fileName(i))
		if os.Link(first, file) != nil { // not every file system has links
			if err := copyFile(file, first); err != nil {
				return nil, err
			}
		}
		files = append(files, file)
	}
	return files, nil
}

func copyFile(to, from string) (err error) {
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
