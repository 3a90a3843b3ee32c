package format

import (
	"testing"

	"darkroom/deploy/testkit/browser"
)

// TestWebPProfileNeedsItsFlag checks that a profile counts if the extended form has the flag for it, wherever the chunk
// is. Chromium and libvips go by the flag too.
func TestWebPProfileNeedsItsFlag(t *testing.T) {
	p, profile := encodedParts(t), string(linearProfile("RGB "))
	const w, h, flag = oddWidth, oddHeight, 1 << 5
	page := browser.Start(t).Open(t, "about:blank", browser.View{})
	for name, c := range map[string]struct {
		file    []byte
		applied bool
	}{
		"with its flag":       {encodeRIFF("VP8X", extended(flag, w, h), "ICCP", profile, "VP8L", p.lossless), true},
		"behind the picture":  {encodeRIFF("VP8X", extended(flag, w, h), "VP8L", p.lossless, "ICCP", profile), true},
		"with another flag":   {encodeRIFF("VP8X", extended(1<<3, w, h), "ICCP", profile, "VP8L", p.lossless), false},
		"without a flag":      {encodeRIFF("VP8X", extended(0, w, h), "ICCP", profile, "VP8L", p.lossless), false},
		"in a simple file":    {encodeRIFF("VP8L", p.lossless, "ICCP", profile), false},
		"flag without chunk":  {encodeRIFF("VP8X", extended(flag, w, h), "VP8L", p.lossless), false},
		"with loss, no flag":  {encodeRIFF("VP8X", extended(0, w, h), "ICCP", profile, "VP8 ", p.lossy), false},
		"with loss, and flag": {encodeRIFF("VP8X", extended(flag, w, h), "ICCP", profile, "VP8 ", p.lossy), true},
	} {
		got, header := mustDecodeSRGB(t, name, c.file)
		if has := header.Profile.unpack != nil; has != c.applied {
			t.Errorf("%s: has a profile: %v", name, has)
		}
		want := page.Pixels("image/webp", c.file)
		if want == nil || want.Rect != got.Rect {
			t.Errorf("%s: Chromium shows nothing", name)
			continue
		}
		for i := range got.Pix {
			if d := int(got.Pix[i]) - int(want.Pix[i]); d < -1 || d > 1 {
				t.Errorf("%s: byte %d of the pixels is %d, in Chromium %d", name, i, got.Pix[i], want.Pix[i])
				break
			}
		}
	}
}
