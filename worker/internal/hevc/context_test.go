package hevc

import (
	"context"
	"testing"

	"darkroom/deploy/testkit/ctxcheck"
)

// TestDecodeEndsWithItsContext ends the context while pictures that use every tool are decoded.
func TestDecodeEndsWithItsContext(t *testing.T) {
	for seed := range uint64(20) {
		units := newSynth(seed, seed%2 == 0).units()
		var d Decoder
		if _, err := d.Decode(t.Context(), units); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		blocks, rows := len(d.frame.slices), d.frame.sps.ctbRows
		for _, part := range []bool{false, true} {
			ctxcheck.Ends(t, len(units)+blocks/blocksBetweenChecks+rows, func(ctx context.Context) (err error) {
				if !part {
					_, err = d.Decode(ctx, units)
					return err
				}
				_, damage, err := d.DecodePart(ctx, units)
				if damage != nil {
					t.Errorf("seed %d: damage %v", seed, damage)
				}
				return err
			})
		}
	}
}
