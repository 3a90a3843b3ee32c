package fakes3

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/posix"
)

// Names that versitygw gives to attributes and files.
const (
	etagAttribute   = "etag"
	typeAttribute   = "content-type"
	ownerAttribute  = "acl"
	rightsAttribute = "ownership"
)

var (
	// temporaryObject matches the name of a file that versitygw renames to the key at the end of a write.
	temporaryObject = regexp.MustCompile(`^\..+\.sgwtmp\.[0-9]+$`)
	// temporaryAttribute matches the name of a file that versitygw renames to the attribute: an attribute and a number.
	temporaryAttribute = regexp.MustCompile(`^[A-Za-z-]+(64nvme)?[0-9]+$`)
)

// mend repairs what a killed process left unfinished. Afterwards, every object has the attributes that belong to it,
// and every key without an object can be written:
//   - An object that was being overwritten gets its old attributes back.
//   - Attributes without an object are removed, and so are temporary files.
//   - An object without an ETag gets one.
//   - Folders that hold no object are removed: they would be in the way of a key of that name.
//   - A multipart upload that was being completed can be completed again.
//   - A bucket that was not fully created is removed.
type mend struct {
	dirs folders
	log  *slog.Logger
}

// run mends the data folder. No server may use it meanwhile.
func (m mend) run() error {
	if err := m.restoreSaved(); err != nil {
		return fmt.Errorf("s3: mend the metadata: %w", err)
	}
	buckets, err := os.ReadDir(m.dirs.objects)
	if err != nil {
		return fmt.Errorf("s3: object folder: %w", err)
	}
	for _, b := range buckets {
		if !b.IsDir() || strings.HasPrefix(b.Name(), ".") {
			continue
		}
		if err := m.bucket(b.Name()); err != nil {
			return fmt.Errorf("s3: mend bucket %s: %w", b.Name(), err)
		}
	}
	return nil
}

// restoreSaved restores the attributes of objects that were being overwritten and still are what they were.
func (m mend) restoreSaved() error {
	entries, err := os.ReadDir(m.dirs.undo)
	if err != nil {
		return err
	}
	for _, e := range entries {
		dir := filepath.Join(m.dirs.undo, e.Name())
		var o savedObject
		text, err := os.ReadFile(filepath.Join(dir, savedName))
		if err == nil && !strings.HasPrefix(e.Name(), unfinished) && json.Unmarshal(text, &o) == nil {
			info, err := os.Stat(m.dirs.object(o.Bucket, o.Key))
			if err == nil && info.Size() == o.Size && info.ModTime().Equal(o.Time) {
				m.log.Warn("restoring the metadata of an object that was not overwritten", "bucket", o.Bucket, "key", o.Key)
				if err := m.dirs.restore(dir, o.Bucket, o.Key); err != nil {
					return err
				}
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

func (m mend) bucket(bucket string) error {
	if !m.hasAttribute(bucket, "", ownerAttribute) || !m.hasAttribute(bucket, "", rightsAttribute) {
		if os.Remove(m.dirs.object(bucket, "")) == nil {
			return os.RemoveAll(filepath.Join(m.dirs.metadata, bucket))
		}
		// It holds objects, so it is older than this check.
	}
	if err := m.uploads(bucket); err != nil {
		return err
	}
	if _, err := m.attributes(bucket, ""); err != nil {
		return err
	}
	_, err := m.objects(bucket, "")
	return err
}

// hasAttribute reports whether an object has an attribute.
func (m mend) hasAttribute(bucket, key, attribute string) bool {
	_, err := os.Stat(filepath.Join(m.dirs.attributes(bucket, key), attribute))
	return err == nil
}

func (m mend) attribute(bucket, key, attribute string) string {
	b, err := os.ReadFile(filepath.Join(m.dirs.attributes(bucket, key), attribute))
	if err != nil {
		return ""
	}
	return string(b)
}

// attributes removes the attributes below a key that have no object, and reports whether any are left.
func (m mend) attributes(bucket, key string) (left bool, err error) {
	entries, err := os.ReadDir(filepath.Join(m.dirs.metadata, bucket, key))
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		below := path.Join(key, e.Name())
		dir := filepath.Join(m.dirs.metadata, bucket, below)
		if !e.IsDir() {
			left = true // not versitygw's
			continue
		}
		kept, isAttributes := false, false
		if e.Name() == attributeFolder {
			// A folder of attributes holds files. One that holds folders is a part of a key.
			if isAttributes, err = m.cleanAttributes(dir); err != nil {
				return false, err
			}
		}
		if isAttributes {
			kept = m.belongs(bucket, key)
			if !kept {
				if !isUpload(key) { // versitygw leaves the metadata of finished uploads behind
					m.log.Warn("removing metadata without an object", "bucket", bucket, "key", key)
				}
				err = os.RemoveAll(dir)
			}
		} else if kept, err = m.attributes(bucket, below); err == nil && !kept {
			err = os.Remove(dir)
		}
		if err != nil {
			return false, err
		}
		left = left || kept
	}
	return left, nil
}

// cleanAttributes removes temporary files, and reports whether the folder holds attributes.
func (m mend) cleanAttributes(dir string) (files bool, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.IsDir() {
			return false, nil
		}
	}
	for _, e := range entries {
		if !temporaryAttribute.MatchString(e.Name()) {
			files = true
		} else if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return false, err
		}
	}
	return files, nil
}

// belongs reports whether the attributes of a key have an object. A folder counts as an object only if it was stored as
// one.
func (m mend) belongs(bucket, key string) bool {
	info, err := os.Stat(m.dirs.object(bucket, key))
	switch {
	case err != nil:
		return false
	case key == "" || isUpload(key):
		return true
	case info.IsDir():
		return m.hasAttribute(bucket, key, etagAttribute) && m.attribute(bucket, key, typeAttribute) == backend.DirContentType
	}
	return true
}

// isUpload reports whether a key is versitygw's name for a multipart upload or a part of one.
func isUpload(key string) bool { return strings.HasPrefix(key, posix.MetaTmpDir+"/") }

// objects removes everything below a key that is not an object, and reports whether any objects are left.
func (m mend) objects(bucket, key string) (left bool, err error) {
	entries, err := os.ReadDir(m.dirs.object(bucket, key))
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		below := path.Join(key, e.Name())
		file := m.dirs.object(bucket, below)
		kept := true
		switch {
		case below == posix.MetaTmpDir:
			continue // see uploads
		case e.IsDir():
			if kept, err = m.objects(bucket, below); err == nil && !kept && !m.hasAttribute(bucket, below, etagAttribute) {
				err = os.Remove(file)
			} else {
				kept = true
			}
		case !e.Type().IsRegular() || m.hasAttribute(bucket, below, etagAttribute):
		case temporaryObject.MatchString(e.Name()):
			kept, err = false, os.Remove(file)
		default:
			m.log.Warn("giving an object its ETag", "bucket", bucket, "key", below)
			err = m.addETag(bucket, below)
		}
		if err != nil {
			return false, err
		}
		left = left || kept
	}
	return left, nil
}

// addETag stores the ETag that the bytes of an object imply.
func (m mend) addETag(bucket, key string) error {
	f, err := os.Open(m.dirs.object(bucket, key))
	if err != nil {
		return err
	}
	defer f.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	dir := m.dirs.attributes(bucket, key)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, etagAttribute), []byte(`"`+hex.EncodeToString(sum.Sum(nil))+`"`), 0o600)
}
