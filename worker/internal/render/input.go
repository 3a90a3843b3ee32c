package render

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// input is a file to render.
type input struct {
	path   string
	folder string // for its variants
}

// fault is a path that could not be read.
type fault struct {
	path string
	err  error
}

// list returns the files that paths name, with a folder below out for each, and what could not be read. Below a
// folder it passes over names that begin with a dot, whatever is no regular file, and out itself.
func list(out string, paths []string) (inputs []input, faults []fault) {
	folders := map[string]bool{}
	add := func(path string) {
		inputs = append(inputs, input{path, filepath.Join(out, folderName(path, folders))})
	}
	outInfo, _ := os.Stat(out) // has just been made; without it nothing is the same folder
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			faults = append(faults, fault{path, bare(err)})
			continue
		}
		if !info.IsDir() {
			add(path)
			continue
		}
		// The function returns no errors but SkipDir, so the walk has none either.
		_ = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				faults = append(faults, fault{at, bare(err)})
			case at != path && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.IsDir():
				if info, err := d.Info(); err == nil && at != path && os.SameFile(info, outInfo) {
					return fs.SkipDir
				}
			case d.Type().IsRegular():
				add(at)
			}
			return nil
		})
	}
	return inputs, faults
}

// folderName returns the name of a file without its extension, and with a number where that is taken. Names that
// differ in case alone are one on many file systems.
func folderName(path string, taken map[string]bool) string {
	base := filepath.Base(path)
	stem := strings.TrimLeft(strings.TrimSuffix(base, filepath.Ext(base)), ".")
	if stem == "" {
		stem = "photo"
	}
	name := stem
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s-%d", stem, n)
	}
	taken[strings.ToLower(name)] = true
	return name
}

// bare returns the error without the path and the system call that package os puts before it.
func bare(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// read returns the content of a file, at most one byte more than the engine takes.
func (r *renderer) read(path string) ([]byte, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, bare(err)
	}
	data, err := io.ReadAll(io.LimitReader(f, r.Engine.MaxBytes()+1))
	if err != nil {
		return nil, nil, bare(err)
	}
	return data, info, nil
}
