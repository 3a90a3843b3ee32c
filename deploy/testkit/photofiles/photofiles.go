// Package photofiles finds the photos that the arguments of a command name.
package photofiles

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"darkroom/deploy/client"
)

// Find returns the paths of files. A path of a file is returned as it is. Below a folder Find returns, in lexical
// order and at any depth, every regular file whose name match accepts; it skips names that begin with a dot. A folder
// without such a file is an error.
func Find(paths []string, match func(name string) bool) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, readable(err)
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		before := len(files)
		err = filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
			hidden := strings.HasPrefix(e.Name(), ".") && file != path
			switch {
			case err != nil:
				return err
			case e.IsDir() && hidden:
				return fs.SkipDir
			case e.Type().IsRegular() && !hidden && match(e.Name()):
				files = append(files, file)
			}
			return nil
		})
		if err != nil {
			return nil, readable(err)
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s: no photos in this folder", path)
		}
	}
	return files, nil
}

// Uploads returns the files that [Find] finds as photos to upload. Below folders it takes only files with the extension
// of an image.
func Uploads(paths []string) ([]client.Photo, error) {
	files, err := Find(paths, imageName)
	if err != nil {
		return nil, err
	}
	var photos []client.Photo
	for _, file := range files {
		p, err := client.FromFile(file)
		if err != nil {
			return nil, readable(err)
		}
		photos = append(photos, p)
	}
	return photos, nil
}

// readable adds advice to an error about a file that this user may not read. In a container the user is usually not the
// owner of the files.
func readable(err error) error {
	var denied *fs.PathError
	if !errors.Is(err, fs.ErrPermission) || !errors.As(err, &denied) {
		return err
	}
	return fmt.Errorf("user %d may not read %s: let others read it (chmod -R o+rX FOLDER), or run this as its owner (docker compose run --user \"$(id -u):$(id -g)\" ...): %w", os.Getuid(), denied.Path, err)
}

// Extension returns a match function for [Find] that accepts names with one of the extensions, in either case.
func Extension(extensions ...string) func(name string) bool {
	return func(name string) bool { return slices.Contains(extensions, strings.ToLower(filepath.Ext(name))) }
}

// imageName reports whether the extension of a file name is that of an image type.
func imageName(name string) bool {
	return strings.HasPrefix(mime.TypeByExtension(strings.ToLower(filepath.Ext(name))), "image/")
}
