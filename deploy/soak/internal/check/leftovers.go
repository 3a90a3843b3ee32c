package check

import (
	"slices"
	"strings"

	"darkroom/worker/photo"
)

// IsLeftover reports whether the finding is a variant that no manifest names. A worker that was frozen or killed can
// leave one, which the sweep removes later.
func (f Finding) IsLeftover() bool {
	return f.Fault == Stale && !strings.HasSuffix(f.Key, "/"+photo.ManifestName)
}

// ExcludeSwept combines the findings of the checks before and after a sweep. It leaves out the leftovers that only the
// first check found, and returns their number.
func ExcludeSwept(before, after []Finding) (left []Finding, swept int) {
	left = slices.Clone(after)
	for _, f := range before {
		switch {
		case slices.Contains(after, f):
		case f.IsLeftover():
			swept++
		default:
			left = append(left, f)
		}
	}
	return left, swept
}
