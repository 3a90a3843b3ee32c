package repair_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

func TestErase(t *testing.T) {
	id := func(n string) photo.ID { return photo.ID(strings.Repeat("0", 31) + n) }
	ref := func(n string) photo.Ref { return photo.Ref{Board: "cats", ID: id(n)} }
	fill := func(t *testing.T) (uploads, variants *storetest.Memory) {
		uploads, variants = storetest.NewMemory(), storetest.NewMemory()
		for _, n := range []string{"1", "2", "4"} {
			uploads.Upload(ref(n).Key(), []byte("photo"), nil)
		}
		uploads.Upload("dogs/"+string(id("1")), []byte("photo"), nil)
		gone, err := photo.Tombstone(ref("3"), time.Now()).MarshalIndented()
		if err != nil {
			t.Fatal(err)
		}
		variants.Upload(ref("3").ManifestKey(), gone, nil)
		variants.Upload(ref("5").ManifestKey(), []byte("{"), nil) // no original, and a manifest that cannot be used
		return uploads, variants
	}
	all := []string{ref("1").Key(), ref("2").Key(), ref("4").Key(), ref("5").Key()}
	down := errors.New("down")
	for name, c := range map[string]struct {
		cfg     repair.EraseConfig
		after   string
		fail    string // key that cannot be removed
		want    []string
		already int
		last    string
		err     error
	}{
		"a board":      {want: all, already: 1, last: ref("5").Key()},
		"a dry run":    {cfg: repair.EraseConfig{DryRun: true}, want: all, already: 1, last: ref("5").Key()},
		"at a rate":    {cfg: repair.EraseConfig{Rate: 1e6}, want: all, already: 1, last: ref("5").Key()},
		"two":          {cfg: repair.EraseConfig{Max: 2}, want: all[:2], already: 1, last: ref("3").Key(), err: repair.ErrBudget},
		"for a budget": {cfg: repair.EraseConfig{Budget: 3.5 * repair.ErasePrice}, want: all[:3], already: 1, last: ref("4").Key(), err: repair.ErrSpent},
		"continued":    {after: ref("2").Key(), want: all[2:], already: 1, last: ref("5").Key()},
		"S3 is down":   {fail: ref("2").Key(), want: all[:1], last: ref("1").Key(), err: down},
	} {
		t.Run(name, func(t *testing.T) {
			uploads, variants := fill(t)
			var printed strings.Builder
			var removed []string
			c.cfg.Out = &printed
			c.cfg.Remove = func(_ context.Context, ref photo.Ref) error {
				if ref.Key() == c.fail {
					return down
				}
				removed = append(removed, ref.Key())
				return nil
			}
			sum, err := repair.New(repair.Config{Prefix: "cats/", After: c.after}, uploads, variants, nil).Erase(t.Context(), c.cfg)
			if c.cfg.DryRun {
				if len(removed) > 0 {
					t.Errorf("a dry run removed %q", removed)
				}
				removed = strings.Fields(printed.String())
			}
			if !errors.Is(err, c.err) || !slices.Equal(removed, c.want) || sum.Removed != len(c.want) || sum.Already != c.already || sum.Last != c.last {
				t.Errorf("%v, %+v, removed %q, want %v, %d already, up to %s", err, sum, removed, c.want, c.already, c.last)
			}
		})
	}
}
