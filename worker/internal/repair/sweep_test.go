package repair_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

const hour = time.Hour

// buckets are what a sweep compares. Everything in them is old unless a test says otherwise.
type buckets struct {
	uploads, variants *storetest.Memory
	now               time.Time
}

func newBuckets() *buckets {
	return &buckets{storetest.NewMemory(), storetest.NewMemory(), time.Now()}
}

func (b *buckets) original(n int, age time.Duration) *buckets {
	b.uploads.Upload(ref(n).Key(), fmt.Append(nil, n), nil)
	b.uploads.SetModified(ref(n).Key(), b.now.Add(-age))
	return b
}

func (b *buckets) variant(key string, age time.Duration) *buckets {
	b.variants.Upload(key, []byte("x"), nil)
	b.variants.SetModified(key, b.now.Add(-age))
	return b
}

// manifest stores the manifest of a photo, about the original that is there, with one variant of a byte.
func (b *buckets) manifest(t *testing.T, n int, age time.Duration, change func(m *photo.Manifest)) *buckets {
	t.Helper()
	head, _ := b.uploads.Head(t.Context(), ref(n).Key()) // there may be none
	m := &photo.Manifest{Version: photo.ManifestVersion, Board: ref(n).Board, ID: ref(n).ID, State: photo.Ready, Recipe: "r1",
		Source:   photo.Source{Bytes: head.Bytes, ETag: head.ETag},
		Variants: []photo.Variant{{Name: "large", Key: named(n), Bytes: 1}}}
	if change != nil {
		change(m)
	}
	text, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	b.variants.Upload(ref(n).ManifestKey(), text, nil)
	b.variants.SetModified(ref(n).ManifestKey(), b.now.Add(-age))
	return b
}

// named is the key of the variant that the manifest of a photo names, strayVariant that of one that it does not name.
func named(n int) string        { return ref(n).VariantKey("large", "00", photo.JPEG) }
func strayVariant(n int) string { return ref(n).VariantKey("large", "11", photo.JPEG) }

// ready adds a photo that is as it should be.
func (b *buckets) ready(t *testing.T, n int, age time.Duration) *buckets {
	t.Helper()
	return b.original(n, age).variant(named(n), age).manifest(t, n, age, nil)
}

func (b *buckets) sweep(t *testing.T, cfg repair.Config, sc repair.SweepConfig, limits sendlimit.Limits) (sum repair.Swept, keys []string, out string, err error) {
	t.Helper()
	var text bytes.Buffer
	cfg.Notes = &text
	q := &sent{}
	events, err := repair.NewEvents(repair.EventsConfig{Limits: limits, Bucket: "uploads", Out: &text}, q)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Concat(b.uploads.Keys(), b.variants.Keys())
	sum, err = repair.New(cfg, b.uploads, b.variants, events).Sweep(t.Context(), sc)
	if after := slices.Concat(b.uploads.Keys(), b.variants.Keys()); !slices.Equal(before, after) {
		t.Errorf("sweep changed %v to %v", before, after)
	}
	return sum, q.keys(), text.String(), err
}

func removed(m *photo.Manifest) {
	unerased(m)
	m.Erasure = &photo.Erasure{ErasedAt: time.Now()}
}

func unerased(m *photo.Manifest) { *m = *photo.Tombstone(m.Ref(), time.Time{}) }
func newer(m *photo.Manifest)    { m.Version = photo.ManifestVersion + 1 }

