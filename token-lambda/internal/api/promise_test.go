package api

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"darkroom/worker/photo"
)

// TestPromiseFitsTheWorkers: a client reads no more pixels than the workers' memory holds of the type that it uploads,
// and no more than the board takes. The token carries the limit of the board.
func TestPromiseFitsTheWorkers(t *testing.T) {
	const maxBytes = 64 << 20
	for _, budget := range []int64{0, 1 << 30, 2415919104} {
		c := Config{MaxBytes: maxBytes, MaxPixels: 120_000_000, MemoryBudget: budget}.withDefaults()
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		board, err := Limits{MaxPixels: 24_000_000}.inherit(c.general())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range photo.Readable {
			fits := f.PixelsWithin(max(budget, 1<<30), maxBytes)
			if got, want := c.promise(c.general(), f.ContentType()).MaxPixels, min(fits, 120_000_000); got != want || got < 1 {
				t.Errorf("%s with a budget of %d: %d pixels, want %d", f, budget, got, want)
			}
			if got, want := c.promise(board, f.ContentType()).MaxPixels, min(fits, 24_000_000); got != want {
				t.Errorf("%s on a board: %d pixels, want %d", f, got, want)
			}
		}
		if got := board.tokenLimits().MaxPixels; got != 24_000_000 {
			t.Errorf("the token carries %d pixels", got)
		}
	}
	if c := (Config{MaxBytes: maxBytes, MaxPixels: 1, MemoryBudget: 4*maxBytes - 1}); c.Validate() == nil {
		t.Error("workers cannot run with this budget, and it is taken")
	}
}

// TestPromisesInREADME compares the table of promised pixels with what the API promises.
func TestPromisesInREADME(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, budget := range map[string]int64{"1 GiB, the default": photo.DefaultMemoryBudget, "1.2 GiB, Compose": 2 << 30 / 5 * 3, "2.4 GiB, a task of 2 vCPU": 4 << 30 / 5 * 3} {
		c := Config{MaxBytes: 64 << 20, MaxPixels: photo.DefaultMaxPixels, MemoryBudget: budget}.withDefaults()
		row := "| " + name + " |"
		for _, f := range photo.Readable {
			row += fmt.Sprintf(" %d |", c.promise(c.general(), f.ContentType()).MaxPixels/1e6)
		}
		if !strings.Contains(string(text), row) {
			t.Errorf("README.md lacks the row %s", row)
		}
	}
}
