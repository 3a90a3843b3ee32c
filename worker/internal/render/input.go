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
	folder string // folder of its variants
}

// fault is a path that could not be read, with its error.
type fault struct {
	path string
	err  error
}

// list returns the files that paths name, each with a folder below out for its variants, and the paths that could not
// be read. Within a folder it skips names that begin with a dot, anything that is not a regular file, and out itself.
func list(out string, paths []string) (inputs []input, faults []fault) {
	folders := map[string]bool{}
	add := func(path string) {
		inputs = append(inputs, input{path, filepath.Join(out, folderName(path, folders))})
	}
	outInfo, _ := os.Stat(out) // without an existing folder nothing is skipped
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			faults = append(faults, fault{path, withoutPath(err)})
			continue
		}
		if !info.IsDir() {
			add(path)
			continue
		}
		// The function returns no error except SkipDir, so WalkDir returns none.
		_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				faults = append(faults, fault{name, withoutPath(err)})
			case name != path && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.IsDir():
				if info, err := d.Info(); err == nil && name != path && os.SameFile(info, outInfo) {
					return fs.SkipDir
				}
			case d.Type().IsRegular():
				add(name)
			}
			return nil
		})
	}
	return inputs, faults
}

// folderName returns the name of a file without its extension. If the name is taken, it adds a number. Names that
// differ only in case count as the same, because they are on many file systems.
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

// withoutPath returns an error of package os without the name of the system call and the path.
func withoutPath(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// read returns the content of a file, but at most one byte more than the engine accepts.
func (r *renderer) read(path string) ([]byte, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, withoutPath(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, withoutPath(err)
	}
	data, err := io.ReadAll(io.LimitReader(f, r.Engine.MaxBytes()+1))
	if err != nil {
		return nil, nil, withoutPath(err)
	}
	return data, info, nil
}
