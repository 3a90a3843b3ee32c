package storetest

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"darkroom/worker/internal/store"
)

// listVersions returns the versions of the keys that begin with prefix.
func listVersions(t *testing.T, b store.Bucket, prefix string) (all []store.Version) {
	t.Helper()
	for v, err := range b.ListVersions(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// checkUnversioned tests the versions of a bucket without versioning, which is empty.
func checkUnversioned(t *testing.T, b store.Bucket) {
	for _, k := range []string{"cats/1", "cats/1a", "dogs/1"} {
		if err := b.Put(t.Context(), k, store.Content{Type: "text/plain", Body: []byte(k)}); err != nil {
			t.Fatal(err)
		}
	}
	head, err := b.Head(t.Context(), "cats/1")
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Version{{Key: "cats/1", ID: "null", Latest: true, Bytes: 6, ETag: head.ETag}}
	all := listVersions(t, b, "cats/1")
	if len(all) != 2 || !slices.Equal(all[:1], want) || all[1].Key != "cats/1a" {
		t.Fatalf("versions %+v, want %+v and that of cats/1a", all, want)
	}
	for range 2 { // the second time they are gone already
		if err := b.DeleteVersions(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	if left := listVersions(t, b, ""); len(left) != 1 || left[0].Key != "dogs/1" {
		t.Errorf("left %+v", left)
	}
	if _, err := b.Head(t.Context(), "cats/1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("head: %v, want ErrNotFound", err)
	}
}

// Versioned tests that a bucket with versioning keeps the contract of package store. open returns an empty bucket.
func Versioned(t *testing.T, open func(t *testing.T) store.Bucket) {
	put := func(t *testing.T, b store.Bucket, key, body string, condition *string) error {
		t.Helper()
		return b.Put(t.Context(), key, store.Content{Type: "text/plain", Body: []byte(body), IfMatch: condition})
	}
	read := func(t *testing.T, b store.Bucket, key string) string {
		t.Helper()
		_, body, err := b.Get(t.Context(), key, "")
		if errors.Is(err, store.ErrNotFound) {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	absent := ""
	t.Run("every put, and a delete, is a version", func(t *testing.T) {
		b := open(t)
		for _, body := range []string{"1", "22", "333"} {
			if err := put(t, b, "k", body, nil); err != nil {
				t.Fatal(err)
			}
		}
		head, err := b.Head(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Delete(t.Context(), []string{"k"}); err != nil {
			t.Fatal(err)
		}
		sizes, markers, latest := []int64{}, 0, store.Version{}
		ids := map[string]bool{}
		for _, v := range listVersions(t, b, "k") {
			if ids[v.ID] = true; v.Marker {
				markers++
			} else {
				sizes = append(sizes, v.Bytes)
			}
			if v.Latest {
				latest = v
			}
			if v.Bytes == 3 && (v.ID != head.VersionID || v.ETag != head.ETag) {
				t.Errorf("version %+v, head %+v", v, head)
			}
		}
		slices.Sort(sizes)
		if !slices.Equal(sizes, []int64{1, 2, 3}) || markers != 1 || !latest.Marker || len(ids) != 4 {
			t.Errorf("versions of %v bytes with %d ids, %d markers, latest %+v", sizes, len(ids), markers, latest)
		}
		if got := read(t, b, "k"); got != "" {
			t.Errorf("reads %q after the delete", got)
		}
	})
	t.Run("the object before a deleted version is current again", func(t *testing.T) {
		b := open(t)
		for _, body := range []string{"1", "22"} {
			if err := put(t, b, "k", body, nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, v := range listVersions(t, b, "k") {
			if v.Latest {
				if err := b.DeleteVersions(t.Context(), []store.Version{v}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got := read(t, b, "k"); got != "1" {
			t.Errorf("reads %q", got)
		}
		if all := listVersions(t, b, "k"); len(all) != 1 || !all[0].Latest {
			t.Errorf("versions %+v", all)
		}
	})
	t.Run("nothing is left", func(t *testing.T) {
		b := open(t)
		for _, k := range []string{"k/a", "k/b", "l"} {
			for _, body := range []string{"1", "22"} {
				if err := put(t, b, k, body, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := b.Delete(t.Context(), []string{"k/a"}); err != nil {
			t.Fatal(err)
		}
		all := listVersions(t, b, "k/")
		for range 2 {
			if err := b.DeleteVersions(t.Context(), all); err != nil {
				t.Fatal(err)
			}
		}
		if left := listVersions(t, b, ""); len(all) != 5 || len(left) != 2 || left[0].Key != "l" {
			t.Errorf("deleted %+v, left %+v", all, left)
		}
		if got := read(t, b, "k/a") + read(t, b, "k/b"); got != "" {
			t.Errorf("reads %q", got)
		}
		if err := put(t, b, "k/a", "again", &absent); err != nil || read(t, b, "k/a") != "again" {
			t.Errorf("put again: %v", err)
		}
	})
	t.Run("a deleted object is absent for a condition", func(t *testing.T) {
		b := open(t)
		if err := put(t, b, "k", "1", nil); err != nil {
			t.Fatal(err)
		}
		head, err := b.Head(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Delete(t.Context(), []string{"k"}); err != nil {
			t.Fatal(err)
		}
		if err := put(t, b, "k", "2", &head.ETag); !errors.Is(err, store.ErrConflict) {
			t.Errorf("with the ETag of a deleted object: %v, want ErrConflict", err)
		}
		if err := put(t, b, "k", "3", &absent); err != nil || read(t, b, "k") != "3" {
			t.Errorf("put if absent: %v, reads %q", err, read(t, b, "k"))
		}
		if err := put(t, b, "k", "4", &absent); !errors.Is(err, store.ErrConflict) {
			t.Errorf("put if absent, but it is not: %v, want ErrConflict", err)
		}
	})
	t.Run("a cancelled context is no outage", func(t *testing.T) {
		b := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		list := func() (failed error) {
			for _, err := range b.ListVersions(ctx, "k") {
				failed = err
			}
			return failed
		}
		for op, err := range map[string]error{"list": list(), "delete": b.DeleteVersions(ctx, []store.Version{{Key: "k", ID: "v"}})} {
			if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s: %v, want context.Canceled", op, err)
			}
		}
	})
}
