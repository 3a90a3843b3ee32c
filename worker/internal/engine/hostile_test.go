package engine

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/deploy/testkit/race"
	"darkroom/worker/photo"
)

// These tests render files that no camera writes.

// TestTruncatedKinds cuts files of more kinds at every place. Each must be rejected as truncated.
func TestTruncatedKinds(t *testing.T) {
	m := scene(40, 24)
	exif := exifBlock(binary.BigEndian, 6)
	e := engine(t, oneSpec(20, 20, Inside))
	for name, file := range map[string][]byte{
		"JPEG with restarts": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 80, RestartInterval: 1}),
		"JPEG of segments":   insert(withEXIF(toJPEG(t, m, nil), exif), 2, append(iccSegment(1, 1, displayP3()), segment(0xfe, []byte("a comment"))...)),
		"CMYK JPEG":          flatJPEG(adobe(0), 10, 20, 30, 40),
		"interlaced PNG":     encodePNG(4, 4, 8, 0, 1, nil, []byte{0, 1, 0, 2, 0, 3, 4, 0, 5, 6, 0, 7, 8, 0, 1, 2, 3, 4, 0, 5, 6, 7, 8}),
		"PNG of chunks":      insert(toPNG(t, m), 33, append(pngICC(displayP3()), append(chunk("tEXt", []byte("a\x00b")), chunk("eXIf", exif)...)...)),
		"WebP of chunks":     riff("VP8X", vp8x(1<<5|1<<3, 40, 24), "ICCP", string(displayP3()), "VP8L", vp8l(m), "EXIF", string(exif), "XMP ", "odd"),
	} {
		if err := tryRender(e, file); err != nil {
			t.Errorf("%s, whole: %v", name, err)
		}
		last := len(file)
		if strings.Contains(name, "JPEG") {
			last -= len("\xff\xd9") // the end marker, without which every pixel is still there
		}
		for n := 12; n < last; n++ {
			if strings.Contains(name, "PNG") && tryRender(e, file[:n]) == nil && bytes.Equal(render(t, e, file[:n])[0].Data, render(t, e, file)[0].Data) {
				continue // all pixels are there
			}
			if wantReason(t, tryRender(e, file[:n]), photo.ReasonTruncated); t.Failed() {
				t.Fatalf("%s cut at %d of %d", name, n, len(file))
			}
		}
	}
}

// TestHiddenCuts checks that a file is rejected if its picture data are cut, even if its end and its sizes are then
// made to fit.
func TestHiddenCuts(t *testing.T) {
	m := scene(64, 48)
	lossy, lossless := vp8(64, 48), vp8l(m) // the zeros in the second half of lossy do not need all their bytes
	png := toPNG(t, m)
	at := bytes.Index(png, []byte("IDAT"))
	data := png[at+4 : len(png)-16] // up to its checksum and IEND
	few := gifFrame(image.Rect(0, 0, 64, 48), 1, color.Palette{color.Black, color.White})
	for i := range few.Pix {
		few.Pix[i] = byte(i * i >> 4 & 1)
	}
	moving := toGIF(t, &gif.GIF{Image: []*image.Paletted{few}, Delay: []int{0}})
	for _, tenths := range []int{1, 4, 7, 9} {
		part := func(n int) int { return n * tenths / 10 }
		for name, file := range map[string][]byte{
			"PNG":           bytes.Join([][]byte{png[:at-4], chunk("IDAT", data[:part(len(data))]), chunk("IEND", nil)}, nil),
			"lossy WebP":    riff("VP8 ", lossy[:part(len(lossy)/2)]),
			"lossless WebP": riff("VP8L", lossless[:part(len(lossless))]),
			"GIF":           append(bytes.Clone(moving[:len(moving)-part(200)]), 0, 0x3b),
		} {
			err := tryRender(engine(t, oneSpec(20, 20, Inside)), file)
			if r, ok := err.(*Rejection); !ok || r.Reason() != photo.ReasonTruncated && r.Reason() != photo.ReasonCorrupt {
				t.Errorf("%s of %d tenths: %v, want truncated or corrupt", name, tenths, err)
			}
		}
	}
}

