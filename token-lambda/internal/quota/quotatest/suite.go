package quotatest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"darkroom/token-lambda/internal/quota"
)

// noon is a time within a minute and a day.
var noon = time.Date(2026, 11, 30, 12, 0, 30, 0, time.UTC)

func limits(photosMinute, photosDay, bytesMinute, bytesDay int64) quota.Windows {
	return quota.Windows{Minute: quota.Use{Photos: photosMinute, Bytes: bytesMinute}, Day: quota.Use{Photos: photosDay, Bytes: bytesDay}}
}

// Run tests a counter. open returns one without any counts.
func Run(t *testing.T, open func(*testing.T) quota.Counter) {
	for name, test := range map[string]func(*testing.T, quota.Counter){
		"counts": testCounts, "limits": testLimits, "windows": testWindows, "keys": testKeys, "takes back": testSubtract,
		"many minutes": testManyMinutes, "concurrent": testConcurrent, "cancelled": testCancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// add adds use and checks what was counted.
func add(t *testing.T, c quota.Counter, key quota.Key, use quota.Use, most quota.Windows, at time.Time, want quota.Windows, wantAdded bool) {
	t.Helper()
	counted, added, err := c.Add(t.Context(), key, use, most, at)
	if err != nil || counted != want || added != wantAdded {
		t.Fatalf("adding %+v at %v gives %+v, %v, %v; want %+v, %v", use, at, counted, added, err, want, wantAdded)
	}
}

func testCounts(t *testing.T, c quota.Counter) {
	most := limits(10, 0, 0, 0)
	add(t, c, "a", quota.Use{Photos: 3, Bytes: 5 << 30}, most, noon, limits(3, 3, 5<<30, 5<<30), true)
	add(t, c, "a", quota.Use{Photos: 7, Bytes: 1}, most, noon.Add(29*time.Second), limits(10, 10, 5<<30+1, 5<<30+1), true)
	add(t, c, "a", quota.Use{Photos: 1, Bytes: 1}, most, noon, limits(10, 10, 5<<30+1, 5<<30+1), false)
	add(t, c, "a", quota.Use{Photos: 1, Bytes: 1}, limits(11, 0, 0, 0), noon, limits(11, 11, 5<<30+2, 5<<30+2), true)
}

// testLimits: each limit refuses on its own, and a refused request counts nowhere.
func testLimits(t *testing.T, c quota.Counter) {
	for name, most := range map[string]quota.Windows{
		"photos-minute": limits(2, 9, 90, 90), "photos-day": limits(9, 2, 90, 90), "bytes-minute": limits(9, 9, 20, 90), "bytes-day": limits(9, 9, 90, 20),
	} {
		key := quota.Key(name)
		add(t, c, key, quota.Use{Photos: 1, Bytes: 10}, most, noon, limits(1, 1, 10, 10), true)
		add(t, c, key, quota.Use{Photos: 2, Bytes: 20}, most, noon, limits(1, 1, 10, 10), false)
		add(t, c, key, quota.Use{Photos: 1, Bytes: 10}, most, noon, limits(2, 2, 20, 20), true)
		add(t, c, key, quota.Use{Photos: 1, Bytes: 10}, most, noon, limits(2, 2, 20, 20), false)
	}
	add(t, c, "first", quota.Use{Photos: 3, Bytes: 1}, limits(3, 3, 1, 1), noon, limits(3, 3, 1, 1), true)
}

// testWindows: a new minute and a new day begin at nothing, whichever clock is ahead.
func testWindows(t *testing.T, c quota.Counter) {
	most, one := limits(2, 3, 0, 0), quota.Use{Photos: 1, Bytes: 1}
	late := time.Date(2026, 11, 30, 23, 58, 59, 999999999, time.UTC)
	midnight := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	add(t, c, "a", one, most, late, limits(1, 1, 1, 1), true)
	add(t, c, "a", one, most, late.Add(time.Nanosecond), limits(1, 2, 1, 2), true)
	add(t, c, "a", one, most, late, limits(2, 3, 2, 3), true) // an instance whose clock is behind
	add(t, c, "a", one, most, late.Add(time.Nanosecond), limits(1, 3, 1, 3), false)
	add(t, c, "a", one, most, midnight, limits(1, 1, 1, 1), true)
	add(t, c, "a", one, most, midnight.Add(-time.Nanosecond), limits(1, 3, 1, 3), false)
	add(t, c, "a", one, most, midnight.In(time.FixedZone("", 3600)), limits(2, 2, 2, 2), true)
	add(t, c, "a", one, most, midnight, limits(2, 2, 2, 2), false)
}

func testKeys(t *testing.T, c quota.Counter) {
	most, one := limits(1, 1, 1, 1), quota.Use{Photos: 1, Bytes: 1}
	for _, key := range []quota.Key{"board#a", "board#a-b", "subject#a", "board#a#2026"} {
		add(t, c, key, one, most, noon, limits(1, 1, 1, 1), true)
	}
}

func testSubtract(t *testing.T, c quota.Counter) {
	most := limits(3, 3, 30, 30)
	add(t, c, "a", quota.Use{Photos: 1, Bytes: 10}, most, noon, limits(1, 1, 10, 10), true)
	add(t, c, "a", quota.Use{Photos: 2, Bytes: 20}, most, noon, limits(3, 3, 30, 30), true)
	if err := c.Subtract(t.Context(), "a", quota.Use{Photos: 2, Bytes: 20}, noon); err != nil {
		t.Fatal(err)
	}
	add(t, c, "a", quota.Use{Photos: 3, Bytes: 3}, most, noon, limits(1, 1, 10, 10), false)
	add(t, c, "a", quota.Use{Photos: 2, Bytes: 20}, most, noon, limits(3, 3, 30, 30), true)
}

// testManyMinutes: a day with photos in most of its minutes is counted, although no counter may grow without bound.
func testManyMinutes(t *testing.T, c quota.Counter) {
	const minutes = 100
	for i := range int64(minutes) {
		at := noon.Add(time.Duration(i) * time.Minute)
		add(t, c, "a", quota.Use{Photos: 1, Bytes: 2}, limits(2, minutes, 0, 0), at, limits(1, i+1, 2, 2*i+2), true)
		add(t, c, "a", quota.Use{Photos: 2, Bytes: 2}, limits(2, minutes, 0, 0), at, limits(1, i+1, 2, 2*i+2), false)
	}
	add(t, c, "a", quota.Use{Photos: 1, Bytes: 2}, limits(2, minutes, 0, 0), noon.Add(minutes*time.Minute), limits(0, minutes, 0, 2*minutes), false)
}

// testConcurrent: of many requests at once exactly as many are admitted as fit, and each sees a state of its own.
func testConcurrent(t *testing.T, c quota.Counter) {
	const clients, requests, limit = 8, 10, 37
	var admitted atomic.Int64
	var mu sync.Mutex
	seen := map[quota.Windows]bool{}
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for range requests {
				counted, added, err := c.Add(t.Context(), "a", quota.Use{Photos: 1, Bytes: 3}, limits(limit, 1000, 0, 0), noon)
				if err != nil {
					t.Error(err)
					return
				}
				if !added {
					continue
				}
				admitted.Add(1)
				mu.Lock()
				if seen[counted] {
					t.Errorf("two requests saw %+v", counted)
				}
				seen[counted] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if got := admitted.Load(); got != limit {
		t.Errorf("%d admitted, want %d", got, limit)
	}
	add(t, c, "a", quota.Use{Photos: 1, Bytes: 1}, limits(limit, 0, 0, 0), noon, limits(limit, limit, 3*limit, 3*limit), false)
}

func testCancelled(t *testing.T, c quota.Counter) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, added, err := c.Add(ctx, "a", quota.Use{Photos: 1}, limits(1, 0, 0, 0), noon); added || !errors.Is(err, context.Canceled) {
		t.Errorf("added %v, %v; want the context's error", added, err)
	}
	if err := c.Subtract(ctx, "a", quota.Use{Photos: 1}, noon); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
}
