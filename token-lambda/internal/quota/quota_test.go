package quota_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/quota"
	"darkroom/token-lambda/internal/quota/quotatest"
	"darkroom/worker/photo"
)

func parse(t *testing.T, text string) quota.Settings {
	t.Helper()
	s, err := quota.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take takes photos of 10 bytes each, and checks the names of the exceeded policies.
func take(t *testing.T, k *quota.Keeper, board photo.Board, subject string, photos int64, exceeded ...string) api.QuotaVerdict {
	t.Helper()
	v, err := k.Take(t.Context(), api.QuotaUse{Board: board, Subject: subject, Photos: photos, Bytes: 10 * photos})
	if err != nil || !cmp.Equal(v.Exceeded(), exceeded) {
		t.Fatalf("%d photos of %s on %s: %+v, %v; want %v exceeded", photos, subject, board, v, err, exceeded)
	}
	return v
}

// TestTake: windows begin with the minute and the day, all photos of a request count or none, and boards and users are
// apart.
func TestTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is midnight, 2000-01-01
		k := quota.New(parse(t, `{"board": {"photosPerMinute": 5, "bytesPerDay": 90}, "subject": {"photosPerMinute": 4}, "boards": {"big": {"photosPerMinute": 6}}}`), &quotatest.Memory{})
		time.Sleep(48500 * time.Millisecond)
		v := take(t, k, "cats", "ann", 3)
		want := api.QuotaVerdict{Policies: []api.QuotaPolicy{
			{Scope: "subject", Unit: "photos", Window: "minute", Limit: 4, Known: true, Left: 1, Resets: 11500 * time.Millisecond},
			{Scope: "board", Unit: "photos", Window: "minute", Limit: 5, Known: true, Left: 2, Resets: 11500 * time.Millisecond},
			{Scope: "board", Unit: "bytes", Window: "day", Limit: 90, Known: true, Left: 60, Resets: 24*time.Hour - 48500*time.Millisecond}}}
		if diff := cmp.Diff(want, v); diff != "" {
			t.Error(diff)
		}
		v = take(t, k, "cats", "ann", 2, "subject-photos-minute")
		if len(v.Policies) != 3 || !v.Policies[0].Known || v.Policies[1].Known || v.Never {
			t.Errorf("%+v", v)
		}
		take(t, k, "cats", "ann", 1)
		take(t, k, "cats", "bob", 2, "board-photos-minute")
		take(t, k, "dogs", "bob", 4) // what the board refused was given back to bob
		take(t, k, "big", "eve", 4)
		take(t, k, "big", "ian", 3, "board-photos-minute")
		take(t, k, "big", "ian", 2)
		time.Sleep(11500 * time.Millisecond)
		take(t, k, "cats", "ann", 4)
		take(t, k, "cats", "bob", 2, "board-photos-minute", "board-bytes-day")
		take(t, k, "cats", "bob", 1)
		time.Sleep(time.Minute)
		take(t, k, "cats", "bob", 1, "board-bytes-day")
		time.Sleep(24 * time.Hour)
		take(t, k, "cats", "bob", 4)
	})
}

// TestNever: a request that is larger than a limit is refused without being counted, and says so.
func TestNever(t *testing.T) {
	m := &quotatest.Memory{}
	k := quota.New(parse(t, `{"board": {"photosPerMinute": 5, "photosPerDay": 50}, "subject": {"bytesPerDay": 50}, "boards": {"big": {"photosPerMinute": 50}}}`), m)
	if v := take(t, k, "cats", "ann", 6, "subject-bytes-day", "board-photos-minute"); !v.Never || len(v.Policies) != 3 || v.Policies[0].Known {
		t.Errorf("%+v", v)
	}
	if v := take(t, k, "big", "ann", 6, "subject-bytes-day"); !v.Never {
		t.Errorf("%+v", v)
	}
	if m.Calls() != 0 {
		t.Errorf("%d calls, want none", m.Calls())
	}
	if v := take(t, k, "cats", "ann", 5); v.Never {
		t.Errorf("%+v", v)
	}
}

// TestOnlyLimitedKeysAreCounted: what has no limit costs nothing.
func TestOnlyLimitedKeysAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		`{"board": {"photosPerDay": 5}}`: 1, `{"subject": {"photosPerDay": 5}}`: 1, `{"boards": {"dogs": {"photosPerDay": 5}}}`: 0,
		`{"boards": {"cats": {"photosPerDay": 5}}, "subject": {"bytesPerMinute": 50}}`: 2,
	} {
		m := &quotatest.Memory{}
		take(t, quota.New(parse(t, text), m), "cats", "ann", 1)
		if m.Calls() != want {
			t.Errorf("%s: %d calls, want %d", text, m.Calls(), want)
		}
	}
}

