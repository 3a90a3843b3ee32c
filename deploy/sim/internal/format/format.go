// Package format formats durations and numbers for the tables of the simulator.
package format

import (
	"fmt"
	"time"
)

// Duration formats a duration with two or three digits.
func Duration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour:
		s := int(d.Seconds() + 0.5)
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	m := int(d.Minutes() + 0.5)
	return fmt.Sprintf("%dh%02dm", m/60, m%60)
}

// Number formats a number with commas.
func Number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Range formats a range of times, or one if both look the same.
func Range(least, most time.Duration) string {
	if Duration(least) == Duration(most) {
		return Duration(most)
	}
	return Duration(least) + " to " + Duration(most)
}
