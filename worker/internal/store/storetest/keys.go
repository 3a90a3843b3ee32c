package storetest

import (
	"fmt"
	"io"
	"slices"
	"testing"

	"darkroom/worker/internal/store"
)

// OddKeys are keys that a listing must return as they are, whether the store encodes them or not.
var OddKeys = []string{"o/a b", "o/a+b", "o/a%20b", "o/a%2Fb", "o/%", "o/%zz", "o/a&b<c>\"d'", "o/a=b;c?d#e", "o/ä", "o/日本語", "o/🐈", "o/a\u2028b", "o/ "}

// ControlKeys are keys that XML 1.0 cannot hold, or not as they are. A store that answers in XML must encode them.
var ControlKeys = []string{"o/\x01", "o/\b", "o/\x1b[31m", "o/\x1f", "o/\t", "o/\n", "o/\r", "o/\x7f", "o/\uFFFE", "o/\uFFFF", "o/a\x00b"}

// ControlCharacters tests that a bucket stores, lists and deletes [ControlKeys]. Not every store can.
func ControlCharacters(t *testing.T, open func(t *testing.T) store.Bucket) {
	checkKeys(t, open(t), slices.Concat(OddKeys, ControlKeys))
}

// checkKeys stores objects under the keys in a bucket that is empty, reads, lists and deletes them.
func checkKeys(t *testing.T, b store.Bucket, keys []string) {
	t.Helper()
	keys = slices.Sorted(slices.Values(keys))
	list := func(prefix, after string) (listed []string) {
		t.Helper()
		for e, err := range b.List(t.Context(), prefix, after) {
			if err != nil {
				t.Fatal(err)
			}
			listed = append(listed, e.Key)
		}
		return listed
	}
	// Keys that a store might confuse with an odd key must stay.
	const bystander = "o/\uFFFD"
	keys = slices.Sorted(slices.Values(append(keys, bystander)))
	for _, k := range keys {
		if err := b.Put(t.Context(), k, store.Content{Type: "text/plain", Body: []byte(k)}); err != nil {
			t.Fatalf("put %q: %v", k, err)
		}
	}
	for _, k := range keys {
		_, body, err := b.Get(t.Context(), k, "")
		if err != nil {
			t.Errorf("get %q: %v", k, err)
			continue
		}
		text, err := io.ReadAll(body)
		body.Close()
		if string(text) != k || err != nil {
			t.Errorf("get %q: %q, %v", k, text, err)
		}
	}
	if got := list("", ""); !slices.Equal(got, keys) {
		t.Fatalf("list:\ngot  %q\nwant %q", got, keys)
	}
	for i, k := range keys {
		if got := list("", k); !slices.Equal(got, keys[i+1:]) {
			t.Errorf("list after %q:\ngot  %q\nwant %q", k, got, keys[i+1:])
		}
		if got := list(k, ""); len(got) == 0 || got[0] != k {
			t.Errorf("list of the prefix %q: %q", k, got)
		}
	}
	odd := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == bystander })
	if err := b.Delete(t.Context(), odd); err != nil {
		t.Fatal(err)
	}
	if got := list("", ""); !slices.Equal(got, []string{bystander}) {
		t.Errorf("left %s, want only the bystander", fmt.Sprintf("%q", got))
	}
}
