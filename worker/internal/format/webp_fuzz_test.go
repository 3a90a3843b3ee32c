package format

import (
	"encoding/base64"
	"errors"
	"testing"

	"darkroom/worker/internal/raster"
)

// smallWebPs are pictures of 20 x 18 pixels by cwebp: lossy with alpha, lossy, and lossless.
var smallWebPs = []string{
	"UklGRpoAAABXRUJQVlA4WAoAAAAQAAAAEwAAEQAAQUxQSBcAAAABmQpE9D+gtG0DpvP/twsLIyYgsRa4FABWUDggXAAAANADAJ0BKhQAEgA/YZa/WL+zJqO3+qgD8CwJ" +
		"bACxHuI3WFn8YtTasAD+2w2/oyW6+js8Q+xtCbiXCGfwnTETWyFAwJpCbyd73AJe1ynDZxspzxJkY1GG1R6VKoAA",
	"UklGRmgAAABXRUJQVlA4IFwAAAAQBACdASoUABIAP2GWwFi/qqclN/qoA/AsCWwAsR7iN1hZ/RR/TKx/AAD+2w7R3+M7f1fhEUB9lOsBAdJNk5YkkElMNh4mxA34JIqy" +
		"16M3tLKKNrQXO7q22gAAAA==",
	"UklGRkwAAABXRUJQVlA4TEAAAAAvE0AEAAGAIAb8N0uI6H/6gVgwmT90dwj1j/5H8ECkbVMD92958HAYFLVtxMaad28gWDEBSMoBygvggmYKHgoA",
}

// FuzzWebP checks that the result is a picture of the size in the header, or a Rejection. A file that is accepted by
// strict limits is also accepted by limits that accept damage.
func FuzzWebP(f *testing.F) {
	for _, text := range smallWebPs {
		file, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		if h, _, err := decodeFile(file, false); err != nil || h.Width != 20 || h.Height != 18 {
			f.Fatalf("%d x %d, %v", h.Width, h.Height, err)
		}
		f.Add(file)
		f.Add(file[:len(file)*3/4])
		f.Add(encodeRIFF("VP8X", extended(1<<1, 30, 20), "ANMF", framePayload(4, 2, 20, 18, "VP8 ", string(file[20:]))))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 12 || !webpFormat.sniff(data) {
			return
		}
		var sound bool
		for _, accepted := range []bool{false, true} {
			h, err := Inspect(data, Limits{Pixels: 1 << 12, Damaged: accepted})
			var d Decoded
			if err == nil {
				d, err = Decode(t.Context(), data, h, Target{Size: raster.Size{Width: 1, Height: 1}, Planar: h.Planar})
			}
			var r *Rejection
			switch {
			case err != nil && (!errors.As(err, &r) || r.Panicked || sound):
				t.Fatal(err)
			case err == nil && d.Size() != h.Stored():
				t.Fatalf("%v, want %v", d.Size(), h.Stored())
			case err == nil && d.Damage != nil && (!accepted || sound):
				t.Fatal(d.Damage)
			}
			sound = err == nil
		}
	})
}
