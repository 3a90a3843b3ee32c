package fakes3

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// vault keeps the older versions and the delete markers of buckets with versioning. versitygw has versioning of its
// own, but it is wrong with metadata in files: If-None-Match finds a deleted object, and an object written after a
// delete looks like a delete marker.
//
// The versions of a bucket are objects in a second folder beside it, so versitygw can read and delete them like any
// other object: the version v of a key is the object key + versionMark + v. No bucket can have the name of that folder.
// A file becomes a version without being copied, by a link or a rename, and its id follows from its time and its inode.
// So the object of a key also has an id, which need not be stored.
type vault struct{ dirs folders }

const (
	versionsFolder = "versions_of." // prefix of the folder with the versions of a bucket
	versionMark    = "~version~"    // between the key and the id of a version
	markerPrefix   = "d"            // beginning of the ids of delete markers
	objectPrefix   = "v"            // beginning of the ids of other versions
)

// heldVersion is a version or a delete marker.
type heldVersion struct {
	key, id string
	marker  bool
	latest  bool
	size    int64
	time    time.Time
}

// compareAge returns a negative number if v was stored before w, and a positive one if after. Ids begin with a time of
// 16 digits.
func (v heldVersion) compareAge(w heldVersion) int {
	return cmp.Or(strings.Compare(v.id[1:], w.id[1:]), strings.Compare(v.id, w.id))
}

// objectVersion returns the id of the version that a file holds.
func objectVersion(info fs.FileInfo) string {
	inode := uint64(0)
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = uint64(stat.Ino)
	}
	return fmt.Sprintf("%s%016x%x", objectPrefix, info.ModTime().UnixNano(), inode)
}

// folder returns the name of the folder with the versions of a bucket.
func (vault) folder(bucket string) string { return versionsFolder + bucket }

// name returns the key, in that folder, of a version.
func (vault) name(key, id string) string { return key + versionMark + id }

// current returns the version that a request without a version gets. It reports false if there is no object.
func (v vault) current(bucket, key string) (heldVersion, bool) {
	info, err := os.Stat(v.dirs.object(bucket, key))
	if err != nil || !info.Mode().IsRegular() {
		return heldVersion{}, false
	}
	return heldVersion{key: key, id: objectVersion(info), latest: true, size: info.Size(), time: info.ModTime()}, true
}

// keep makes the object of a key a version as well, if there is one. The caller replaces the object next. If that
// fails, the object and the version are the same file, and the version does not count.
func (v vault) keep(bucket, key string) error {
	held, ok := v.current(bucket, key)
	if !ok {
		return nil
	}
	name := v.name(key, held.id)
	to := v.dirs.object(v.folder(bucket), name)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("keep a version of %s/%s: %w", bucket, key, err)
	}
	if err := v.linkAttributes(v.dirs.attributes(bucket, key), v.dirs.attributes(v.folder(bucket), name)); err != nil {
		return fmt.Errorf("keep the metadata of a version of %s/%s: %w", bucket, key, err)
	}
	if err := os.Link(v.dirs.object(bucket, key), to); err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep a version of %s/%s: %w", bucket, key, err)
	}
	return nil
}

// linkAttributes gives the attributes in one folder to an object with another.
func (vault) linkAttributes(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	attributes, err := os.ReadDir(from)
	if err != nil {
		return ignoreAbsent(err)
	}
	for _, a := range attributes {
		if err := os.Link(filepath.Join(from, a.Name()), filepath.Join(to, a.Name())); ignoreAbsent(err) != nil {
			return err
		}
	}
	return nil
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// mark adds a delete marker to a key and returns its id.
func (v vault) mark(bucket, key string) (id string, err error) {
	id = fmt.Sprintf("%s%016x", markerPrefix, time.Now().UnixNano())
	name := v.name(key, id)
	file, attributes := v.dirs.object(v.folder(bucket), name), v.dirs.attributes(v.folder(bucket), name)
	for _, dir := range []string{filepath.Dir(file), attributes} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", fmt.Errorf("delete marker of %s/%s: %w", bucket, key, err)
		}
	}
	if err := os.WriteFile(filepath.Join(attributes, etagAttribute), nil, 0o600); err != nil {
		return "", fmt.Errorf("delete marker of %s/%s: %w", bucket, key, err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return "", fmt.Errorf("delete marker of %s/%s: %w", bucket, key, err)
	}
	return id, nil
}

// revive makes the newest version of a key its object, if the key has no object and the newest version is not a delete
// marker.
func (v vault) revive(bucket, key string) error {
	held, err := v.versions(bucket, key)
	if err != nil || len(held) == 0 || held[0].key != key || held[0].marker {
		return err
	}
	if _, ok := v.current(bucket, key); ok {
		return nil
	}
	name, to := v.name(key, held[0].id), v.dirs.object(bucket, key)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("revive %s/%s: %w", bucket, key, err)
	}
	from := v.dirs.attributes(v.folder(bucket), name)
	if err := v.linkAttributes(from, v.dirs.attributes(bucket, key)); err != nil {
		return fmt.Errorf("revive the metadata of %s/%s: %w", bucket, key, err)
	}
	if err := os.Rename(v.dirs.object(v.folder(bucket), name), to); err != nil {
		return fmt.Errorf("revive %s/%s: %w", bucket, key, err)
	}
	return os.RemoveAll(filepath.Dir(from))
}

// versions returns the versions of the keys that begin with prefix, sorted by key, the newest first. The object of each
// key is among them.
func (v vault) versions(bucket, prefix string) (all []heldVersion, err error) {
	for _, root := range []string{bucket, v.folder(bucket)} {
		found, err := v.walk(root, prefix)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b heldVersion) int { return cmp.Or(strings.Compare(a.key, b.key), b.compareAge(a)) })
	// A file that is both the object and a version counts as the object: a write has failed or is in progress.
	all = slices.CompactFunc(all, func(a, b heldVersion) bool { return a.key == b.key && a.id == b.id })
	for i := range all {
		_, exists := v.current(bucket, all[i].key)
		first := i == 0 || all[i-1].key != all[i].key
		all[i].latest = all[i].latest || first && !exists
	}
	return all, nil
}

// walk returns the entries of a folder whose keys begin with prefix.
func (v vault) walk(root, prefix string) (all []heldVersion, err error) {
	base := v.dirs.object(root, "")
	start := filepath.Join(base, filepath.FromSlash(prefix[:strings.LastIndex(prefix, "/")+1]))
	err = filepath.WalkDir(start, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return ignoreAbsent(err)
		}
		name, err := filepath.Rel(base, path)
		if err != nil || name == "." {
			return err
		}
		switch {
		case d.IsDir() && (strings.HasPrefix(name, ".sgwtmp") || !strings.HasPrefix(name, prefix) && !strings.HasPrefix(prefix, name)):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasPrefix(name, prefix) || temporaryObject.MatchString(d.Name()):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return ignoreAbsent(err)
		}
		held := heldVersion{key: name, id: objectVersion(info), latest: true, size: info.Size(), time: info.ModTime()}
		if i := strings.LastIndex(name, versionMark); strings.HasPrefix(root, versionsFolder) && i >= 0 {
			held.key, held.id, held.latest = name[:i], name[i+len(versionMark):], false
			held.marker = strings.HasPrefix(held.id, markerPrefix)
		}
		all = append(all, held)
		return nil
	})
	return all, err
}
