package hevc

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"
)

// TestUnescape compares unescape with a search for emulation prevention bytes one by one.
func TestUnescape(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 3))
	for range 20000 {
		src := make([]byte, r.IntN(40))
		for i := range src {
			src[i] = []byte{0, 0, 0, 3, 3, 1, 255}[r.IntN(7)]
		}
		var want []byte
		zeros := 0
		for _, b := range src {
			if zeros >= 2 && b == 3 {
				zeros = 0
				continue
			}
			want = append(want, b)
			zeros++
			if b != 0 {
				zeros = 0
			}
		}
		before := bytes.Clone(src)
		if got := unescape(src); !bytes.Equal(got, want) {
			t.Fatalf("% x: got % x, want % x", src, got, want)
		}
		if !bytes.Equal(src, before) {
			t.Fatalf("% x has changed to % x", before, src)
		}
	}
}

func payload(t *testing.T, nal string) []byte {
	t.Helper()
	b, err := hex.DecodeString(nal)
	if err != nil {
		t.Fatal(err)
	}
	u, err := parseUnit(b)
	if err != nil {
		t.Fatal(err)
	}
	return u.data
}

// TestEndOfSequence checks that units without a payload are ignored: the ends of a sequence and of a stream.
func TestEndOfSequence(t *testing.T) {
	units := newSynth(1, false).units()
	var d Decoder
	p, err := d.Decode(t.Context(), units)
	if err != nil {
		t.Fatal(err)
	}
	want := digest(p)
	p, err = d.Decode(t.Context(), append(units, []byte{36 << 1, 1}, []byte{37 << 1, 1}))
	if err != nil || digest(p) != want {
		t.Errorf("with ends: %v", err)
	}
	for kind := range byte(64) {
		if _, err := d.Decode(t.Context(), [][]byte{{kind << 1, 1}}); err == nil {
			t.Errorf("an empty unit of type %d is a picture", kind)
		}
	}
}

// TestSegmentLimit checks that a picture can have maxSegments slice segments and no more, because each one takes
// memory.
func TestSegmentLimit(t *testing.T) {
	for seed := uint64(0); ; seed++ {
		g := newSynth(seed, false)
		units := g.units()
		if g.segments < 2 {
			continue
		}
		u, err := parseUnit(units[len(units)-1])
		if err != nil {
			t.Fatal(err)
		}
		for before, want := range map[int]error{maxSegments - 2: nil, maxSegments - 1: ErrUnsupported} {
			var d Decoder
			if _, err := d.Decode(t.Context(), units); err != nil {
				t.Fatal(err)
			}
			p := d.lastPPS
			for id := range d.pps {
				d.pps[id] = p
			}
			if _, err := d.parseSlice(u, &slice{segment: before, pps: p}); !errors.Is(err, want) {
				t.Errorf("after %d segments: %v, want %v", before+1, err, want)
			}
		}
		return
	}
}

// TestParameterSetsAgain checks that a Decoder keeps parameter sets until they change. Two sequence parameter sets with
// the same number differ in chroma format, and the picture parameter set fits both.
func TestParameterSetsAgain(t *testing.T) {
	grey := payload(t, "420101040800000300"+"9ff800000300005ac01008020165ba924a6b9b020000030002000003000210")
	full := payload(t, "4201010408000003009e3800000300003c90014101e2cb752494d737010d06040000030064000003000420")
	pictures := payload(t, "4401c172b06240")

	var d Decoder
	use := func(data []byte) *pps {
		t.Helper()
		s, err := d.parseSPS(bytes.Clone(data))
		if err != nil {
			t.Fatal(err)
		}
		d.sps[s.id], d.pps = s, [64]*pps{}
		d.ppsData[0] = bytes.Clone(pictures)
		p, err := d.activate(0)
		if err != nil {
			t.Fatal(err)
		}
		if p.sps != s {
			t.Fatal("the picture parameter set belongs to another sequence parameter set")
		}
		return p
	}
	first := use(grey)
	if again := use(grey); again != first {
		t.Error("the same parameter sets were parsed again")
	}
	other := use(full)
	if first.sps.Chroma != Grey || other.sps.Chroma != Chroma444 {
		t.Errorf("chroma formats %d and %d", first.sps.Chroma, other.sps.Chroma)
	}
	pictures[2] ^= 0x08 // sign_data_hiding_enabled_flag or a neighbour
	if changed := use(full); changed == other {
		t.Error("a picture parameter set that differs was not parsed")
	}

	large := append(bytes.Clone(grey), make([]byte, maxKept)...)
	if s, err := d.parseSPS(large); err != nil || s.Chroma != Grey {
		t.Errorf("a large sequence parameter set: %v, %v", s, err)
	}
	if d.lastSPS != nil || d.lastPPS != nil {
		t.Error("a large sequence parameter set was kept, or the picture parameter set before it")
	}

	// The caller may change its memory afterwards.
	data := bytes.Clone(grey)
	if _, err := d.parseSPS(data); err != nil {
		t.Fatal(err)
	}
	copy(data, full)
	if s, err := d.parseSPS(data[:min(len(data), len(full))]); err == nil && s.Chroma == Grey {
		t.Error("a sequence parameter set that differs was not parsed")
	}
}
