package repair

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

// id returns an id in the shard n, for n up to 15.
func id(n int) string { return fmt.Sprintf("%x%031x", n, n) }

// prefix returns the beginning of the keys of a photo in the variants bucket.
func prefix(board string, n int) string {
	return photo.Ref{Board: photo.Board(board), ID: photo.ID(id(n))}.Prefix()
}

// lines returns a line for each photo: its key, whether it has an original, how many variants and whether a manifest.
func lines(t *testing.T, uploads, variants store.Lister, prefix, after string) (all []string) {
	t.Helper()
	for p, err := range walk(t.Context(), uploads, variants, prefix, after) {
		if err != nil {
			t.Fatal(err)
		}
		if p.stray != "" {
			all = append(all, "stray "+p.stray)
			continue
		}
		original := p.original != nil
		if original && (p.original.Key != p.ref.Key() || p.original.Bytes == 0) {
			t.Errorf("%s has the original %+v", p.ref, p.original)
		}
		all = append(all, fmt.Sprint(p.ref.Key(), " ", original, " ", len(p.variants), " ", p.hasManifest()))
	}
	return all
}

func TestWalk(t *testing.T) {
	uploads, variants := storetest.NewMemory(), storetest.NewMemory()
	for _, k := range []string{"a/" + id(1), "a/" + id(3), "a-b/" + id(1), "readme.txt", "z/" + id(9)} {
		uploads.Upload(k, []byte("x"), nil)
	}
	for _, k := range []string{prefix("a", 1) + "large-0.jpg", prefix("a", 1) + "manifest.json", prefix("a", 2) + "large-0.jpg", prefix("a-b", 1) + "manifest.json",
		"2/a/" + id(2), prefix("a", 1) + "m/x", "!", "1/readme", "1stray", "3/a/" + id(2) + "/large-0.jpg", "stray", "zz/" + id(1) + "/manifest.json",
		prefix("zz", 1) + "manifest.json"} {
		variants.Upload(k, []byte("x"), nil)
	}
	want := []string{
		"a-b/" + id(1) + " true 1 true",
		"a/" + id(1) + " true 3 true",
		"stray !",
		"stray 1/readme",
		"stray 1stray",
		"stray 2/a/" + id(2),
		"stray 3/a/" + id(2) + "/large-0.jpg", // another photo's shard
		"a/" + id(2) + " false 1 false",
		"a/" + id(3) + " true 0 false",
		"stray readme.txt",
		"stray stray",
		"stray zz/" + id(1) + "/manifest.json",
		"z/" + id(9) + " true 0 false",
		"zz/" + id(1) + " false 1 true",
	}
	sorted := func(lines []string) []string { slices.Sort(lines); return lines }
	all := lines(t, uploads, variants, "", "")
	photos := slices.DeleteFunc(slices.Clone(all), func(l string) bool { return strings.HasPrefix(l, "stray") })
	if !slices.IsSortedFunc(photos, func(a, b string) int { return strings.Compare(strings.Fields(a)[0], strings.Fields(b)[0]) }) {
		t.Errorf("not in the order of keys: %q", photos)
	}
	if !slices.Equal(sorted(all), sorted(want)) {
		t.Errorf("got\n%q, want\n%q", all, want)
	}
	if got := lines(t, uploads, variants, "a-", ""); len(got) != 1 {
		t.Errorf("with a prefix: %q", got)
	}
	if got := lines(t, uploads, variants, "a/", "a/"+id(1)); len(got) != 4 || strings.Contains(strings.Join(got, " "), id(1)) {
		t.Errorf("after the first: %q", got)
	}
}

// counting counts the listings that are open.
type counting struct {
	store.Lister
	open *int
}

func (c counting) List(ctx context.Context, prefix, after string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		*c.open++
		defer func() { *c.open-- }()
		c.Lister.List(ctx, prefix, after)(yield)
	}
}

func TestEndOfAWalkEndsItsListings(t *testing.T) {
	open, buckets := 0, storetest.NewMemory()
	for shard := range 16 {
		buckets.Upload("a/"+id(shard), []byte("x"), nil)
		buckets.Upload(prefix("a", shard)+"manifest.json", []byte("x"), nil)
	}
	for range walk(t.Context(), counting{buckets, &open}, counting{buckets, &open}, "a/", "") {
		if open == 0 {
			t.Error("no listing is open")
		}
		break
	}
	if open != 0 {
		t.Errorf("%d listings are still open", open)
	}
}

func TestFailedListingEndsTheWalk(t *testing.T) {
	broken := errors.New("slow down")
	for _, failing := range []int{0, 1} {
		buckets := []*storetest.Memory{storetest.NewMemory(), storetest.NewMemory()}
		buckets[0].Upload("a/"+id(1), []byte("x"), nil)
		buckets[1].Upload(prefix("a", 1)+"manifest.json", []byte("x"), nil)
		buckets[failing].Before = func(context.Context, string, string) error { return broken }
		n := 0
		for p, err := range walk(t.Context(), buckets[0], buckets[1], "", "") {
			if n++; !errors.Is(err, broken) {
				t.Errorf("got %+v, %v: a listing that failed looks like one that is empty", p, err)
			}
		}
		if n != 1 {
			t.Errorf("%d results, want the error", n)
		}
	}
}
