package jpegwrite

import (
	"bytes"
	"errors"
	"testing"
)

// TestQualityTables checks that a higher quality never has larger steps or coarser rounding, and that 100 is the most
// exact.
func TestQualityTables(t *testing.T) {
	before, err := QualityTables(1)
	if err != nil {
		t.Fatal(err)
	}
	for quality := 2; quality <= 100; quality++ {
		tables, err := QualityTables(quality)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tables.Luma {
			if tables.Luma[i] > before.Luma[i] || tables.Colour[i] > before.Colour[i] || tables.Luma[i] < 1 || tables.Colour[i] < 1 {
				t.Errorf("quality %d: step %d is %d of luma and %d of colours, and was %d and %d", quality, i,
					tables.Luma[i], tables.Colour[i], before.Luma[i], before.Colour[i])
			}
		}
		for i, less := range tables.LumaRounding {
			if less > before.LumaRounding[i] || tables.ColourRounding[i] > before.ColourRounding[i] || less > MaxRounding {
				t.Errorf("quality %d: rounding %d grew", quality, i)
			}
		}
		before = tables
	}
	if before.LumaRounding != (Rounding{}) || before.ColourRounding != (Rounding{}) || before.Luma != before.Colour ||
		bytes.Count(before.Luma[:], []byte{1}) != len(before.Luma) {
		t.Errorf("quality 100 has %+v, want steps of 1 and rounding to the nearest", before)
	}
	for _, quality := range []int{-1, 0, 101} {
		if _, err := QualityTables(quality); !errors.Is(err, ErrOptions) {
			t.Errorf("quality %d: %v", quality, err)
		}
	}
}
