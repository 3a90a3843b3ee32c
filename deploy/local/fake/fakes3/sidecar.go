package fakes3

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/versity/versitygw/backend/meta"
)

// folders are the parts of the data folder.
type folders struct {
	objects  string // a file for each object
	metadata string // a file for each attribute of an object
	undo     string // attributes of objects that are being overwritten
	unsent   string // events that may not have been sent
}

// newFolders returns the parts of a data folder. The first two names may not be prefixes of each other: versitygw would
// take a folder objects-meta for a part of objects.
func newFolders(dir string) folders {
	return folders{objects: filepath.Join(dir, "objects"), metadata: filepath.Join(dir, "metadata"), undo: filepath.Join(dir, "undo"), unsent: filepath.Join(dir, "unsent")}
}

func (d folders) create() error {
	for _, dir := range []string{d.objects, d.metadata, d.undo, d.unsent} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("s3: data folder: %w", err)
		}
	}
	return nil
}

// sidecar is versitygw's store of metadata in files, and can undo a write. versitygw stores the attributes of a new
// object one by one before it puts the object in its place. A write that fails or is killed in between would leave the
// new attributes without an object, or on the old object. So sidecar saves the old attributes before a write stores its
// first one, and [sidecar.settle] restores them if the write failed. If the process dies, [mend] does so at the next
// start.
type sidecar struct {
	meta.SideCar
	dirs  folders
	vault vault

	mu        sync.Mutex
	writes    map[string]*write // key: bucket/key of the object
	versioned map[string]bool   // true for a bucket with versioning
}

// write is a write of an object whose attributes are being stored.
type write struct {
	file *os.File    // the new object; closed when the write is over
	info fs.FileInfo // identifies file
}

func newSidecar(dirs folders) (*sidecar, error) {
	files, err := meta.NewSideCar(dirs.metadata)
	if err != nil {
		return nil, fmt.Errorf("s3: metadata folder: %w", err)
	}
	versioned, err := dirs.versionedBuckets()
	if err != nil {
		return nil, fmt.Errorf("s3: object folder: %w", err)
	}
	return &sidecar{SideCar: files, dirs: dirs, vault: vault{dirs}, writes: map[string]*write{}, versioned: versioned}, nil
}

// StoreAttribute stores an attribute. versitygw passes the file of a new object before it puts it in its place, and
// holds the key's lock meanwhile.
func (s *sidecar) StoreAttribute(f *os.File, bucket, object, attribute string, value []byte) error {
	if f != nil && !isUpload(object) { // a part of an upload can be sent again
		if err := s.begin(f, bucket, object); err != nil {
			return err
		}
	}
	return s.SideCar.StoreAttribute(f, bucket, object, attribute, value)
}

// begin saves the attributes of an object before the first one is overwritten.
func (s *sidecar) begin(f *os.File, bucket, object string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := bucket + "/" + object
	if w := s.writes[name]; w != nil {
		if w.file == f {
			return nil
		}
		// Another writer holds the lock now, so the earlier write is over.
		if err := s.end(w, bucket, object); err != nil {
			return err
		}
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("new object %s: %w", name, err)
	}
	if s.versioned[bucket] {
		if err := s.vault.keep(bucket, object); err != nil {
			return err
		}
	}
	if err := s.dirs.save(bucket, object); err != nil {
		return err
	}
	s.writes[name] = &write{f, info}
	return nil
}

// settle ends the write of an object after versitygw has returned: it keeps the new attributes if the object is in its
// place, and otherwise restores the old ones.
func (s *sidecar) settle(bucket, object string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.writes[bucket+"/"+object]
	if w == nil {
		return nil
	}
	if _, err := w.file.Stat(); !errors.Is(err, os.ErrClosed) {
		return nil // another writer of the same key, which settles its own write
	}
	return s.end(w, bucket, object)
}

func (s *sidecar) end(w *write, bucket, object string) error {
	delete(s.writes, bucket+"/"+object)
	info, err := os.Stat(s.dirs.object(bucket, object))
	switch {
	case err == nil && os.SameFile(info, w.info): // stored
	case err == nil && info.Mode().IsRegular():
		return s.dirs.restore(s.dirs.saved(bucket, object), bucket, object)
	default:
		if err := s.SideCar.DeleteAttributes(bucket, object); err != nil {
			return err
		}
	}
	return os.RemoveAll(s.dirs.saved(bucket, object))
}

// DeleteAttributes deletes the attributes of a deleted object. Attributes of an object that is being written at the
// same time already belong to that object: they stay.
func (s *sidecar) DeleteAttributes(bucket, object string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes[bucket+"/"+object] != nil {
		return nil
	}
	return s.SideCar.DeleteAttributes(bucket, object)
}

func (d folders) object(bucket, key string) string { return filepath.Join(d.objects, bucket, key) }

func (d folders) attributes(bucket, key string) string {
	return filepath.Join(d.metadata, bucket, key, attributeFolder)
}

// saved returns the folder of the saved attributes of an object.
func (d folders) saved(bucket, key string) string {
	return filepath.Join(d.undo, fmt.Sprintf("%x", sha256.Sum256([]byte(bucket+"/"+key))))
}

// savedObject says to which object the saved attributes belong. Its size and time distinguish it from the object that
// replaces it.
type savedObject struct {
	Bucket, Key string
	Size        int64
	Time        time.Time
}

const (
	attributeFolder = "meta"        // versitygw's name for the folder of an object's attributes
	savedName       = "object.json" // a savedObject
	unfinished      = "unfinished-" // prefix of a folder that is being filled
)

// save saves the attributes of an object, if it exists. It links files, so it needs almost no space.
func (d folders) save(bucket, key string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("save the metadata of %s/%s: %w", bucket, key, err)
		}
	}()
	info, err := os.Stat(d.object(bucket, key))
	if err != nil || !info.Mode().IsRegular() {
		return nil // nothing to overwrite
	}
	dir, err := os.MkdirTemp(d.undo, unfinished)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	text, err := json.Marshal(savedObject{bucket, key, info.Size(), info.ModTime()})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, savedName), text, 0o600); err != nil {
		return err
	}
	copies := filepath.Join(dir, attributeFolder)
	if err := os.Mkdir(copies, 0o700); err != nil {
		return err
	}
	from := d.attributes(bucket, key)
	attributes, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, a := range attributes {
		if err := os.Link(filepath.Join(from, a.Name()), filepath.Join(copies, a.Name())); err != nil {
			return err
		}
	}
	return os.Rename(dir, d.saved(bucket, key))
}

// restore replaces the attributes of an object by the saved ones, if there are any. It can be interrupted and run
// again.
func (d folders) restore(saved, bucket, key string) error {
	to, from := d.attributes(bucket, key), filepath.Join(saved, attributeFolder)
	if _, err := os.Stat(from); err != nil {
		return nil
	}
	err := os.RemoveAll(to)
	if err == nil {
		err = os.Rename(from, to)
	}
	if err == nil {
		err = os.RemoveAll(saved)
	}
	if err != nil {
		return fmt.Errorf("restore the metadata of %s/%s: %w", bucket, key, err)
	}
	return nil
}