// TestSweepJudgesOnePhoto has one photo in each case, which gets an event or none.
func TestSweepJudgesOnePhoto(t *testing.T) {
	for _, tc := range []struct {
		name string
		make func(t *testing.T, b *buckets)
		want repair.Swept
		out  string // output of a dry run; empty if there is no event
	}{
		{"in order", func(t *testing.T, b *buckets) { b.ready(t, 1, 2*hour) }, repair.Swept{}, ""},
		{"rejected", func(t *testing.T, b *buckets) {
			b.original(1, 2*hour).manifest(t, 1, 2*hour, func(m *photo.Manifest) { m.Reject(photo.Corrupt(photo.JPEG), photo.Recipe{}) })
		}, repair.Swept{}, ""},
		{"removed by a user", func(t *testing.T, b *buckets) { b.manifest(t, 1, 2*hour, removed) }, repair.Swept{}, ""},

		{"discarded", func(t *testing.T, b *buckets) { b.original(1, 99*hour).rejected(t, 1, discarded); b.remove(t, 1) }, repair.Swept{}, ""},
		{"rejected, without an original", func(t *testing.T, b *buckets) { b.original(1, 99*hour).rejected(t, 1, nil); b.remove(t, 1) }, repair.Swept{Found: repair.Found{Orphans: 1}}, "no original"},
		{"discarded, but the original is still there", func(t *testing.T, b *buckets) { b.original(1, 99*hour).rejected(t, 1, discarded) }, repair.Swept{Discards: 1}, "rejected long ago"},

		{"only variants", func(t *testing.T, b *buckets) { b.variant(named(1), 2*hour) }, repair.Swept{Found: repair.Found{Orphans: 1}}, "no original"},
		{"no original", func(t *testing.T, b *buckets) { b.variant(named(1), 2*hour).manifest(t, 1, 2*hour, nil) }, repair.Swept{Found: repair.Found{Orphans: 1}}, "no original"},
		{"no manifest", func(t *testing.T, b *buckets) { b.original(1, 2*hour) }, repair.Swept{Unfinished: 1}, "no manifest"},
		{"no manifest yet", func(t *testing.T, b *buckets) { b.original(1, hour/2).variant(named(1), 0) }, repair.Swept{Young: 1}, ""},

		{"left by a frozen worker, original replaced", func(t *testing.T, b *buckets) { b.ready(t, 1, 2*hour).variant(strayVariant(1), 2*hour) }, repair.Swept{Leftovers: 1}, "variants that no manifest names: 1"},
		{"left after the manifest was written", func(t *testing.T, b *buckets) {
			b.ready(t, 1, 99*hour).variant(strayVariant(1), 2*hour).variant(ref(1).Prefix()+"\x01", 2*hour)
		}, repair.Swept{Leftovers: 1}, "variants that no manifest names: 2"},
		{"removed by a user, not erased", func(t *testing.T, b *buckets) { b.manifest(t, 1, 2*hour, unerased) }, repair.Swept{Damaged: 1}, "removed by a user, but not erased"},
		{"removed by a user a moment ago, not erased", func(t *testing.T, b *buckets) { b.manifest(t, 1, 0, unerased) }, repair.Swept{}, ""},
		{"left by a frozen worker, photo removed", func(t *testing.T, b *buckets) { b.manifest(t, 1, 2*hour, removed).variant(named(1), 2*hour) }, repair.Swept{Leftovers: 1}, "variants that no manifest names: 1"},
		{"written a moment ago", func(t *testing.T, b *buckets) { b.ready(t, 1, 2*hour).variant(strayVariant(1), hour/2) }, repair.Swept{Young: 1}, ""},
		{"removed a moment ago", func(t *testing.T, b *buckets) { b.manifest(t, 1, 0, removed).variant(named(1), hour/2) }, repair.Swept{Young: 1}, ""},
		{"uploaded again after its removal", func(t *testing.T, b *buckets) { b.original(1, 2*hour).manifest(t, 1, 3*hour, removed) }, repair.Swept{Damaged: 1}, "removed by a user, but there is an original"},
		{"uploaded again a moment ago", func(t *testing.T, b *buckets) { b.original(1, 0).manifest(t, 1, 3*hour, removed) }, repair.Swept{Young: 1}, ""},

		{"original replaced", func(t *testing.T, b *buckets) {
			b.ready(t, 1, 3*hour).uploads.Upload(ref(1).Key(), []byte("new"), nil)
			b.uploads.SetModified(ref(1).Key(), b.now.Add(-2*hour))
		}, repair.Swept{Damaged: 1}, "another original"},
		{"original replaced a moment ago", func(t *testing.T, b *buckets) { b.ready(t, 1, 3*hour).uploads.Upload(ref(1).Key(), []byte("new"), nil) }, repair.Swept{Young: 1}, ""},
		{"a variant is missing", func(t *testing.T, b *buckets) { b.original(1, 2*hour).manifest(t, 1, 2*hour, nil) }, repair.Swept{Damaged: 1}, "a variant is missing"},
		{"a variant of another size", func(t *testing.T, b *buckets) { b.ready(t, 1, 2*hour).variants.Upload(named(1), []byte("xx"), nil) }, repair.Swept{Damaged: 1}, "a variant has another size"},
		{"unreadable", func(t *testing.T, b *buckets) { b.original(1, 2*hour).variant(ref(1).ManifestKey(), 2*hour) }, repair.Swept{Damaged: 1}, "the manifest cannot be read"},
		{"unreadable, no original", func(t *testing.T, b *buckets) { b.variant(ref(1).ManifestKey(), 2*hour) }, repair.Swept{Found: repair.Found{Orphans: 1}}, "no original"},

		{"newer, with other variants", func(t *testing.T, b *buckets) {
			b.original(1, 2*hour).variant(strayVariant(1), 2*hour).manifest(t, 1, 2*hour, newer)
		}, repair.Swept{Found: repair.Found{Newer: 1}}, ""},
		{"newer, no original", func(t *testing.T, b *buckets) { b.manifest(t, 1, 2*hour, newer) }, repair.Swept{Found: repair.Found{Newer: 1}}, ""},
		{"newer, unknown state", func(t *testing.T, b *buckets) {
			b.manifest(t, 1, 2*hour, func(m *photo.Manifest) { newer(m); m.State = "archived" })
		}, repair.Swept{Found: repair.Found{Newer: 1}}, ""},
		{"newer, removed, with variants", func(t *testing.T, b *buckets) {
			b.variant(strayVariant(1), 2*hour).manifest(t, 1, 2*hour, func(m *photo.Manifest) { removed(m); newer(m) })
		}, repair.Swept{Leftovers: 1}, "variants that no manifest names: 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBuckets()
			tc.make(t, b)
			sum, keys, _, err := b.sweep(t, repair.Config{}, repair.SweepConfig{OlderThan: hour}, sendlimit.Limits{})
			tc.want.Photos, tc.want.Last = 1, ref(1).Key()
			if err != nil || sum != tc.want || (len(keys) == 1) != (tc.out != "") {
				t.Errorf("got %+v, events of %v, %v, want %+v", sum, keys, err, tc.want)
			}
			_, keys, out, err := b.sweep(t, repair.Config{}, repair.SweepConfig{OlderThan: hour}, sendlimit.Limits{DryRun: true})
			if err != nil || len(keys) != 0 || (tc.out != "") != strings.Contains(out, ref(1).Key()+"\t"+tc.out+"\n") || tc.out == "" && strings.Contains(out, "\t") {
				t.Errorf("dry run: sent %v, printed %q, %v, want %q", keys, out, err, tc.out)
			}
		})
	}
}

