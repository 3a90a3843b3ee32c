package icc

import "testing"

func TestDisplayP3(t *testing.T) {
	want, err := Parse(rgbSpaces[1].profile(4))
	if err != nil {
		t.Fatal(err)
	}
	if DisplayP3().Space() != RGB || DisplayP3().SRGB() {
		t.Errorf("space %v, sRGB %v", DisplayP3().Space(), DisplayP3().SRGB())
	}
	var pix []byte
	for r := range 16 {
		for g := range 16 {
			for b := range 16 {
				pix = append(pix, byte(r*17), byte(g*17), byte(b*17), 7)
			}
		}
	}
	other := append([]byte(nil), pix...)
	want.Convert(pix)
	DisplayP3().Convert(other)
	for i := range pix {
		if d := int(pix[i]) - int(other[i]); d < -1 || d > 1 {
			t.Fatalf("sample %d is %d, by a profile %d", i, other[i], pix[i])
		}
	}
}
