package pnm

import (
	"image/color"
	"testing"
)

func TestDecode(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []color.NRGBA // two pixels in a row; nil if the file is refused
	}{
		"grey":            {"P5\n2 1\n255\n\x01\xff", []color.NRGBA{{1, 1, 1, 255}, {255, 255, 255, 255}}},
		"RGB":             {"P6\n2 1\n255\n\x01\x02\x03\x04\x05\x06", []color.NRGBA{{1, 2, 3, 255}, {4, 5, 6, 255}}},
		"16 bits":         {"P5\n2 1\n65535\n\x80\xff\xff\xff", []color.NRGBA{{128, 128, 128, 255}, {255, 255, 255, 255}}},
		"12 bits":         {"P5\n2 1\n4095\n\x08\x00\x0f\xff", []color.NRGBA{{128, 128, 128, 255}, {255, 255, 255, 255}}},
		"RGBA":            {"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n\x01\x02\x03\x04\x05\x06\x07\x08", []color.NRGBA{{1, 2, 3, 4}, {5, 6, 7, 8}}},
		"a bit and alpha": {"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 2\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE_ALPHA\nENDHDR\n\x01\x00\x00\x01", []color.NRGBA{{255, 255, 255, 0}, {0, 0, 0, 255}}},
		"incomplete":      {"P6\n2 1\n255\n\x01\x02\x03\x04\x05", nil},
		"as text":         {"P2\n2 1\n255\n1 2\n", nil},
		"empty":           {"", nil},
		"no pixels":       {"P5\n0 0\n255\n", nil},
	} {
		m, err := Decode([]byte(c.data))
		if (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for x, want := range c.want {
			if got := m.NRGBAAt(x, 0); got != want {
				t.Errorf("%s: pixel %d is %v, want %v", name, x, got, want)
			}
		}
	}
}