// TestSweepReadsOnlyWhatChanged: with ChangedWithin, a photo costs no GET until one of its objects is modified.
func TestSweepReadsOnlyWhatChanged(t *testing.T) {
	b := newBuckets()
	b.ready(t, 1, 99*hour).ready(t, 2, 99*hour).variant(strayVariant(2), 2*hour).ready(t, 3, 99*hour).variant(strayVariant(3), 98*hour)
	cfg := repair.SweepConfig{OlderThan: hour, ChangedWithin: 72 * hour}
	sum, keys, _, err := b.sweep(t, repair.Config{}, cfg, sendlimit.Limits{})
	if n := b.variants.Requests()["get"]; err != nil || sum.Photos != 3 || sum.Leftovers != 1 || !slices.Equal(keys, []string{ref(2).Key()}) || n != 1 {
		t.Errorf("got %+v, events of %v, %d manifests read, %v", sum, keys, n, err)
	}
	cfg.ChangedWithin = hour
	if _, _, _, err := b.sweep(t, repair.Config{}, cfg, sendlimit.Limits{}); err == nil {
		t.Error("a period that no photo can match: no error")
	}
}

// TestSweepPassesOverPhotosThatChange: the manifest is another one than the listing showed.
func TestSweepPassesOverPhotosThatChange(t *testing.T) {
	for name, change := range map[string]func(b *buckets){
		"replaced": func(b *buckets) {
			b.manifest(t, 1, 0, func(m *photo.Manifest) { m.Variants[0].Key = strayVariant(1) })
		},
		"deleted": func(b *buckets) { b.variants.Delete(context.Background(), []string{ref(1).ManifestKey()}) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBuckets().ready(t, 1, 2*hour)
			b.variants.Before = func(_ context.Context, op, _ string) error {
				if op == "get" {
					b.variants.Before = nil
					change(b)
				}
				return nil
			}
			q := &sent{}
			events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads"}, q)
			if err != nil {
				t.Fatal(err)
			}
			sum, err := repair.New(repair.Config{}, b.uploads, b.variants, events).Sweep(t.Context(), repair.SweepConfig{OlderThan: hour})
			if err != nil || sum.Young != 1 || len(q.events) != 0 {
				t.Errorf("got %+v, events of %v, %v", sum, q.keys(), err)
			}
		})
	}
}

