package jpegscan

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"runtime"
	"testing"
)

// progressive returns a picture by a script, and where the data of each scan begin and end.
func progressive(tb testing.TB, interval int, script []step) (data []byte, scans [][2]int) {
	tb.Helper()
	d := newDrawing(newRand(5), image.Pt(90, 70), 3, 2, 2, interval, 9, 7)
	data = d.file(script)
	for pos := 0; pos+4 < len(data); pos++ {
		if data[pos] == 0xff && data[pos+1] == markerSOS {
			start := pos + 2 + int(data[pos+3])
			scans = append(scans, [2]int{start, start + entropyLength(data[start:])})
		}
	}
	if len(scans) != len(script) {
		tb.Fatalf("%d scans, want %d", len(scans), len(script))
	}
	return data, scans
}

func TestDecodeTruncatedProgressive(t *testing.T) {
	const cut = 3 // bytes at the end of the last scan that may hold only padding bits
	for _, interval := range []int{0, 7} {
		data, scans := progressive(t, interval, scripts["libjpeg"])
		compareAtScales(t, "whole", data)
		const comment = "\xff\xfe\x00\x03x"
		compareAtScales(t, "stray bytes after the picture", append(data[:len(data)-2:len(data)-2], comment+"stray"+comment+"\xff\xd9"...))
		compareAtScales(t, "trailing bytes", append(bytes.Clone(data), "a second picture"...))
		isPadding := func(end int) bool {
			for _, s := range scans {
				if end >= s[0] && end < s[1] {
					return true
				}
			}
			return false
		}
		for end := range len(data) - 1 {
			_, err := decode(data[:end], 4)
			switch {
			case end < 2 && !errors.Is(err, ErrCorrupt):
				t.Fatalf("interval %d: %d bytes: got %v, want ErrCorrupt", interval, end, err)
			case end >= 2 && end < len(data)-2-cut && !errors.Is(err, ErrTruncated):
				t.Fatalf("interval %d: %d of %d bytes: got %v, want ErrTruncated", interval, end, len(data), err)
			case end >= len(data)-2 && err != nil:
				t.Fatalf("interval %d: without an end of image: %v", interval, err)
			}
			if _, err := decode(append(data[:end:end], 0xff, markerEOI), 4); isPadding(end) && !errors.Is(err, ErrTruncated) {
				t.Fatalf("interval %d: %d of %d bytes and an end: got %v, want ErrTruncated", interval, end, len(data), err)
			}
		}
		for i, s := range scans { // a legal picture, of fewer scans
			compareAtScales(t, fmt.Sprintf("interval %d: %d scans and an end", interval, i+1), append(data[:s[1]:s[1]], 0xff, markerEOI))
		}
	}
}

func TestDecodeDamagedProgressive(t *testing.T) {
	script := []step{{all, 0, 0, 0, 1}, {luma, 1, 63, 0, 1}, {cb, 1, 63, 0, 0}, {luma, 1, 63, 1, 0}, {all, 0, 0, 1, 0}}
	plain, scans := progressive(t, 0, script)
	restarts, places := progressive(t, 7, script)
	replace := func(data []byte, start, end int, with ...byte) []byte {
		return append(append(data[:start:start], with...), data[end:]...)
	}
	mark := func(n int) (at int) { // position of the n-th restart marker in the fourth scan
		for at = places[3][0]; ; at++ {
			if restarts[at] == 0xff && restarts[at+1] >= markerRST0 && restarts[at+1] <= markerRST7 {
				if n--; n < 0 {
					return at
				}
			}
		}
	}
	one, two := mark(1), mark(2)
	zeros := make([]byte, 200)
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"no end of image":              {plain[:len(plain)-2], ErrTruncated}, // more scans could follow
		"a scan without data":          {replace(plain, scans[4][0], scans[4][1]), ErrTruncated},
		"data missing before the last": {replace(plain, scans[2][0], scans[2][1]-9), ErrCorrupt},
		"a code that does not exist":   {replace(plain, scans[1][0], scans[1][1], bytes.Repeat([]byte{0xff, 0}, 200)...), ErrCorrupt},
		"a value beyond the band":      {replace(plain, scans[2][0], scans[2][1], bytes.Repeat([]byte{0xe1, 0x7f}, 99)...), ErrCorrupt},
		"zeros beyond the band":        {replace(plain, scans[2][0], scans[2][1], bytes.Repeat([]byte{0xe2, 14 << 2}, 99)...), ErrCorrupt},
		"a step of two in refinement":  {replace(plain, scans[3][0], scans[3][1], bytes.Repeat([]byte{0x02}, 200)...), ErrCorrupt},
		"a run beyond the picture":     {replace(plain, scans[3][0], scans[3][1], append([]byte{0xd0, 0xff, 0}, zeros...)...), ErrCorrupt},
		"a run beyond an interval":     {replace(restarts, places[3][0], mark(0), append([]byte{0xd0, 0x70, 0}, zeros...)...), ErrCorrupt},
		"more data in an interval":     {replace(restarts, one, one, 0x55, 0x55), ErrCorrupt},
		"restart markers exchanged":    {replace(restarts, one, one+2, 0xff, restarts[two+1]), ErrCorrupt},
		"a restart marker lost":        {replace(restarts, one, one+2), ErrCorrupt},
		"an interval lost":             {replace(restarts, one, two), ErrCorrupt},
		"a frame between scans":        {replace(plain, scans[0][1], scans[0][1], 0xff, markerSOF2, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0), ErrCorrupt},
		"stray bytes":                  {replace(plain, scans[0][1], scans[0][1], 0xff, markerCOM, 0, 2, 1), ErrCorrupt},
		"a band of two components":     {replace(plain, scans[4][0]-3, scans[4][0]-1, 1, 5), ErrCorrupt},
		"a component that is not":      {replace(plain, scans[3][0]-5, scans[3][0]-4, 9), ErrCorrupt},
	} {
		for _, denom := range denoms {
			if _, err := decode(c.data, denom); !errors.Is(err, c.want) {
				t.Errorf("%s at 1/%d: got %v, want %v", name, denom, err, c.want)
			}
		}
	}
	compareAtScales(t, "a restart marker after a scan", replace(plain, scans[0][1], scans[0][1], 0xff, markerRST0))
	compareAtScales(t, "an unknown segment", replace(plain, scans[0][1], scans[0][1], 0xff, 0xf0, 0, 2))
	compareAtScales(t, "a comment between scans", replace(plain, scans[0][1], scans[0][1], 0xff, 0xff, markerCOM, 0, 3, 1))
	compareAtScales(t, "fill bytes before a restart", replace(restarts, one, one, 0xff, 0xff))
	whole, ends := progressive(t, 6, script) // the last interval of 45 or 30 MCUs
	compareAtScales(t, "a restart marker after the last interval", replace(whole, ends[0][1], ends[0][1], 0xff, markerRST0+4))
}

