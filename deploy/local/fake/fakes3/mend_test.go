package fakes3

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/versity/versitygw/backend"
)

// disk is the content of a data folder: the bytes of files, and "" for folders, whose names end in a slash.
type disk map[string]string

func (d disk) write(t *testing.T, dir string) {
	t.Helper()
	for name, text := range d {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		err := os.MkdirAll(path, 0o700)
		if !strings.HasSuffix(name, "/") {
			os.Remove(path)
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// readDisk returns the files and the empty folders below dir.
func readDisk(t *testing.T, dir string) disk {
	t.Helper()
	d := disk{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			if below, err := os.ReadDir(path); err == nil && len(below) == 0 {
				d[name+"/"] = ""
			}
			return nil
		}
		b, err := os.ReadFile(path)
		d[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Each case is a moment at which a process can be killed. It lists what is on disk then beside an intact bucket, and
// what is left of it after the next start.
func TestMend(t *testing.T) {
	parts, err := backend.MarshalMpUploadMetadata(backend.MpUploadMetadata{UploadID: "u1"}, false)
	if err != nil {
		t.Fatal(err)
	}
	const old, uploads = "undo/0123/", "/.sgwtmp/multipart/f00/"
	whole := disk{"objects/b/kept/photo": "bytes", "metadata/b/kept/photo/meta/etag": `"1"`, "metadata/b/meta/acl": "acl", "metadata/b/meta/ownership": "owner",
		"objects/b/folder/": "", "metadata/b/folder/meta/etag": `"2"`, "metadata/b/folder/meta/content-type": backend.DirContentType}
	for name, c := range map[string]struct{ before, after disk }{
		"nothing": {},
		"the attributes of an object that was never stored": {
			before: disk{"metadata/b/a/photo/meta/checksums": "{}", "metadata/b/a/photo/meta/etag": `"3"`, "metadata/b/kept/other/meta/etag": `"3"`}},
		"a temporary attribute": {
			before: disk{"metadata/b/kept/photo/meta/etag4711": `"`, "metadata/b/a/photo/meta/checksums12": "", "metadata/b/kept/photo/meta/part-crc64nvme7": ""}},
		"an empty folder of attributes": {before: disk{"metadata/b/a/photo/meta/": ""}},
		"a folder without an object":    {before: disk{"objects/b/a/b/c/": ""}},
		"a key below a key named meta": {
			before: disk{"objects/b/meta/photo": "x", "metadata/b/meta/photo/meta/etag": `"5"`},
			after:  disk{"objects/b/meta/photo": "x", "metadata/b/meta/photo/meta/etag": `"5"`}},
		"half of an object that is a folder": {before: disk{"objects/b/a/": "", "metadata/b/a/meta/metadata": "{}", "metadata/b/a/meta/etag": `"6"`}},
		"an ETag where a folder is now": {
			before: disk{"metadata/b/a/meta/etag": `"7"`, "objects/b/a/photo": "x", "metadata/b/a/photo/meta/etag": `"8"`},
			after:  disk{"objects/b/a/photo": "x", "metadata/b/a/photo/meta/etag": `"8"`}},
		"an object before its rename": {before: disk{"objects/b/kept/.photo.sgwtmp.1780000000": "new", "objects/b/.sgwtmp/f00d.4711": "ne"},
			after: disk{"objects/b/.sgwtmp/": ""}},
		"a key that looks like a temporary file": {
			before: disk{"objects/b/.x.sgwtmp.1": "x", "metadata/b/.x.sgwtmp.1/meta/etag": `"9"`},
			after:  disk{"objects/b/.x.sgwtmp.1": "x", "metadata/b/.x.sgwtmp.1/meta/etag": `"9"`}},
		"an object without an ETag": {
			before: disk{"objects/b/a/photo": "abc"},
			after:  disk{"objects/b/a/photo": "abc", "metadata/b/a/photo/meta/etag": `"900150983cd24fb0d6963f7d28e17f72"`}},
		"an object that was not yet overwritten": {
			before: disk{"metadata/b/kept/photo/meta/etag": `"new"`, "metadata/b/kept/photo/meta/metadata": "new",
				old + "object.json": `{"Bucket":"b","Key":"kept/photo","Size":5,"Time":"2026-01-02T03:04:05Z"}`, old + "meta/etag": `"1"`}},
		"an object that was overwritten": {
			before: disk{"objects/b/kept/photo": "newer bytes", "metadata/b/kept/photo/meta/etag": `"new"`,
				old + "object.json": `{"Bucket":"b","Key":"kept/photo","Size":5,"Time":"2026-01-02T03:04:05Z"}`, old + "meta/etag": `"1"`},
			after: disk{"objects/b/kept/photo": "newer bytes", "metadata/b/kept/photo/meta/etag": `"new"`}},
		"attributes that were being saved": {
			before: disk{"undo/unfinished-1/object.json": `{"Bucket":"b","Key":"kept/photo","Size":5,"Time":"2026-01-02T03:04:05Z"}`, "undo/unfinished-1/meta/": "",
				"undo/unfinished-2/object.json": `{"Buck`}},
		"attributes that were being restored": {
			before: disk{"metadata/b/kept/photo/meta/etag": "", // replaced by the saved ones
				old + "object.json": `{"Bucket":"b","Key":"kept/photo","Size":5,"Time":"2026-01-02T03:04:05Z"}`, old + "meta/etag": `"1"`}},
		"an upload that was being completed": {
			before: disk{"objects/b" + uploads + "u1.e-1.inprogress/1": "p", "metadata/b" + uploads + "u1.e-1.inprogress/1/meta/etag": `"p"`,
				"metadata/b" + uploads + "meta/objname": "kept/photo"},
			after: disk{"objects/b" + uploads + "u1/1": "p", "metadata/b" + uploads + "u1/1/meta/etag": `"p"`, "metadata/b" + uploads + "meta/objname": "kept/photo"}},
		"an upload of which only the parts were renamed": {
			before: disk{"objects/b" + uploads + "u1.e-1.inprogress/1": "p", "metadata/b" + uploads + "u1/1/meta/etag": `"p"`, "metadata/b" + uploads + "meta/objname": "kept/photo"},
			after:  disk{"objects/b" + uploads + "u1/1": "p", "metadata/b" + uploads + "u1/1/meta/etag": `"p"`, "metadata/b" + uploads + "meta/objname": "kept/photo"}},
		"an upload that is an object already": {
			before: disk{"objects/b" + uploads + "u1.e-1.inprogress/1": "p", "metadata/b" + uploads + "u1.e-1.inprogress/1/meta/etag": `"p"`,
				"metadata/b" + uploads + "meta/objname": "kept/photo", "metadata/b/kept/photo/meta/mp-metadata": string(parts)},
			after: disk{"objects/b" + uploads: "", "metadata/b" + uploads + "meta/objname": "kept/photo", "metadata/b/kept/photo/meta/mp-metadata": string(parts)}},
		"an upload that no client knows": {before: disk{"objects/b" + uploads + "u1/": ""}, after: disk{"objects/b/.sgwtmp/multipart/": ""}},
		"a bucket without an owner":      {before: disk{"objects/new/": ""}},
		"half a bucket":                  {before: disk{"objects/new/": "", "metadata/new/meta/acl": "acl"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			dirs := newFolders(dir)
			if err := dirs.create(); err != nil {
				t.Fatal(err)
			}
			whole.write(t, dir)
			c.before.write(t, dir)
			if c.before["objects/b/kept/photo"] == "" {
				at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
				if err := os.Chtimes(filepath.Join(dir, "objects/b/kept/photo"), at, at); err != nil {
					t.Fatal(err)
				}
			}
			want := disk{"undo/": "", "unsent/": ""}
			maps.Copy(want, whole)
			maps.Copy(want, c.after)
			for range 2 { // the second time there is nothing to mend
				var log bytes.Buffer
				if err := (mend{dirs, slog.New(slog.NewTextHandler(&log, nil))}).run(); err != nil {
					t.Fatal(err)
				}
				if got := readDisk(t, dir); !maps.Equal(got, want) {
					t.Errorf("left %q\nwant %q\n%s", describeDisk(got), describeDisk(want), log.String())
				}
			}
		})
	}
}

// A write that fails without killing the server also leaves the metadata unchanged.
func TestSettle(t *testing.T) {
	for name, c := range map[string]struct {
		before disk
		during func(t *testing.T, s *sidecar, file string) // after the new attributes were stored
		etag   string
	}{
		"a new object, stored":          {nil, func(t *testing.T, s *sidecar, file string) { rename(t, file, s.dirs.object("b", "k")) }, "new"},
		"a new object, not stored":      {nil, func(*testing.T, *sidecar, string) {}, ""},
		"an old object, overwritten":    {disk{"objects/b/k": "old", "metadata/b/k/meta/etag": "old"}, func(t *testing.T, s *sidecar, file string) { rename(t, file, s.dirs.object("b", "k")) }, "new"},
		"an old object, not replaced":   {disk{"objects/b/k": "old", "metadata/b/k/meta/etag": "old"}, func(*testing.T, *sidecar, string) {}, "old"},
		"an old object without an ETag": {disk{"objects/b/k": "old"}, func(*testing.T, *sidecar, string) {}, ""},
		"an old object, deleted and overwritten": {disk{"objects/b/k": "old", "metadata/b/k/meta/etag": "old"}, func(t *testing.T, s *sidecar, file string) {
			if err := errors.Join(os.Remove(s.dirs.object("b", "k")), s.DeleteAttributes("b", "k")); err != nil {
				t.Fatal(err)
			}
			rename(t, file, s.dirs.object("b", "k"))
		}, "new"},
		"an old object, deleted and not overwritten": {disk{"objects/b/k": "old", "metadata/b/k/meta/etag": "old"}, func(t *testing.T, s *sidecar, _ string) {
			if err := errors.Join(os.Remove(s.dirs.object("b", "k")), s.DeleteAttributes("b", "k")); err != nil {
				t.Fatal(err)
			}
		}, ""},
		"a second writer": {disk{"objects/b/k": "old", "metadata/b/k/meta/etag": "old"}, func(t *testing.T, s *sidecar, _ string) {
			second, err := os.Create(filepath.Join(s.dirs.objects, "second"))
			if err != nil {
				t.Fatal(err)
			}
			for _, attribute := range []string{"checksums", "etag"} {
				if err := s.StoreAttribute(second, "b", "k", attribute, []byte("second")); err != nil {
					t.Fatal(err)
				}
			}
			// The first writer settles, and must leave the second alone.
			if err := s.settle("b", "k"); err != nil {
				t.Fatal(err)
			}
			rename(t, second.Name(), s.dirs.object("b", "k"))
			second.Close()
		}, "second"},
	} {
		t.Run(name, func(t *testing.T) {
			dirs := newFolders(t.TempDir())
			if err := dirs.create(); err != nil {
				t.Fatal(err)
			}
			disk{"objects/b/": "", "metadata/b/meta/acl": "acl"}.write(t, filepath.Dir(dirs.objects))
			c.before.write(t, filepath.Dir(dirs.objects))
			s, err := newSidecar(dirs)
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.Create(filepath.Join(dirs.objects, "first"))
			if err != nil {
				t.Fatal(err)
			}
			for _, attribute := range []string{"checksums", "etag"} {
				if err := s.StoreAttribute(f, "b", "k", attribute, []byte("new")); err != nil {
					t.Fatal(err)
				}
			}
			c.during(t, s, f.Name())
			f.Close()
			if err := s.settle("b", "k"); err != nil {
				t.Fatal(err)
			}
			got := mend{dirs: dirs}.attribute("b", "k", "etag")
			sum := mend{dirs: dirs}.attribute("b", "k", "checksums")
			if got != c.etag || sum != got && got != "old" || got == "old" && sum != "" {
				t.Errorf("ETag %q, checksums %q; want ETag %q", got, sum, c.etag)
			}
			if left, err := os.ReadDir(dirs.undo); err != nil || len(left) > 0 || len(s.writes) > 0 {
				t.Errorf("left %v, %v, %v", left, s.writes, err)
			}
		})
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func describeDisk(d disk) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(d)) {
		lines = append(lines, name+": "+d[name])
	}
	return lines
}
