package fakes3

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/posix"
)

// Names that versitygw uses for multipart uploads.
const (
	keyAttribute   = "objname"     // key of an upload
	partsAttribute = "mp-metadata" // upload that an object was made from
	inProgress     = ".inprogress" // end of the name of an upload that is being completed
)

// uploads removes temporary files, and reopens multipart uploads whose completion was interrupted: clients can complete
// them again.
func (m mend) uploads(bucket string) error {
	temporary := m.dirs.object(bucket, posix.MetaTmpDir)
	entries, err := os.ReadDir(temporary)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			if err := os.Remove(filepath.Join(temporary, e.Name())); err != nil {
				return err
			}
		}
	}
	keys, err := os.ReadDir(m.dirs.object(bucket, posix.MetaTmpMultipartDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, k := range keys {
		dir := path.Join(posix.MetaTmpMultipartDir, k.Name())
		key := m.attribute(bucket, dir, keyAttribute)
		for _, tree := range []string{m.dirs.objects, m.dirs.metadata} {
			if key == "" { // no client knows the upload
				err = os.RemoveAll(filepath.Join(tree, bucket, dir))
			} else {
				err = m.reopen(bucket, key, filepath.Join(tree, bucket, dir))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// reopen gives the uploads in a folder their names back, or removes those whose object is stored.
func (m mend) reopen(bucket, key, dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), inProgress) {
			continue
		}
		id, _, _ := strings.Cut(e.Name(), ".")
		if m.stored(bucket, key, id) {
			err = os.RemoveAll(filepath.Join(dir, e.Name()))
		} else {
			m.log.Warn("reopening an upload that was being completed", "bucket", bucket, "key", key)
			err = os.Rename(filepath.Join(dir, e.Name()), filepath.Join(dir, id))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stored reports whether an upload has become the object of its key.
func (m mend) stored(bucket, key, id string) bool {
	if _, err := os.Stat(m.dirs.object(bucket, key)); err != nil {
		return false
	}
	made, err := backend.UnmarshalMpUploadMetadata([]byte(m.attribute(bucket, key, partsAttribute)), false)
	return err == nil && made.UploadID == id
}