// TestDecodeRefusesProgressive spoils the header of the first scan.
func TestDecodeRefusesProgressive(t *testing.T) {
	data, scans := progressive(t, 0, []step{{all, 0, 0, 0, 0}, {luma, 1, 63, 0, 0}})
	head := scans[0][0]
	const tables = 21 + 16 + 21 + 255 // bytes
	edit := func(back int, v byte) []byte {
		d := bytes.Clone(data)
		d[head-back] = v
		return d
	}
	for name, d := range map[string][]byte{
		"no table":            append(data[:head-14-tables:head-14-tables], data[head-14:]...),
		"a band with first":   edit(2, 5),
		"backward band":       edit(3, 5),
		"coefficient 64":      append(edit(2, 64)[:head-3], append([]byte{60}, edit(2, 64)[head-2:]...)...),
		"shift 14":            edit(1, 14),
		"refines by two bits": edit(1, 0x20),
		"no components":       edit(10, 0),
		"a component twice":   edit(9, 2),
		"table 4":             edit(8, 0x40),
	} {
		if _, err := decode(d, 1); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", name, err)
		}
		if _, err := Inspect(d, false, nil); !errors.Is(err, ErrCorrupt) {
			t.Errorf("headers of %s: got %v, want ErrCorrupt", name, err)
		}
	}
}

func TestDecodeMissingComponent(t *testing.T) {
	d := newDrawing(newRand(5), image.Pt(40, 30), 3, 2, 2, 0, 9, 7)
	for name, script := range map[string][]step{
		"luma alone":       {{luma, 0, 0, 0, 0}},
		"all but one":      {{[]int{0, 2}, 0, 0, 0, 0}, {cb, 1, 63, 0, 0}},
		"but its last bit": {{[]int{0, 1}, 0, 0, 0, 1}, {all, 0, 0, 1, 0}},
	} {
		if _, err := decode(d.file(script), 8); !errors.Is(err, ErrTruncated) {
			t.Errorf("%s: got %v, want ErrTruncated", name, err)
		}
	}
}

func TestDecodeManyScans(t *testing.T) {
	d := newDrawing(newRand(5), image.Pt(40, 30), 1, 1, 1, 0, 9, 7)
	script := []step{{luma, 0, 0, 0, 0}}
	for len(script) < MaxScans {
		script = append(script, step{luma, 1, 63, 0, 1})
	}
	compareAtScales(t, "as many as may be", d.file(script))
	for n, data := range map[int][]byte{1: photo(t, 0), 2: d.file(script[:2]), MaxScans: d.file(script)} {
		if got, err := Inspect(data, false, nil); got.Scans != n || err != nil {
			t.Errorf("got %d scans (%v), want %d", got.Scans, err, n)
		}
	}
	if _, err := decode(d.file(append(script, script[1])), 2); !errors.Is(err, ErrScans) {
		t.Errorf("one more: got %v, want ErrScans", err)
	}
}

// TestDecodeAllocatesProgressive compares what Decode allocates with what Memory returns.
func TestDecodeAllocatesProgressive(t *testing.T) {
	const w, h = 1600, 1200
	d := newDrawing(newRand(5), image.Pt(w, h), 3, 2, 2, 0, 2, 5)
	data := d.file(scripts["libjpeg"])
	for _, denom := range denoms {
		side := 8 / denom
		planes := uint64(w * h * 3 / 2 / (denom * denom))
		row := uint64(w / 16 * 6 * (4*(side*side+1) + 8))
		limit := planes + row + 10*ScanBytes
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := decode(data, denom); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > limit+limit/8 {
			t.Errorf("1/%d: allocates %d bytes, want at most %d", denom, got, limit)
		}
	}
}
