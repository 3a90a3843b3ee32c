package main

import (
	"fmt"
	"math"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"darkroom/worker/photo"
	"darkroom/worker/settings"
)

// leastMemory is the smallest budget that a worker can run with: a quarter of it is for originals.
func (f engineFlags) leastMemory() int64 { return 4 * f.Recipe.MaxBytes }

// memory returns the memory budget for photos in bytes.
func (f engineFlags) memory() int64 {
	if f.Memory != nil {
		return *f.Memory
	}
	return defaultMemory(containerMemory())
}

// defaultMemory is the budget where none is set, of a container with this limit. The rest of the container's memory is
// for the garbage collector's head room, the encoded variants and the program itself.
func defaultMemory(limit int64) int64 {
	if limit == 0 {
		return photo.DefaultMemoryBudget
	}
	return limit / 5 * 3
}

// containerMemory returns the limit of the container's memory in bytes, or 0 if it has none.
func containerMemory() int64 {
	limit, err := memlimit.FromCgroup()
	if err != nil || limit > math.MaxInt64/2 {
		return 0
	}
	return int64(limit)
}

// fitsContainer reports a container whose memory is too small for the settings. The kernel would kill such a worker in
// the middle of a photo, without a message.
func (f engineFlags) fitsContainer(limit int64) error {
	least := f.leastMemory()
	switch {
	case f.Memory != nil && limit != 0 && *f.Memory > limit:
		return settings.Named("MEMORY_BUDGET", fmt.Errorf("%d bytes are more than the memory of this container, %s: want at most 60 %% of that, or a larger container", *f.Memory, mebibytes(limit)))
	case f.Memory == nil && defaultMemory(limit) < least && limit == 0:
		return settings.Named("MAX_BYTES", fmt.Errorf("originals of %s need a memory budget of %s, and the default is %s: set MEMORY_BUDGET, or lower MAX_BYTES", mebibytes(f.Recipe.MaxBytes), mebibytes(least), mebibytes(photo.DefaultMemoryBudget)))
	case f.Memory == nil && defaultMemory(limit) < least:
		return fmt.Errorf("this container has %s of memory, too little for originals of %s: want at least %s, or a MAX_BYTES of at most %d",
			mebibytes(limit), mebibytes(f.Recipe.MaxBytes), mebibytes((least+2)/3*5), defaultMemory(limit)/4)
	}
	return nil
}

// mebibytes formats bytes in MiB, rounded up.
func mebibytes(bytes int64) string { return fmt.Sprintf("%d MiB", (bytes+1<<20-1)>>20) }
