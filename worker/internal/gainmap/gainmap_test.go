package gainmap

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// colourful returns metadata whose numbers all differ.
func colourful() Metadata {
	channel := func(i int64) Channel {
		return Channel{Min: Ratio{-i, 7}, Max: Ratio{10 + i, 3}, Gamma: Ratio{9 + i, 10}, BaseOffset: Ratio{i, 64}, AlternateOffset: Ratio{-i, 128}}
	}
	return Metadata{Channels: []Channel{channel(1), channel(2), channel(3)}, BaseHeadroom: Ratio{1, 10}, AlternateHeadroom: Ratio{7, 2}, BaseColours: true}
}

func plain() Metadata {
	m := colourful()
	m.Channels = m.Channels[:1]
	return m
}

func common() Metadata {
	c := Channel{Min: Ratio{-500, 1000}, Max: Ratio{2322, 1000}, Gamma: Ratio{1000, 1000}, BaseOffset: Ratio{16, 1000}, AlternateOffset: Ratio{0, 1000}}
	return Metadata{Channels: []Channel{c}, BaseHeadroom: Ratio{0, 1000}, AlternateHeadroom: Ratio{2322, 1000}}
}

func TestISOAgain(t *testing.T) {
	for name, tc := range map[string]struct {
		m     Metadata
		bytes int
	}{"three channels": {colourful(), 5 + 16 + 3*40}, "one channel": {plain(), 5 + 16 + 40}, "one denominator": {common(), 5 + 4 + 8 + 20}} {
		b := tc.m.ISO()
		got, err := ParseISO(b)
		if err != nil || len(b) != tc.bytes {
			t.Errorf("%s: %d bytes, want %d: %v", name, len(b), tc.bytes, err)
		}
		if diff := cmp.Diff(tc.m, got); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", name, diff)
		}
		for n := range b {
			if _, err := ParseISO(b[:n]); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s: the first %d bytes: %v", name, n, err)
			}
		}
	}
}

func TestISORefused(t *testing.T) {
	change := func(f func(b []byte)) []byte {
		b := plain().ISO()
		f(b)
		return b
	}
	for name, tc := range map[string]struct {
		b    []byte
		want error
	}{
		"version":                 {change(func(b []byte) { b[1] = 1 }), ErrUnsupported},
		"backward":                {change(func(b []byte) { b[4] |= flagBackward }), ErrUnsupported},
		"denominator 0":           {change(func(b []byte) { clear(b[9:13]) }), ErrDamaged},
		"headroom of 0":           {change(func(b []byte) { clear(b[13:17]) }), ErrDamaged},
		"headroom of 2^31":        {change(func(b []byte) { b[13] = 0x80 }), ErrDamaged},
		"gamma 0":                 {change(func(b []byte) { clear(b[37:41]) }), ErrDamaged},
		"least gain above most":   {change(func(b []byte) { copy(b[21:], "\x7f\xff\xff\xff\x00\x00\x00\x01") }), ErrDamaged},
		"a newer writer is valid": {change(func(b []byte) { b[3] = 9 }), nil},
	} {
		if _, err := ParseISO(tc.b); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// TestXMPAgain compares as float64: the numbers of XMP are decimal.
func TestXMPAgain(t *testing.T) {
	approximate := cmp.Comparer(func(a, b Ratio) bool { return a.Float() == b.Float() })
	for name, m := range map[string]Metadata{"three channels": colourful(), "one channel": plain(), "one denominator": common()} {
		m.BaseColours = true // XMP implies it
		got, err := ParseXMP(m.XMP())
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, m.XMP())
		}
		if diff := cmp.Diff(m, got, approximate); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", name, diff)
		}
	}
}

// pixel is the XMP packet that a Pixel phone writes, with other numbers.
const pixel = `<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.1.2"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" hdrgm:GainMapMax="2.3219281" hdrgm:HDRCapacityMax="2.3"%s/></rdf:RDF></x:xmpmeta>`

