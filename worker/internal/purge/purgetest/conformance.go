package purgetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/purge"
)

// CDN is an empty CDN under test.
type CDN struct {
	purge.Purger
	// Cache puts an answer with these tags into the cache. cached reports whether it is still served.
	Cache func(tags ...string) (cached func() bool)
	// Delay is about how long a purge takes.
	Delay time.Duration
}

// Conformance checks that a CDN keeps the contract of [purge.Purger]. open is called in a synctest bubble.
func Conformance(t *testing.T, open func(t *testing.T) CDN) {
	for name, check := range map[string]func(*testing.T, CDN){
		"a purge removes what has one of its tags":     removes,
		"a purge keeps answers that were stored later": keepsLater,
		"an unknown id": unknown,
		"purges beyond the limit are refused for a time": busy,
		"nothing happens in a context that has ended":    tooLate,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { check(t, open(t)) })
		})
	}
}

// begin begins a purge.
func begin(t *testing.T, c CDN, tags ...string) (id string) {
	t.Helper()
	id, err := c.Purge(t.Context(), tags)
	if err != nil || id == "" {
		t.Fatalf("purge: id %q, %v", id, err)
	}
	return id
}

// await waits until a purge is complete.
func await(t *testing.T, c CDN, id string) {
	t.Helper()
	for range 100 {
		done, err := c.Done(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if done {
			return
		}
		time.Sleep(c.Delay/10 + time.Second)
	}
	t.Fatalf("purge %s is not complete", id)
}

func removes(t *testing.T, c CDN) {
	first, second := c.Cache("photo:cats/1", "board:cats"), c.Cache("photo:cats/2", "board:cats")
	other, longer := c.Cache("photo:dogs/1", "board:dogs"), c.Cache("photo:cats/11")
	time.Sleep(time.Second)
	await(t, c, begin(t, c, "photo:cats/1", "photo:none/1"))
	if first() || !second() || !other() || !longer() {
		t.Errorf("after a purge of the first: served %v %v %v %v", first(), second(), other(), longer())
	}
	await(t, c, begin(t, c, "BOARD:CATS"))
	if second() || !other() || !longer() {
		t.Errorf("after a purge of the board: served %v %v %v", second(), other(), longer())
	}
}

func keepsLater(t *testing.T, c CDN) {
	id := begin(t, c, "photo:cats/1")
	time.Sleep(time.Millisecond)
	later := c.Cache("photo:cats/1")
	await(t, c, id)
	if !later() {
		t.Error("an answer that was stored after the purge began is gone")
	}
}

func unknown(t *testing.T, c CDN) {
	if _, err := c.Done(t.Context(), "I000000000000"); !errors.Is(err, purge.ErrUnknown) {
		t.Errorf("%v, want ErrUnknown", err)
	}
}

func busy(t *testing.T, c CDN) {
	tags := make([]string, purge.MaxTags)
	for i := range tags {
		tags[i] = fmt.Sprint("photo:cats/", i)
	}
	for range MaxInProgress / purge.MaxTags {
		begin(t, c, tags...)
	}
	if _, err := c.Purge(t.Context(), tags[:1]); !errors.Is(err, purge.ErrBusy) {
		t.Errorf("%v, want ErrBusy", err)
	}
	time.Sleep(c.Delay + time.Second)
	begin(t, c, tags[0])
}

func tooLate(t *testing.T, c CDN) {
	cached := c.Cache("photo:cats/1")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Purge(ended, []string{"photo:cats/1"}); err == nil {
		t.Error("a purge began")
	}
	if _, err := c.Done(ended, "I1"); err == nil {
		t.Error("the CDN was asked")
	}
	time.Sleep(c.Delay + time.Second)
	if !cached() {
		t.Error("the answer is gone")
	}
}