// TestBombsAreRejectedByTheirHeader tries every format with the largest size that its header can express.
func TestBombsAreRejectedByTheirHeader(t *testing.T) {
	jpeg := toJPEG(t, scene(8, 8), &jpegn.EncodeOptions{Progressive: true})
	copy(jpeg[bytes.Index(jpeg, []byte{0xff, markerSOF2})+5:], []byte{0xff, 0xdc, 0xff, 0xdc})
	grey := flatJPEG(nil, 100)
	copy(grey[bytes.Index(grey, []byte{0xff, markerSOF0})+5:], []byte{0xff, 0xff, 0xff, 0xff})
	few := toGIF(t, &gif.GIF{Image: []*image.Paletted{gifFrame(image.Rect(0, 0, 4, 4), 0, color.Palette{color.Black, color.White})}, Delay: []int{0}})
	copy(few[6:], []byte{0xff, 0xff, 0xff, 0xff})
	for name, file := range map[string][]byte{
		"PNG of one bit":        encodePNG(65500, 65500, 1, 0, 0, nil, make([]byte, 1<<20)),
		"PNG of one bit, adam7": encodePNG(65500, 65500, 1, 0, 1, nil, nil),
		"PNG of 16 bits":        encodePNG(65500, 65500, 16, 6, 0, nil, nil),
		"PNG of a palette":      encodePNG(65500, 65500, 1, 3, 0, chunk("PLTE", make([]byte, 6)), nil),
		"PNG, wide":             encodePNG(1<<31-1, 1, 1, 0, 0, nil, nil),
		"progressive JPEG":      jpeg,
		"grey JPEG":             grey,
		"GIF":                   few,
		"WebP canvas":           riff("VP8X", vp8x(1<<4, 16384, 16384), "ALPH", "\x00", "VP8 ", vp8(16, 16)),
		"WebP lossless canvas":  riff("VP8X", vp8x(0, 1<<24, 255), "VP8L", vp8l(scene(4, 4))),
	} {
		t.Run(name, func(t *testing.T) {
			e := engine(t, Config{})
			var err error
			n := allocated(t, func() { _, err = e.Inspect(file) })
			wantReason(t, err, photo.ReasonTooManyPixels)
			if n > 64<<10 && !race.Enabled {
				t.Errorf("%d bytes allocated", n)
			}
		})
	}
}

// TestBlocksOverTheirLimit checks that a photo whose EXIF block or profile is too large is rendered without it.
func TestBlocksOverTheirLimit(t *testing.T) {
	m := scene(60, 40)
	exif := exifBlock(binary.BigEndian, 6)
	large := append(bytes.Clone(exif), make([]byte, maxEXIF-len(exif))...)
	over := append(bytes.Clone(large), 0)
	p3 := displayP3()
	longP3 := append(bytes.Clone(p3), make([]byte, 4<<20+1-len(p3))...)
	binary.BigEndian.PutUint32(longP3, uint32(len(longP3)))
	var inJPEG []byte
	parts := (len(longP3) + 64999) / 65000
	for i := range parts {
		inJPEG = append(inJPEG, iccSegment(byte(i+1), byte(parts), longP3[i*65000:min((i+1)*65000, len(longP3))])...)
	}
	e := engine(t, oneSpec(60, 60, Inside))
	plainJPEG, plainPNG := render(t, e, toJPEG(t, m, nil))[0].Data, render(t, e, toPNG(t, m))[0].Data
	webp := func(flags byte, kind, payload string) []byte {
		return riff("VP8X", vp8x(flags, 60, 40), kind, payload, "VP8L", vp8l(m))
	}
	for name, c := range map[string]struct{ file, want []byte }{
		"PNG, EXIF":     {insert(toPNG(t, m), 33, chunk("eXIf", over)), plainPNG},
		"WebP, EXIF":    {webp(1<<3, "EXIF", string(over)), plainPNG},
		"PNG, profile":  {insert(toPNG(t, m), 33, pngICC(longP3)), plainPNG},
		"WebP, profile": {webp(1<<5, "ICCP", string(longP3)), plainPNG},
		"JPEG, profile": {insert(toJPEG(t, m, nil), 2, inJPEG), plainJPEG},
	} {
		if got := render(t, e, c.file)[0]; !bytes.Equal(got.Data, c.want) {
			t.Errorf("%s: not the picture that it is without the block", name)
		}
	}
	if got := render(t, e, insert(toPNG(t, m), 33, chunk("eXIf", large)))[0]; got.Width != 40 || got.Height != 60 {
		t.Errorf("EXIF at the limit: %d x %d, want the picture turned", got.Width, got.Height)
	}
}

func TestTooManyChunks(t *testing.T) {
	png := toPNG(t, scene(8, 8))
	e := engine(t, oneSpec(8, 8, Inside))
	wantReason(t, tryRender(e, insert(png, 33, bytes.Repeat(chunk("teXt", nil), maxChunks))), photo.ReasonTooExpensive)
	if err := tryRender(e, insert(png, 33, bytes.Repeat(chunk("teXt", nil), 5000))); err != nil {
		t.Errorf("5000 chunks: %v", err)
	}
}

