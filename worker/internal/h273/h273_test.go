package h273

import (
	"math"
	"testing"
)

// TestColorants checks that white is the sum of the primaries, and that their luminances are the ones in the standards.
func TestColorants(t *testing.T) {
	for code, want := range map[int][3]float64{
		BT709: {0.2126, 0.7152, 0.0722}, BT2020: {0.2627, 0.6780, 0.0593}, BT601: {0.2124, 0.7011, 0.0866},
		DisplayP3: {0.2290, 0.6917, 0.0793}, DCIP3: {0.2095, 0.7216, 0.0689}, BT470M: {0.2990, 0.5864, 0.1146},
		BT470BG: {0.2220, 0.7067, 0.0713},
	} {
		p, ok := PrimariesOf(code)
		if !ok {
			t.Fatalf("primaries %d are missing", code)
		}
		c, white := p.Colorants(), p.White.XYZ()
		for i := range 3 {
			if math.Abs(c[i][1]-want[i]) > 0.0002 {
				t.Errorf("primaries %d: luminance %d is %.4f, want %.4f", code, i, c[i][1], want[i])
			}
			if sum := c[0][i] + c[1][i] + c[2][i]; math.Abs(sum-white[i]) > 1e-9 {
				t.Errorf("primaries %d: the sum of the primaries has %f, white %f", code, sum, white[i])
			}
		}
	}
	for _, code := range []int{0, Unspecified, 3, XYZ, 13, 99} {
		if _, ok := PrimariesOf(code); ok {
			t.Errorf("primaries %d", code)
		}
	}
}

func TestLumaWeights(t *testing.T) {
	for _, c := range []struct {
		matrix, primaries int
		red, blue         float64
	}{
		{1, 2, 0.2126, 0.0722}, {2, 1, 0.299, 0.114}, {3, 9, 0.299, 0.114}, {4, 1, 0.30, 0.11}, {5, 1, 0.299, 0.114},
		{6, 9, 0.299, 0.114}, {7, 1, 0.212, 0.087}, {9, 1, 0.2627, 0.0593}, {10, 9, 0.2627, 0.0593},
		{12, 1, 0.2126, 0.0722}, {12, 9, 0.2627, 0.0593}, {13, 12, 0.2290, 0.0793}, {12, 2, 0.299, 0.114},
	} {
		if red, blue := LumaWeights(c.matrix, c.primaries); math.Abs(red-c.red) > 0.0001 || math.Abs(blue-c.blue) > 0.0001 {
			t.Errorf("matrix %d of primaries %d: %f and %f, want %f and %f", c.matrix, c.primaries, red, blue, c.red, c.blue)
		}
	}
}
