package hevc

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

// fuzzMemory is the most bytes that a picture may take here, by SPS.DecodeMemory. Callers check that before they
// decode.
const fuzzMemory = 16 << 20

// FuzzDecode decodes a stream with start codes. Whatever the stream holds, Decode returns a picture of the size in its
// parameter sets or one of two errors, allocates no more than DecodeMemory returns, and does the same when called
// again.
func FuzzDecode(f *testing.F) {
	for seed := range uint64(60) {
		if stream := annexB(newSynth(seed, seed%3 > 0).units()); len(stream) < 4096 {
			f.Add(stream)
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		units := splitAnnexB(stream)
		memory := int64(1<<20 + 128*len(stream))
		for _, u := range units {
			if s, err := ParseSPS(u); err == nil {
				if s.DecodeMemory() > fuzzMemory {
					t.Skip("large picture")
				}
				memory += s.DecodeMemory()
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var d Decoder
		p, err := d.Decode(t.Context(), units)
		runtime.ReadMemStats(&after)
		if took := int64(after.TotalAlloc - before.TotalAlloc); took > memory {
			t.Errorf("allocates %d bytes, more than %d", took, memory)
		}
		if err != nil {
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnsupported) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		first := rawSamples(p)
		again, err := d.Decode(t.Context(), units)
		if err != nil {
			t.Fatalf("the second time: %v", err)
		}
		if diff := difference(again, first); diff != "" {
			t.Errorf("the second time: %s", diff)
		}
	})
}

// TestImpossibleStart decodes slice data, substreams and data after PCM samples that begin with a value the arithmetic
// decoder cannot have (9.3.2.5).
func TestImpossibleStart(t *testing.T) {
	var d Decoder
	tried := 0
	for seed := range uint64(12) {
		g := newSynth(seed, seed%3 > 0)
		units := g.units()
		for i := len(units) - g.segments; i < len(units); i++ {
			changed := slices.Clone(units)
			data := slices.Clone(units[i])
			for at := max(3, len(data)/2); at < len(data); at++ {
				data[at] = 0xff
			}
			changed[i] = data
			for at := min(40, len(data)) - 1; at > 4; at-- { // the header ends somewhere in this range
				data[at] = 0xff
				tried++
				if _, err := d.Decode(t.Context(), changed); err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrUnsupported) {
					t.Errorf("seed %d, unit %d: %v", seed, i, err)
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d streams", tried)
	}
}

// TestDecodeAfterFailure checks that a picture that fails within a block does not affect the next one.
func TestDecodeAfterFailure(t *testing.T) {
	failed := 0
	for seed := range uint64(40) {
		g := newSynth(seed, seed%3 > 0)
		units := g.units()
		var fresh, d Decoder
		p, err := fresh.Decode(t.Context(), units)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want := digest(p)
		last := len(units) - 1
		for at := len(units[last]) / 2; at < len(units[last]); at++ {
			changed := slices.Clone(units)
			changed[last] = slices.Clone(units[last])
			for i := at; i < len(changed[last]); i++ {
				changed[last][i] = 0xff
			}
			if _, err := d.Decode(t.Context(), changed); err == nil {
				continue
			}
			failed++
			if p, err = d.Decode(t.Context(), units); err != nil {
				t.Fatalf("seed %d, changed from byte %d: %v", seed, at, err)
			}
			if digest(p) != want {
				t.Fatalf("seed %d: the picture differs after one that is corrupt from byte %d", seed, at)
			}
			if at += 1 + len(units[last])/16; failed > 400 {
				return
			}
		}
	}
	if failed < 100 {
		t.Errorf("only %d failures", failed)
	}
}

// TestDecoderKeepsNoData checks that a Decoder does not keep the data of a picture in memory, whether it decodes or
// not.
func TestDecoderKeepsNoData(t *testing.T) {
	for seed := range uint64(12) {
		units := newSynth(seed, seed%3 > 0).units()
		whole := units[len(units)-1]
		for _, last := range [][]byte{whole, whole[:len(whole)*2/3]} {
			units[len(units)-1] = last
			var d Decoder
			_, err := d.Decode(t.Context(), units)
			kept := d.coder.data != nil
			for _, s := range d.frame.slices {
				kept = kept || s != nil && s.data != nil
			}
			for _, data := range d.ppsData {
				kept = kept || data != nil
			}
			if kept {
				t.Errorf("seed %d: keeps data after error %v", seed, err)
			}
		}
	}
}

// TestMutatedStreams changes bits of drawn pictures. Streams that are still valid must decode as libde265 decodes them.
func TestMutatedStreams(t *testing.T) {
	reference := libde265(t)
	dir := t.TempDir()
	accepted := 0
	var d Decoder
	for i := 0; accepted < *streams && i < 1000**streams; i++ {
		r := rand.New(rand.NewPCG(uint64(i), 3))
		g := newSynth(uint64(i), i%3 > 0)
		g.avoidCropping()
		// libde265 finds substreams by the sizes in the header, and it wraps large coefficients, which changed bits
		// produce.
		if g.libde265Fault() != "" || g.tiles || g.wavefront || g.chroma == Chroma422 || g.depth > 10 {
			continue
		}
		units := g.units()
		data := units[len(units)-1-r.IntN(g.segments)]
		for range 1 + r.IntN(3) {
			bits := min(8*(len(data)-8), 1+r.IntN(200)) // near the end, where a change does the least damage
			if bits < 1 {
				continue
			}
			at := 8*len(data) - 1 - r.IntN(bits)
			data[at/8] ^= 1 << (at % 8)
		}
		p, err := d.Decode(t.Context(), units)
		if err != nil {
			continue
		}
		accepted++
		path := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(path, annexB(units), 0o600); err != nil {
			t.Fatal(err)
		}
		if want, err := reference.decode(path); err != nil {
			t.Logf("%d: libde265 refuses it: %v", i, err)
		} else if diff := difference(p, want); diff != "" {
			t.Errorf("%d: differs from libde265 in %s", i, diff)
		}
	}
	if accepted == 0 {
		t.Error("no changed stream is valid")
	}
}