// several has an orphan, an original without a manifest, and a key that belongs to no photo.
func several(t *testing.T) *buckets {
	return newBuckets().ready(t, 1, 2*hour).variant(named(2), 2*hour).original(3, 2*hour).original(4, 0).variant("index.html", 0)
}

func TestSweepResumesAfterItsBudget(t *testing.T) {
	b := several(t)
	cfg := repair.SweepConfig{OlderThan: hour}
	sum, keys, _, err := b.sweep(t, repair.Config{}, cfg, sendlimit.Limits{})
	want := repair.Swept{Photos: 4, Unfinished: 1, Young: 1, Found: repair.Found{Orphans: 1, Strays: 1, Stray: "index.html", Last: ref(4).Key()}}
	if err != nil || sum != want || !slices.Equal(keys, []string{ref(2).Key(), ref(3).Key()}) {
		t.Errorf("got %+v, %v, %v, want %+v", sum, keys, err, want)
	}
	sum, keys, _, err = b.sweep(t, repair.Config{}, cfg, sendlimit.Limits{Max: 1})
	if !errors.Is(err, repair.ErrBudget) || !slices.Equal(keys, []string{ref(2).Key()}) || sum.Last != ref(2).Key() {
		t.Errorf("got %+v, %v, %v", sum, keys, err)
	}
	sum, keys, _, err = b.sweep(t, repair.Config{After: sum.Last}, cfg, sendlimit.Limits{Max: 1})
	if err != nil || !slices.Equal(keys, []string{ref(3).Key()}) || sum.Photos != 2 {
		t.Errorf("then %+v, %v, %v", sum, keys, err)
	}
}

// TestFailuresEndTheSweep: a listing or a read that fails must not look like a photo that is gone.
func TestFailuresEndTheSweep(t *testing.T) {
	broken := fmt.Errorf("no route to host: %w", store.ErrUnavailable)
	fail := func(op string) func(context.Context, string, string) error {
		return func(_ context.Context, o, _ string) error {
			if o == op {
				return broken
			}
			return nil
		}
	}
	b := several(t)
	b.uploads.Before = fail("list")
	if sum, keys, _, err := b.sweep(t, repair.Config{}, repair.SweepConfig{}, sendlimit.Limits{}); !errors.Is(err, broken) || len(keys) != 0 {
		t.Errorf("list: %+v, %v, events of %v", sum, err, keys)
	}
	b = several(t)
	b.variants.Before = fail("get")
	if sum, keys, _, err := b.sweep(t, repair.Config{}, repair.SweepConfig{}, sendlimit.Limits{}); !errors.Is(err, broken) || len(keys) != 0 {
		t.Errorf("get: %+v, %v, events of %v", sum, err, keys)
	}
	if _, _, _, err := several(t).sweep(t, repair.Config{}, repair.SweepConfig{OlderThan: -1}, sendlimit.Limits{}); err == nil {
		t.Error("a negative age: no error")
	}
}
