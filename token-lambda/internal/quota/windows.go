package quota

import (
	"time"

	"darkroom/token-lambda/internal/api"
)

// Use is a number of photos and their bytes.
type Use struct{ Photos, Bytes int64 }

// Windows are numbers for a minute and for the day that it is part of, in UTC: limits, or what was counted. A limit of
// 0 limits nothing.
type Windows struct{ Minute, Day Use }

// limited reports whether there is a limit.
func (w Windows) limited() bool { return w != Windows{} }

// window describes one of the four numbers of Windows.
type window struct {
	unit, name string
	length     time.Duration
	number     func(*Windows) *int64
	amount     func(Use) int64
}

var windows = []window{
	{api.QuotaPhotos, "minute", time.Minute, func(w *Windows) *int64 { return &w.Minute.Photos }, Use.photos},
	{api.QuotaPhotos, "day", day, func(w *Windows) *int64 { return &w.Day.Photos }, Use.photos},
	{api.QuotaBytes, "minute", time.Minute, func(w *Windows) *int64 { return &w.Minute.Bytes }, Use.bytes},
	{api.QuotaBytes, "day", day, func(w *Windows) *int64 { return &w.Day.Bytes }, Use.bytes},
}

const day = 24 * time.Hour

func (u Use) photos() int64 { return u.Photos }
func (u Use) bytes() int64  { return u.Bytes }

// Admits reports whether use fits into the limits in addition to what was counted.
func (w Windows) Admits(counted Windows, use Use) bool {
	for _, one := range windows {
		if limit := *one.number(&w); limit != 0 && *one.number(&counted) > limit-one.amount(use) {
			return false
		}
	}
	return true
}

// Plus returns the sum of what was counted and use.
func (w Windows) Plus(use Use) Windows {
	for _, one := range windows {
		*one.number(&w) += one.amount(use)
	}
	return w
}

// sameMinute reports whether two times are in the same minute, and so on the same day.
func sameMinute(a, b time.Time) bool { return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) }

// policies returns the policies of the limits, and what counted leaves of them at a time. Without counted, that is
// unknown. If the limits refuse use, the policies that have too little left for it are exceeded.
func (w Windows) policies(scope string, counted *Windows, refused bool, use Use, now time.Time) (all []api.QuotaPolicy) {
	for _, one := range windows {
		limit := *one.number(&w)
		if limit == 0 {
			continue
		}
		p := api.QuotaPolicy{Scope: scope, Unit: one.unit, Window: one.name, Limit: limit}
		left := limit
		if counted != nil {
			left = max(0, limit-*one.number(counted))
			p.Known, p.Left, p.Resets = true, left, now.Truncate(one.length).Add(one.length).Sub(now)
		}
		p.Exceeded = refused && left < one.amount(use)
		all = append(all, p)
	}
	return all
}
