package noisygroups

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// repeat notes n messages of a group and reports whether the last one was noisy.
func (t *Tracker) repeat(group string, n int) (noisy bool) {
	for range n {
		noisy = t.Note(group)
	}
	return noisy
}

// others notes n messages of as many groups.
func (t *Tracker) others(n int) {
	for i := range n {
		t.Note(strconv.Itoa(i))
	}
}

func TestNoisyGroups(t *testing.T) {
	for name, tc := range map[string]struct {
		before func(t *Tracker)
		group  string
		want   bool
	}{
		"the first message":               {func(*Tracker) {}, "a", false},
		"one below the least":             {func(t *Tracker) { t.repeat("a", MinMessages-2) }, "a", false},
		"the least":                       {func(t *Tracker) { t.repeat("a", MinMessages-1) }, "a", true},
		"a tenth of the window":           {func(t *Tracker) { t.repeat("a", MinMessages-1); t.others(Window - MinMessages) }, "a", false},
		"more than a tenth of the window": {func(t *Tracker) { t.repeat("a", MinMessages); t.others(Window - MinMessages - 1) }, "a", true},
		"one beside a noisy group":        {func(t *Tracker) { t.repeat("a", Window) }, "b", false},
		"pushed out by others":            {func(t *Tracker) { t.repeat("a", Window); t.others(Window) }, "a", false},
		"no group":                        {func(t *Tracker) { t.repeat("", Window) }, "", false},
	} {
		var tracker Tracker
		tc.before(&tracker)
		if got := tracker.Note(tc.group); got != tc.want {
			t.Errorf("%s: noisy is %v, want %v", name, got, tc.want)
		}
	}
}

func TestNoiseIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tracker Tracker
		if !tracker.repeat("a", MinMessages) {
			t.Fatal("not noisy")
		}
		time.Sleep(MaxAge)
		if !tracker.Note("a") {
			t.Error("quiet after exactly the memory")
		}
		time.Sleep(MaxAge + 1)
		if tracker.Note("a") {
			t.Error("noisy after longer than the memory")
		}
		if len(tracker.counts) != 1 || tracker.n != 1 {
			t.Errorf("%d messages of %d groups are remembered, want 1 of 1", tracker.n, len(tracker.counts))
		}
	})
}
