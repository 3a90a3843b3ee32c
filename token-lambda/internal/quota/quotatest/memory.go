// Package quotatest has a counter in memory, and the tests that every counter must pass.
package quotatest

import (
	"context"
	"sync"
	"time"

	"darkroom/token-lambda/internal/quota"
)

// Memory is a [quota.Counter] in memory.
type Memory struct {
	mu    sync.Mutex
	keys  map[quota.Key]map[time.Time]quota.Use // use in each minute, by its start
	calls int
	fail  func(quota.Key) error
}

// Add implements [quota.Counter].
func (m *Memory) Add(ctx context.Context, key quota.Key, use quota.Use, limits quota.Windows, at time.Time) (quota.Windows, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, key); err != nil {
		return quota.Windows{}, false, err
	}
	counted := m.counted(key, at)
	if !limits.Admits(counted, use) {
		return counted, false, nil
	}
	m.add(key, use, at)
	return counted.Plus(use), true, nil
}

// Subtract implements [quota.Counter].
func (m *Memory) Subtract(ctx context.Context, key quota.Key, use quota.Use, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	m.add(key, quota.Use{Photos: -use.Photos, Bytes: -use.Bytes}, at)
	return nil
}

// Fail makes calls for a key fail with the error that f returns for it, unless that is nil.
func (m *Memory) Fail(f func(quota.Key) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = f
}

// Calls returns how often a method was called.
func (m *Memory) Calls() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

func (m *Memory) begin(ctx context.Context, key quota.Key) error {
	m.calls++
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.fail != nil {
		return m.fail(key)
	}
	return nil
}

func (m *Memory) counted(key quota.Key, at time.Time) (sum quota.Windows) {
	for minute, use := range m.keys[key] {
		if minute.Equal(at.Truncate(time.Minute)) {
			sum.Minute = use
		}
		if minute.Truncate(24 * time.Hour).Equal(at.Truncate(24 * time.Hour)) {
			sum.Day.Photos += use.Photos
			sum.Day.Bytes += use.Bytes
		}
	}
	return sum
}

func (m *Memory) add(key quota.Key, use quota.Use, at time.Time) {
	if m.keys == nil {
		m.keys = map[quota.Key]map[time.Time]quota.Use{}
	}
	if m.keys[key] == nil {
		m.keys[key] = map[time.Time]quota.Use{}
	}
	minute := at.UTC().Truncate(time.Minute)
	now := m.keys[key][minute]
	m.keys[key][minute] = quota.Use{Photos: now.Photos + use.Photos, Bytes: now.Bytes + use.Bytes}
}