// hiddenFrame returns an RGB PNG of w by h pixels with an animation apart from the picture. Its only frame has its own
// size and raw rows.
func hiddenFrame(w, h, width, height uint32, raw []byte) []byte {
	file := encodePNG(w, h, 8, 2, 0, chunk("acTL", []byte{0, 0, 0, 1, 0, 0, 0, 0}), make([]byte, int(h)*(1+3*int(w))))
	frame := encodePNG(width, height, 8, 2, 0, nil, raw)
	at := bytes.Index(frame, []byte("IDAT"))
	control := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), width), height)
	control = append(control, make([]byte, 26-len(control))...)
	end := len(file) - 12
	return slices.Concat(file[:end], chunk("fcTL", control), chunk("fdAT", append([]byte{0, 0, 0, 1}, frame[at+4:len(frame)-16]...)), file[end:])
}

// TestMemoryOfHostileFiles checks that Memory is an upper bound of what is allocated, for files that hide much work or
// data.
func TestMemoryOfHostileFiles(t *testing.T) {
	countsAllocations(t)
	const much = 3 << 20
	m := scene(64, 48)
	apps := bytes.Repeat(segment(0xe4, make([]byte, 65000)), much/65000)
	odd := toJPEG(t, m, &jpegn.EncodeOptions{Subsampling: jpegn.Subsample444})
	odd[bytes.Index(odd, []byte{0xff, markerSOF0})+11] = 0x41
	rgb := files(t, 64, 48)["jpeg RGB"]
	still := gifFrame(image.Rect(0, 0, 120, 120), 0, color.Palette{color.Black, color.White})
	var frames gif.GIF
	for range 20 {
		frames.Image, frames.Delay = append(frames.Image, still), append(frames.Delay, 1)
	}
	inner := gifFrame(image.Rect(1, 1, 300, 300), 0, color.Palette{color.Black, color.White})
	zeros := strings.Repeat("\x00", much)
	cases := map[string][]byte{
		"JPEG of segments":        insert(toJPEG(t, m, nil), 2, apps),
		"progressive of segments": insert(toJPEG(t, m, &jpegn.EncodeOptions{Progressive: true}), 2, apps),
		"4:1:1 of segments":       insert(odd, 2, apps),
		"RGB JPEG of segments":    insert(rgb, 2, apps),
		"thin progressive":        toJPEG(t, scene(1, 3000), &jpegn.EncodeOptions{Progressive: true}),
		"JPEG profile":            insert(toJPEG(t, m, nil), 2, bytes.Repeat(iccSegment(1, 255, make([]byte, 65000)), 255)),
		"PNG profile":             insert(toPNG(t, m), 33, pngICC(make([]byte, 6<<20))),
		"PNG text":                insert(toPNG(t, m), 33, chunk("zTXt", []byte(zeros))),
		"PNG of 16 bits, adam7":   encodePNG(300, 200, 16, 6, 1, nil, make([]byte, 300*200*8+3000)),
		"PNG of a palette, adam7": encodePNG(300, 200, 8, 3, 1, append(chunk("PLTE", make([]byte, 768)), chunk("tRNS", make([]byte, 9))...), make([]byte, 300*200+3000)),
		"PNG of one bit":          encodePNG(900, 600, 1, 0, 0, nil, make([]byte, 114*600)),
		"PNG of 16 bits, gamma":   encodePNG(300, 200, 16, 2, 0, chunk("gAMA", []byte{0, 1, 0x86, 0xa0}), make([]byte, (1+6*300)*200)),
		"PNG of 16 bits, profile": encodePNG(300, 200, 16, 2, 0, pngICC(displayP3()), make([]byte, (1+6*300)*200)),
		"PNG whose frame is cut":  hiddenFrame(300, 200, 300, 200, make([]byte, (1+3*300)*100)),
		"PNG of a frame":          hiddenFrame(300, 200, 299, 200, make([]byte, (1+3*299)*200)),
		"keyed grey PNG":          encodePNG(900, 200, 1, 0, 0, chunk("tRNS", []byte{0, 0}), make([]byte, 114*200)),
		"GIF of frames":           toGIF(t, &frames),
		"GIF frame within":        toGIF(t, &gif.GIF{Image: []*image.Paletted{inner}, Delay: []int{0}, Config: image.Config{Width: 330, Height: 330, ColorModel: inner.Palette}}),
		"WebP alpha":              riff("VP8X", vp8x(1<<4, 64, 48), "ALPH", zeros, "VP8 ", vp8(64, 48)),
		"WebP of a chunk":         riff("VP8X", vp8x(0, 64, 48), "ZZZZ", zeros, "VP8 ", vp8(64, 48)),
		"WebP that goes on":       riff("VP8L", vp8l(m)+zeros),
	}
	photo.TooLarge(1) // the first rejection compiles the patterns that check all of them
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		e := engine(t, Config{})
		h, err := e.Inspect(cases[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		used := allocated(t, func() { _, err = e.Render(t.Context(), cases[name], h, nil) })
		if estimate := e.Memory(h); estimate < used*9/10 {
			t.Errorf("%s: estimate %d, allocated %d (%v)", name, estimate, used, err)
		}
	}
}