// TestFailures: a counter that fails admits, another that works still refuses, and no failure lasts longer than
// Timeout.
func TestFailures(t *testing.T) {
	down := errors.New("throttled")
	fails := func(part string) func(quota.Key) error {
		return func(key quota.Key) error {
			if strings.HasPrefix(string(key), part) {
				return down
			}
			return nil
		}
	}
	const both = `{"board": {"photosPerMinute": 2}, "subject": {"photosPerMinute": 2}}`
	use := api.QuotaUse{Board: "cats", Subject: "ann", Photos: 2}
	for part, want := range map[string]int{"": 0, "board#": 0, "subject#": 1} {
		synctest.Test(t, func(t *testing.T) {
			m := &quotatest.Memory{}
			m.Fail(fails(part))
			k := quota.New(parse(t, both), m)
			v, err := k.Take(t.Context(), use)
			if !errors.Is(err, down) || len(v.Exceeded()) != 0 || len(v.Policies) != 2 {
				t.Errorf("%q fails: %+v, %v", part, v, err)
			}
			v, err = k.Take(t.Context(), api.QuotaUse{Board: "cats", Subject: "bob", Photos: 1})
			if !errors.Is(err, down) || len(v.Exceeded()) != want {
				t.Errorf("%q fails: the second is %+v, %v", part, v, err)
			}
			if strings.Contains(err.Error(), "bob") {
				t.Errorf("the error names the user: %v", err)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := quota.New(parse(t, both), hanging{}).Take(t.Context(), use)
		if took := time.Since(start); took != quota.Timeout || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// hanging never answers.
type hanging struct{}

func (hanging) Add(ctx context.Context, _ quota.Key, _ quota.Use, _ quota.Windows, _ time.Time) (quota.Windows, bool, error) {
	<-ctx.Done()
	return quota.Windows{}, false, ctx.Err()
}

func (hanging) Subtract(ctx context.Context, _ quota.Key, _ quota.Use, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestWarm: connecting takes a second at most, changes no counter, and reports a failure.
func TestWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &quotatest.Memory{}
		k := quota.New(parse(t, `{"board": {"photosPerMinute": 1}, "subject": {"photosPerMinute": 1}}`), m)
		if err := k.Warm(t.Context()); err != nil || m.Calls() != 1 {
			t.Errorf("%v after %d calls", err, m.Calls())
		}
		take(t, k, "start", "start", 1)
		start := time.Now()
		err := quota.New(quota.Settings{}, hanging{}).Warm(t.Context())
		if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// TestFlood: of many requests at once, of many users, a board gets exactly its limit, and so does a user on many
// boards. No user is left with a count of what a board refused, and refusals that follow each other cost nothing.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &quotatest.Memory{}
		k := quota.New(parse(t, `{"board": {"photosPerMinute": 30}, "subject": {"photosPerDay": 20}}`), m)
		var admitted atomic.Int64
		var group sync.WaitGroup
		flood := func(board photo.Board, subject string) {
			group.Go(func() {
				v, err := k.Take(t.Context(), api.QuotaUse{Board: board, Subject: subject, Photos: 1, Bytes: 1})
				if err != nil {
					t.Error(err)
				}
				if len(v.Exceeded()) == 0 {
					admitted.Add(1)
				}
			})
		}
		for i := range 200 {
			flood("cats", "user"+string(rune('a'+i%25)))
		}
		group.Wait()
		if got := admitted.Swap(0); got != 30 {
			t.Errorf("the board got %d, want 30", got)
		}
		for i := range 200 {
			flood("board"+photo.Board(rune('a'+i%25)), "eve")
		}
		group.Wait()
		if got := admitted.Swap(0); got != 20 {
			t.Errorf("the user got %d, want 20", got)
		}
		before := m.Calls()
		for i := range 100 {
			take(t, k, "cats", "other"+string(rune('a'+i%25)), 1, "board-photos-minute")
			take(t, k, "other", "eve", 1, "subject-photos-day")
		}
		if calls := m.Calls() - before; calls != 0 {
			t.Errorf("%d calls for refusals, want none", calls)
		}
		for i := range 25 {
			take(t, k, "other"+photo.Board(rune('a'+i)), "user"+string(rune('a'+i)), 12)
		}
	})
}

// TestRefusalsAreRemembered: a refusal is remembered for a second of its minute, for all that it rules out and nothing
// else.
func TestRefusalsAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &quotatest.Memory{}
		k := quota.New(parse(t, `{"board": {"photosPerMinute": 5}}`), m)
		step := func(board photo.Board, photos int64, admitted bool, calls int) {
			t.Helper()
			var exceeded []string
			if !admitted {
				exceeded = []string{"board-photos-minute"}
			}
			before := m.Calls()
			take(t, k, board, "ann", photos, exceeded...)
			if got := m.Calls() - before; got != calls {
				t.Fatalf("%d calls, want %d", got, calls)
			}
		}
		step("a", 4, true, 1)
		step("a", 2, false, 1)
		step("a", 2, false, 0)
		step("a", 3, false, 0)
		step("b", 2, true, 1)
		step("a", 1, true, 1)
		step("a", 1, false, 1)
		step("a", 1, false, 0)
		time.Sleep(time.Second)
		step("a", 1, false, 1)
		step("a", 1, false, 0)
		time.Sleep(58500 * time.Millisecond)
		step("a", 1, false, 1)
		time.Sleep(500 * time.Millisecond)
		step("a", 1, true, 1)
		for i := range 3000 { // old refusals make room
			board := photo.Board(fmt.Sprint(i))
			step(board, 5, true, 1)
			step(board, 1, false, 1)
		}
		step("2999", 1, false, 0)
	})
}
