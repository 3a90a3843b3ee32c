package main

import (
	"strings"
	"testing"
)

func TestMemoryOfTheContainer(t *testing.T) {
	const mib = 1 << 20
	budget := func(n int64) *int64 { return &n }
	for name, c := range map[string]struct {
		limit, maxBytes int64
		budget          *int64
		want            string // part of the error
	}{
		"no container":                     {0, 64 * mib, nil, ""},
		"no container and large originals": {0, 500 * mib, nil, "MAX_BYTES: originals of 500 MiB need a memory budget of 2000 MiB, and the default is 1024 MiB: set MEMORY_BUDGET"},
		"usual container":                  {2048 * mib, 64 * mib, nil, ""},
		"least container":                  {427 * mib, 64 * mib, nil, ""},
		"too small a container":            {426 * mib, 64 * mib, nil, "this container has 426 MiB of memory, too little for originals of 64 MiB: want at least 427 MiB, or a MAX_BYTES of at most 67004006"},
		"far too small a container":        {64 * mib, 64 * mib, nil, "want at least 427 MiB, or a MAX_BYTES of at most 10066329"},
		"the MAX_BYTES of that message":    {64 * mib, 10066329, nil, ""},
		"budget within the container":      {1024 * mib, 64 * mib, budget(512 * mib), ""},
		"budget beyond the container":      {300 * mib, 64 * mib, budget(512 * mib), "MEMORY_BUDGET: 536870912 bytes are more than the memory of this container, 300 MiB"},
		"budget without a container":       {0, 500 * mib, budget(2000 * mib), ""},
	} {
		f := engineFlags{Recipe: recipeFlags{MaxBytes: c.maxBytes}, Memory: c.budget}
		err := f.fitsContainer(c.limit)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
