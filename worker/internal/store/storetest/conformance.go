package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"darkroom/worker/internal/store"
)

// Conformance tests that a bucket keeps the contract of package store. open returns an empty bucket.
func Conformance(t *testing.T, open func(t *testing.T) store.Bucket) {
	absent := ""
	put := func(t *testing.T, b store.Bucket, key, body string) {
		t.Helper()
		if err := b.Put(t.Context(), key, store.Content{Type: "text/plain", Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	get := func(t *testing.T, b store.Bucket, key string) (store.Object, string) {
		t.Helper()
		o, r, err := b.Get(t.Context(), key, "")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return o, string(text)
	}

	list := func(t *testing.T, b store.Bucket, prefix, after string) (keys []string) {
		t.Helper()
		for e, err := range b.List(t.Context(), prefix, after) {
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, e.Key)
		}
		return keys
	}

	t.Run("check", func(t *testing.T) {
		if err := open(t).Check(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("no object", func(t *testing.T) {
		b := open(t)
		if _, err := b.Head(t.Context(), "cats/1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Head: %v, want ErrNotFound", err)
		}
		if _, _, err := b.Get(t.Context(), "cats/1", ""); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get: %v, want ErrNotFound", err)
		}
		if err := b.Delete(t.Context(), []string{"cats/1"}); err != nil {
			t.Errorf("Delete: %v", err)
		}
		if keys := list(t, b, "cats/", ""); len(keys) != 0 {
			t.Errorf("List: %v", keys)
		}
	})
	t.Run("get returns what put stored", func(t *testing.T) {
		b := open(t)
		put(t, b, "cats/1", "meow")
		o, text := get(t, b, "cats/1")
		head, err := b.Head(t.Context(), "cats/1")
		if err != nil {
			t.Fatal(err)
		}
		if text != "meow" || o.Bytes != 4 || o.ETag == "" || o.Modified.IsZero() || head.ETag != o.ETag || head.Bytes != 4 || !head.Modified.Equal(o.Modified) {
			t.Errorf("got %q, %+v, head %+v", text, o, head)
		}
		const digest = "404cdd7bc109c432f8cc2443b45bcfe95980f5107215c645236e577929ac3e52" // SHA-256 of "meow"
		if o.SHA256 != digest || head.SHA256 != digest {
			t.Errorf("digest %q of a get and %q of a head, want %q", o.SHA256, head.SHA256, digest)
		}
		put(t, b, "cats/1", "purr")
		if again, text := get(t, b, "cats/1"); text != "purr" || again.ETag == o.ETag {
			t.Errorf("after another put: %q, ETag %s, before %s", text, again.ETag, o.ETag)
		}
	})
	t.Run("metadata is kept", func(t *testing.T) {
		b, tags := open(t), map[string]string{"cache-tag": "photo:cats/1,board:cats"}
		if err := b.Put(t.Context(), "cats/1", store.Content{Type: "text/plain", Body: []byte("meow"), Metadata: tags}); err != nil {
			t.Fatal(err)
		}
		o, _ := get(t, b, "cats/1")
		head, err := b.Head(t.Context(), "cats/1")
		if err != nil || !maps.Equal(o.Metadata, tags) || !maps.Equal(head.Metadata, tags) {
			t.Errorf("got %v, head %v, %v", o.Metadata, head.Metadata, err)
		}
	})
	t.Run("list and delete by prefix", func(t *testing.T) {
		b := open(t)
		for _, k := range []string{"cats/1/b", "cats/1/a", "cats/11/a", "dogs/1/a", "cats-2/1/a"} {
			put(t, b, k, k)
		}
		keys := list(t, b, "cats/1/", "")
		if want := []string{"cats/1/a", "cats/1/b"}; !slices.Equal(keys, want) {
			t.Fatalf("got %v, want %v", keys, want)
		}
		if all, want := list(t, b, "", ""), []string{"cats-2/1/a", "cats/1/a", "cats/1/b", "cats/11/a", "dogs/1/a"}; !slices.Equal(all, want) {
			t.Errorf("got %v, want the order of bytes %v", all, want)
		}
		if rest, want := list(t, b, "cats/", "cats/1/a"), []string{"cats/1/b", "cats/11/a"}; !slices.Equal(rest, want) {
			t.Errorf("after a key: got %v, want %v", rest, want)
		}
		if err := b.Delete(t.Context(), append(keys, "cats/1/none")); err != nil {
			t.Fatal(err)
		}
		if keys := list(t, b, "", ""); len(keys) != 3 {
			t.Errorf("left: %v", keys)
		}
	})
	t.Run("versions", func(t *testing.T) { checkUnversioned(t, open(t)) })
	t.Run("keys of many characters", func(t *testing.T) { checkKeys(t, open(t), OddKeys) })
	t.Run("delete if unchanged", func(t *testing.T) {
		b := open(t)
		put(t, b, "cats/1", "meow")
		first, _ := get(t, b, "cats/1")
		put(t, b, "cats/1", "purr")
		if err := b.DeleteIfMatch(t.Context(), "cats/1", first.ETag); !errors.Is(err, store.ErrConflict) {
			t.Errorf("of another ETag: %v, want ErrConflict", err)
		}
		second, text := get(t, b, "cats/1")
		if text != "purr" {
			t.Errorf("it is %q now", text)
		}
		if err := b.DeleteIfMatch(t.Context(), "cats/1", second.ETag); err != nil {
			t.Error(err)
		}
		if keys := list(t, b, "", ""); len(keys) != 0 {
			t.Errorf("left: %v", keys)
		}
		if err := b.DeleteIfMatch(t.Context(), "cats/1", second.ETag); err != nil && !errors.Is(err, store.ErrConflict) {
			t.Errorf("of nothing: %v", err)
		}
	})
	t.Run("list and head agree", func(t *testing.T) {
		b := open(t)
		put(t, b, "cats/1", "meow")
		head, err := b.Head(t.Context(), "cats/1")
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range b.List(t.Context(), "cats/", "") {
			// The times of a listing have milliseconds, those of a header seconds.
			if err != nil || e.Key != "cats/1" || e.ETag != head.ETag || e.Bytes != 4 || e.Modified.Sub(head.Modified).Abs() > time.Second {
				t.Errorf("got %+v, %v, head %+v", e, err, head)
			}
		}
	})
	t.Run("get if unchanged", func(t *testing.T) {
		b := open(t)
		put(t, b, "cats/1", "meow")
		o, _ := get(t, b, "cats/1")
		if again, body, err := b.Get(t.Context(), "cats/1", o.ETag); err != nil || again.ETag != o.ETag {
			t.Errorf("got %+v, %v", again, err)
		} else {
			body.Close()
		}
		put(t, b, "cats/1", "purr")
		if _, _, err := b.Get(t.Context(), "cats/1", o.ETag); !errors.Is(err, store.ErrConflict) {
			t.Errorf("changed meanwhile: %v, want ErrConflict", err)
		}
		if _, _, err := b.Get(t.Context(), "cats/none", o.ETag); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("none there: %v, want ErrNotFound", err)
		}
	})
	t.Run("a cancelled context is no outage", func(t *testing.T) {
		b := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, get := b.Get(ctx, "k", "")
		_, head := b.Head(ctx, "k")
		var list error
		for _, err := range b.List(ctx, "k", "") {
			list = err
		}
		for op, err := range map[string]error{"get": get, "head": head, "list": list, "put": b.Put(ctx, "k", store.Content{}),
			"delete if match": b.DeleteIfMatch(ctx, "k", `"e"`), "delete": b.Delete(ctx, []string{"k"}), "check": b.Check(ctx)} {
			if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s: %v, want context.Canceled", op, err)
			}
		}
	})
	t.Run("put if absent", func(t *testing.T) {
		b := open(t)
		c := store.Content{Type: "text/plain", Body: []byte("first"), IfMatch: &absent}
		if err := b.Put(t.Context(), "k", c); err != nil {
			t.Fatal(err)
		}
		c.Body = []byte("second")
		if err := b.Put(t.Context(), "k", c); !errors.Is(err, store.ErrConflict) {
			t.Errorf("got %v, want ErrConflict", err)
		}
		if _, text := get(t, b, "k"); text != "first" {
			t.Errorf("holds %q", text)
		}
	})
	t.Run("put if unchanged", func(t *testing.T) {
		b := open(t)
		put(t, b, "k", "1")
		o, _ := get(t, b, "k")
		if err := b.Put(t.Context(), "k", store.Content{Type: "text/plain", Body: []byte("2"), IfMatch: &o.ETag}); err != nil {
			t.Fatal(err)
		}
		if err := b.Put(t.Context(), "k", store.Content{Type: "text/plain", Body: []byte("3"), IfMatch: &o.ETag}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("stale ETag: %v, want ErrConflict", err)
		}
		if err := b.Delete(t.Context(), []string{"k"}); err != nil {
			t.Fatal(err)
		}
		if err := b.Put(t.Context(), "k", store.Content{Type: "text/plain", Body: []byte("4"), IfMatch: &o.ETag}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("deleted meanwhile: %v, want ErrConflict", err)
		}
	})
	t.Run("one of racing conditional puts wins", func(t *testing.T) {
		b := open(t)
		var won, lost atomic.Int32
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				err := b.Put(t.Context(), "k", store.Content{Type: "text/plain", Body: fmt.Append(nil, i), IfMatch: &absent})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, store.ErrConflict):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 15 {
			t.Errorf("%d won and %d lost, want 1 and 15", won.Load(), lost.Load())
		}
	})
}
