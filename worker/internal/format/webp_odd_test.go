package format

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"testing"

	"github.com/gen2brain/webp"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/photo"
)

// webpParts holds the payloads of the chunks of encoded pictures of 48 x 40 pixels.
type webpParts struct {
	lossy, lossless, clear string // VP8, VP8L, and VP8L with alpha
	alpha, under           string // ALPH, and the VP8 that it belongs to
}

const oddWidth, oddHeight = 48, 40

func encodedParts(t testing.TB) (p webpParts) {
	t.Helper()
	encode := func(opaque bool, o webp.Options) []byte {
		var file bytes.Buffer
		if err := webp.Encode(&file, colourful(oddWidth, oddHeight, opaque), o); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	chunksOf := func(file []byte) map[string]string {
		chunks := map[string]string{}
		if _, err := webpChunks(file[12:], false, func(kind string, p []byte, _ int) { chunks[kind] = string(p) }); err != nil {
			t.Fatal(err)
		}
		return chunks
	}
	p.lossy = chunksOf(encode(true, webp.Options{Quality: 90}))["VP8 "]
	p.lossless = chunksOf(encode(true, webp.Options{Lossless: true, Quality: 90}))["VP8L"]
	p.clear = chunksOf(encode(false, webp.Options{Lossless: true, Quality: 90, Exact: true}))["VP8L"]
	both := chunksOf(encode(false, webp.Options{Quality: 90}))
	p.alpha, p.under = both["ALPH"], both["VP8 "]
	return p
}

// encodeRIFF returns a WebP of chunks, given as types and payloads.
func encodeRIFF(chunks ...string) []byte {
	body := []byte("WEBP")
	for i := 0; i < len(chunks); i += 2 {
		body = appendChunk(body, chunks[i], []byte(chunks[i+1]))
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// extended returns the payload of a VP8X chunk.
func extended(flags byte, width, height int) string {
	return string(append(put24([]byte{flags, 0, 0, 0}, width-1), put24(nil, height-1)...))
}

// framePayload returns the payload of an ANMF chunk.
func framePayload(x, y, width, height int, chunks ...string) string {
	head := put24(put24(put24(put24(put24(nil, x/2), y/2), width-1), height-1), 100)
	return string(append(append(head, 0), encodeRIFF(chunks...)[12:]...))
}

func decodeFile(file []byte, accepted bool) (Header, Decoded, error) {
	h, err := Inspect(file, Limits{Pixels: 1 << 20, Damaged: accepted})
	if err != nil {
		return h, Decoded{}, err
	}
	d, err := Decode(context.Background(), file, h, Target{Size: h.Stored()})
	return h, d, err
}

// TestWebPOdd checks that files that are not quite valid have the picture that libwebp, libvips and browsers show. Like
// an ordinary file with the same picture, they decode whether or not damage is accepted.
func TestWebPOdd(t *testing.T) {
	p := encodedParts(t)
	const w, h = oddWidth, oddHeight
	const animated, alpha = 1 << 1, 1 << 4
	lossy, still := encodeRIFF("VP8 ", p.lossy), extended(0, w, h)
	opaque := func(data string) string { // the picture does not use its alpha
		b := []byte(data)
		b[4] &^= 0x10
		return string(b)
	}
	wrongSize := func(file []byte, by int) []byte {
		file = bytes.Clone(file)
		binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8+by))
		return file
	}
	first := func(chunks ...string) []byte {
		return encodeRIFF(append([]string{"VP8X", extended(animated, w+10, h+6), "ANIM", "\x01\x02\x03\xff\x00\x00"}, chunks...)...)
	}
	moved := first("ANMF", framePayload(4, 2, w, h, "VP8 ", p.lossy))
	page := browser.Start(t).Open(t, "about:blank", browser.View{})
	for name, c := range map[string]struct {
		file, like []byte
		browser    bool // shows it too
		opaque     bool
	}{
		"ordinary":                           {lossy, lossy, true, true},
		"alpha flag without alpha":           {encodeRIFF("VP8X", extended(alpha, w, h), "VP8 ", p.lossy), lossy, true, true},
		"alpha without its flag":             {encodeRIFF("VP8X", still, "ALPH", p.alpha, "VP8 ", p.under), encodeRIFF("VP8 ", p.under), true, true},
		"alpha in a simple file":             {encodeRIFF("ALPH", p.alpha, "VP8 ", p.under), encodeRIFF("VP8 ", p.under), false, true},
		"alpha behind the picture":           {encodeRIFF("VP8X", extended(alpha, w, h), "VP8 ", p.lossy, "ALPH", p.alpha), lossy, false, true},
		"alpha of a picture without loss":    {encodeRIFF("VP8X", extended(alpha, w, h), "ALPH", p.alpha, "VP8L", p.clear), encodeRIFF("VP8L", p.clear), false, false},
		"alpha not used, simple":             {encodeRIFF("VP8L", opaque(p.clear)), nil, false, true},
		"alpha not used, flag set":           {encodeRIFF("VP8X", extended(alpha, w, h), "VP8L", opaque(p.clear)), encodeRIFF("VP8L", p.clear), false, false},
		"alpha used, flag not set":           {encodeRIFF("VP8X", still, "VP8L", p.clear), encodeRIFF("VP8L", opaque(p.clear)), false, true},
		"unknown chunk before":               {encodeRIFF("VP8X", still, "abcd", "odd", "VP8 ", p.lossy), lossy, true, true},
		"unknown chunk between":              {encodeRIFF("VP8X", extended(alpha, w, h), "ALPH", p.alpha, "abcd", "odd", "VP8 ", p.under), encodeRIFF("VP8X", extended(alpha, w, h), "ALPH", p.alpha, "VP8 ", p.under), false, false},
		"unknown chunk behind":               {encodeRIFF("VP8 ", p.lossy, "abcd", "odd"), lossy, true, true},
		"EXIF first":                         {encodeRIFF("VP8X", extended(8, w, h), "EXIF", "odd", "VP8 ", p.lossy), lossy, true, true},
		"profile behind":                     {encodeRIFF("VP8X", extended(32, w, h), "VP8 ", p.lossy, "ICCP", "none"), lossy, true, true},
		"header behind":                      {encodeRIFF("VP8 ", p.lossy, "VP8X", extended(0, 9, 9)), lossy, true, true},
		"header twice":                       {encodeRIFF("VP8X", still, "VP8X", extended(0, 9, 9), "VP8 ", p.lossy), lossy, false, true},
		"long header":                        {encodeRIFF("VP8X", still+"\x00\x00", "VP8 ", p.lossy), lossy, false, true},
		"two pictures":                       {encodeRIFF("VP8X", still, "VP8 ", p.lossy, "VP8L", p.lossless), lossy, false, true},
		"rubbish behind":                     {append(bytes.Clone(lossy), "rubbish!!"...), lossy, true, true},
		"size counts a part of the rubbish":  {wrongSize(append(bytes.Clone(lossy), "rubbish!!"...), -7), lossy, false, true},
		"picture padded":                     {encodeRIFF("VP8 ", p.lossy+string(make([]byte, 50))), lossy, true, true},
		"picture without loss padded":        {encodeRIFF("VP8L", p.lossless+string(make([]byte, 50))), encodeRIFF("VP8L", p.lossless), true, true},
		"upscaling asked for":                {encodeRIFF("VP8 ", p.lossy[:7]+string([]byte{p.lossy[7] | 0x40})+p.lossy[8:]), lossy, true, true},
		"frame that says another size":       {first("ANMF", framePayload(4, 2, w-7, h+2, "VP8 ", p.lossy)), moved, true, false},
		"frame without a picture":            {first("ANMF", framePayload(0, 0, w, h), "ANMF", framePayload(4, 2, w, h, "VP8 ", p.lossy)), moved, true, false},
		"animation without its parameters":   {encodeRIFF("VP8X", extended(animated, w+10, h+6), "ANMF", framePayload(4, 2, w, h, "VP8 ", p.lossy)), moved, false, false},
		"still picture that is also a frame": {encodeRIFF("VP8X", still, "VP8 ", p.lossy, "ANMF", framePayload(0, 0, w, h, "VP8L", p.lossless)), lossy, false, true},
	} {
		for _, accepted := range []bool{false, true} {
			header, got, err := decodeFile(c.file, accepted)
			if err != nil || got.Damage != nil {
				t.Errorf("%s: %v, damage %v", name, err, got.Damage)
				continue
			}
			if header.MayBeTransparent() == c.opaque || c.opaque && !must(got.Opaque(t.Context())) {
				t.Errorf("%s: may be transparent: %v, opaque: %v", name, header.MayBeTransparent(), must(got.Opaque(t.Context())))
			}
			if c.like != nil {
				if _, want, err := decodeFile(c.like, false); err != nil || !bytes.Equal(must(got.NRGBA(t.Context())).Pix, must(want.NRGBA(t.Context())).Pix) {
					t.Errorf("%s: other pixels (%v)", name, err)
				}
			}
			if c.browser && !accepted {
				if want := page.Pixels("image/webp", c.file); want == nil || want.Rect != must(got.NRGBA(t.Context())).Rect || !bytes.Equal(want.Pix, must(got.NRGBA(t.Context())).Pix) {
					t.Errorf("%s: not as a browser shows it", name)
				}
			}
		}
	}
}

// TestWebPDamage checks that a picture that is cut is shown up to the cut if the limits accept damage. The other rows
// are blank.
func TestWebPDamage(t *testing.T) {
	p := encodedParts(t)
	const w, h, all = oddWidth, oddHeight, -1
	const animated, alpha = 1 << 1, 1 << 4
	lossy := encodeRIFF("VP8 ", p.lossy)
	clear := encodeRIFF("VP8X", extended(alpha, w, h), "ALPH", p.alpha, "VP8 ", p.under)
	lossless := encodeRIFF("VP8L", p.lossless)
	moving := encodeRIFF("VP8X", extended(animated, w+4, h), "ANMF", framePayload(4, 0, w, h, "VP8L", p.lossless), "ANMF", framePayload(0, 0, w, h, "VP8 ", p.lossy))
	withEXIF := encodeRIFF("VP8X", extended(8, w, h), "VP8 ", p.lossy, "EXIF", "nothing")
	badAlpha := encodeRIFF("VP8X", extended(alpha, w, h), "ALPH", p.alpha[:len(p.alpha)/2], "VP8 ", p.under)
	for name, c := range map[string]struct {
		file, whole []byte
		reason      photo.Reason
		rows        int // least number of rows that are shown; 0: always rejected
	}{
		"half the file":            {lossy[:len(lossy)/2], lossy, photo.ReasonTruncated, h / 4},
		"half the picture":         {encodeRIFF("VP8 ", p.lossy[:len(p.lossy)/2]), lossy, photo.ReasonTruncated, h / 4},
		"nine tenths":              {lossy[:len(lossy)*9/10], lossy, photo.ReasonTruncated, h / 2},
		"half of the alpha file":   {clear[:len(clear)*2/3], clear, photo.ReasonTruncated, h / 4},
		"half without loss":        {lossless[:len(lossless)*2/3], lossless, photo.ReasonTruncated, h / 4},
		"chunk without loss cut":   {encodeRIFF("VP8L", p.lossless[:len(p.lossless)*2/3]), lossless, photo.ReasonTruncated, h / 4},
		"first frame cut":          {moving[:12+18+24+len(p.lossless)*2/3], moving, photo.ReasonTruncated, h / 4},
		"second frame cut":         {moving[:len(moving)-len(p.lossy)/2], moving, photo.ReasonTruncated, all},
		"EXIF cut":                 {withEXIF[:len(withEXIF)-4], withEXIF, photo.ReasonTruncated, all},
		"alpha cut":                {badAlpha, encodeRIFF("VP8 ", p.under), photo.ReasonTruncated, all},
		"modes cut":                {lossy[:20+12], lossy, photo.ReasonTruncated, 0},
		"tables of lossless cut":   {lossless[:20+12], lossless, photo.ReasonTruncated, 0},
		"before the picture":       {withEXIF[:30], withEXIF, photo.ReasonTruncated, 0},
		"chunk larger than file":   {append(append(bytes.Clone(lossy[:16]), 0xff, 0xff, 0xff, 0x7f), lossy[20:]...), lossy, photo.ReasonCorrupt, all},
		"RIFF size of 8":           {append(append(bytes.Clone(lossy[:4]), 0, 0, 0, 0), lossy[8:]...), lossy, photo.ReasonCorrupt, 0},
		"frame outside the canvas": {encodeRIFF("VP8X", extended(animated, w, h), "ANMF", framePayload(2, 0, w, h, "VP8 ", p.lossy)), lossy, photo.ReasonCorrupt, 0},
		"larger canvas":            {encodeRIFF("VP8X", extended(0, w+1, h), "VP8 ", p.lossy), lossy, photo.ReasonCorrupt, 0},
	} {
		_, _, err := decodeFile(c.file, false)
		var r *Rejection
		if !errors.As(err, &r) || r.Reason() != c.reason {
			t.Errorf("%s: %v, want %s", name, err, c.reason)
		}
		_, got, err := decodeFile(c.file, true)
		if c.rows == 0 {
			if !errors.As(err, &r) {
				t.Errorf("%s, accepted: %v (damage %v), want a rejection", name, err, got.Damage)
			}
			continue
		}
		if err != nil || got.Damage == nil {
			t.Errorf("%s, accepted: %v, damage %v", name, err, got.Damage)
			continue
		}
		_, want, err := decodeFile(c.whole, false)
		if err != nil {
			t.Fatal(err)
		}
		rows := commonRows(must(got.NRGBA(t.Context())), must(want.NRGBA(t.Context())))
		if rows < c.rows || c.rows == all && rows != h || c.rows != all && rows == h {
			t.Errorf("%s: %d rows (%v)", name, rows, got.Damage)
		}
		wantBlank(t, name, must(got.NRGBA(t.Context())), rows)
	}
}

func commonRows(a, b *image.NRGBA) int {
	for y := range a.Rect.Dy() {
		if !bytes.Equal(a.Pix[y*a.Stride:][:4*a.Rect.Dx()], b.Pix[y*b.Stride:][:4*b.Rect.Dx()]) {
			return y
		}
	}
	return a.Rect.Dy()
}

// wantBlank checks that rows have one colour, except for the first two, whose colours are interpolated.
func wantBlank(t *testing.T, name string, m *image.NRGBA, row int) {
	t.Helper()
	for y := row + 2; y < m.Rect.Dy(); y++ {
		for x := range m.Rect.Dx() {
			if c := m.NRGBAAt(x, y); c.A != 0 && (c.R != c.G || c.G != c.B || c.R < 126 || c.R > 130) {
				t.Fatalf("%s: %d, %d is %v, want grey or transparent", name, x, y, c)
			}
		}
	}
}