func TestXMP(t *testing.T) {
	third := Ratio{1, 64}
	defaults := Metadata{BaseColours: true, BaseHeadroom: Ratio{0, 1}, AlternateHeadroom: Ratio{23, 10},
		Channels: []Channel{{Min: Ratio{0, 1}, Gamma: Ratio{1, 1}, BaseOffset: third, AlternateOffset: third}}}
	got, err := ParseXMP(fmt.Appendf(nil, pixel, ""))
	if err != nil {
		t.Fatal(err)
	}
	if v := got.Channels[0].Max.Float(); v != 2.3219281 {
		t.Errorf("gain %v", v)
	}
	got.Channels[0].Max = Ratio{}
	if diff := cmp.Diff(defaults, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	full := fmt.Sprintf(pixel, "")
	for name, tc := range map[string]struct {
		text string
		want error
	}{
		"not XMP":         {"GainMapMax", ErrNone},
		"another subject": {`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description/></rdf:RDF>`, ErrNone},
		"version":         {strings.Replace(full, `Version="1.0"`, `Version="2.0"`, 1), ErrUnsupported},
		"brighter first":  {fmt.Sprintf(pixel, ` hdrgm:BaseRenditionIsHDR="True"`), ErrUnsupported},
		"no number":       {strings.Replace(full, `2.3219281`, `NaN`, 1), ErrDamaged},
		"no headroom":     {strings.Replace(full, `HDRCapacityMax`, `HDRCapacity`, 1), ErrDamaged},
		"huge":            {strings.Replace(full, `2.3219281`, `1e300`, 1), ErrDamaged},
		"gain of a sun":   {strings.Replace(full, `2.3219281`, `17`, 1), ErrDamaged},
		"beyond the end":  {full + strings.Repeat(" ", maxXMP), ErrNone},
	} {
		if _, err := ParseXMP([]byte(tc.text)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestRatio(t *testing.T) {
	for text, want := range map[string]Ratio{"0": {0, 1}, "-0.5": {-1, 2}, "0.015625": {1, 64}, "2.3": {23, 10}, "1e-3": {1, 1000}, "2147483647": {math.MaxInt32, 1}} {
		if got, err := parseRatio(text); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, v := range []float64{math.Pi, -math.E, 1.0 / 3, 2.321928094887362, 1e-8, 0.300000001} {
		got, err := parseRatio(fmt.Sprint(v))
		if err != nil || math.Abs(got.Float()-v) > 1e-15*math.Max(1, math.Abs(v)) {
			t.Errorf("%v: %v, which is %v, %v", v, got, got.Float(), err)
		}
	}
}

// second returns a JPEG without a picture.
func second(segments ...[]byte) []byte {
	b := appendSegment([]byte{0xff, markerSOI}, markerAPP0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"))
	for _, s := range segments {
		b = append(b, s...)
	}
	return append(b, 0xff, markerEOI)
}

func xmpSegment(text string) []byte { return appendSegment(nil, markerAPP1, []byte(xmpPrefix+text)) }

func TestFind(t *testing.T) {
	whole, err := Join(second(), second(), plain())
	if err != nil {
		t.Fatal(err)
	}
	gain := whole[bytes.LastIndex(whole, []byte{0xff, markerSOI}):]
	withoutPrefix := func(prefix string) []byte { return bytes.Replace(whole, []byte(prefix), []byte("MPX\x00"), 1) }
	byXMP := second(xmpSegment(fmt.Sprintf(pixel, "")))
	outside := bytes.Clone(whole)
	at := bytes.Index(outside, []byte(mpfPrefix)) + 4 + 8 + 2 + 36 + 4 + entryBytes + 8
	copy(outside[at:], "\x7f\xff\xff\xff")
	for name, tc := range map[string]struct {
		file []byte
		want error
		jpeg []byte
	}{
		"by the index":                {whole, nil, gain},
		"by the directory":            {withoutPrefix(mpfPrefix), nil, gain},
		"index out of the file":       {outside, nil, gain},
		"bytes after the picture":     {append(bytes.Clone(whole), "video"...), nil, gain},
		"directory, bytes after it":   {append(withoutPrefix(mpfPrefix), "video"...), ErrDamaged, nil},
		"preview that is gone":        {second(appendSegment(nil, markerAPP2, appendMPF(nil, 200, 5000, 100))), ErrNone, nil},
		"video without a length":      {second(xmpSegment(strings.NewReplacer(`"GainMap"`, `"MotionPhoto"`, ` hdrgm:Version="1.0"`, "").Replace(xmpStart + directory(-5) + xmpEnd))), ErrNone, nil},
		"cut off":                     {whole[:len(whole)-1], ErrDamaged, nil},
		"XMP only":                    {append(second(xmpSegment(xmpStart+directory(len(byXMP))+xmpEnd)), byXMP...), nil, byXMP},
		"none":                        {second(), ErrNone, nil},
		"no JPEG":                     {[]byte("GIF89a"), ErrNone, nil},
		"second picture without gain": {append(second(xmpSegment(xmpStart+directory(len(second()))+xmpEnd)), second()...), ErrNone, nil},
	} {
		got, err := Find(tc.file)
		if !errors.Is(err, tc.want) || !bytes.Equal(got.JPEG, tc.jpeg) {
			t.Errorf("%s: %v, %d bytes of %d; want %v", name, err, len(got.JPEG), len(tc.jpeg), tc.want)
		}
	}
	got, err := Find(whole)
	if diff := cmp.Diff(plain(), got.Metadata); diff != "" || err != nil {
		t.Errorf("%v, want (-), got (+):\n%s", err, diff)
	}
}

// TestJoinKeeps checks that the first picture keeps its texts and its data, and that there is one packet.
func TestJoinKeeps(t *testing.T) {
	words := xmpStart + `<rdf:Description rdf:about="" credit="Jane"/>` + xmpEnd
	exif, profile := appendSegment(nil, markerAPP1, []byte("Exif\x00\x00MM")), appendSegment(nil, markerAPP2, []byte("ICC_PROFILE\x00\x01\x01"))
	for name, first := range map[string][]byte{
		"nothing": second(), "EXIF": second(exif), "XMP": second(xmpSegment(words)), "all": second(exif, xmpSegment(words), profile),
	} {
		whole, err := Join(first, second(), plain())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		added, packets := map[string]int{}, 0
		var rest []byte
		for s := range segments(whole) {
			for _, prefix := range []string{isoPrefix, mpfPrefix} {
				if _, ok := s.payloadAfter(markerAPP2, prefix); ok {
					added[prefix]++
				}
			}
			if b, ok := s.payloadAfter(markerAPP1, xmpPrefix); ok {
				packets++
				if strings.Contains(string(first), "Jane") != strings.Contains(string(b), "Jane") || len(readXMP(b).items) != 2 {
					t.Errorf("%s: packet %s", name, b)
				}
			} else if s.marker != markerAPP2 || bytes.HasPrefix(s.payload, []byte("ICC")) {
				rest = append(rest, whole[s.start:s.end]...)
			}
		}
		if packets != 1 || added[isoPrefix] != 1 || added[mpfPrefix] != 1 {
			t.Errorf("%s: %d packets, added %v", name, packets, added)
		}
		var want []byte
		for s := range segments(first) {
			if _, ok := s.payloadAfter(markerAPP1, xmpPrefix); !ok {
				want = append(want, first[s.start:s.end]...)
			}
		}
		if !bytes.Equal(rest, want) {
			t.Errorf("%s: other segments %q, want %q", name, rest, want)
		}
	}
	if _, err := Join([]byte("GIF"), second(), plain()); !errors.Is(err, ErrDamaged) {
		t.Errorf("a GIF: %v", err)
	}
	if _, err := Join(second(), second(), Metadata{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("no metadata: %v", err)
	}
}

// FuzzFind reads arbitrary files. A gain map that it finds can be joined and found again.
func FuzzFind(f *testing.F) {
	for _, m := range []Metadata{plain(), colourful(), common()} {
		whole, err := Join(second(), second(), m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(whole)
		f.Add(bytes.Replace(whole, []byte(mpfPrefix), []byte("MPX\x00"), 1))
		f.Add(bytes.Replace(whole, []byte(isoPrefix+"\x00\x00\x00\x00\x40"), []byte("X"), 1))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := Find(file)
		if err != nil {
			return
		}
		again, err := Join(second(), second(), found.Metadata)
		if err != nil {
			t.Fatalf("%+v: %v", found.Metadata, err)
		}
		got, err := Find(again)
		if diff := cmp.Diff(found.simplify(), got.Metadata); diff != "" || err != nil {
			t.Errorf("%v, want (-), got (+):\n%s", err, diff)
		}
		if _, err := ParseXMP(found.XMP()); err != nil {
			t.Errorf("%s: %v", found.XMP(), err)
		}
	})
}
