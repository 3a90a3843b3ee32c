package engine

import (
	"bytes"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/worker/photo"
)

// TestUploadersReadKnownSentences damages files of all formats in many ways. Whatever error a decoder returns, the
// uploader must read a sentence of package photo, and the cause must be kept for the log.
func TestUploadersReadKnownSentences(t *testing.T) {
	e := engine(t, Config{Specs: []Spec{boxSpec("v", 20, 20, Inside, 80)}, MaxPixels: 1 << 20})
	seeds := files(t, 40, 24)
	for _, name := range []string{"quadrants.heic", "alpha.heic", "alpha.avif"} {
		seeds[name] = heifSeed(t, name)
	}
	reasons, causes := map[photo.Reason]int{}, 0
	check := func(name string, data []byte) {
		err := tryRender(e, data)
		if err == nil {
			return
		}
		var r *Rejection
		if !errors.As(err, &r) {
			t.Fatalf("%s: %v", name, err)
		}
		if wantSentence(t, r); t.Failed() {
			t.Fatalf("%s: %v", name, err)
		}
		reasons[r.Reason()]++
		if r.Cause != nil {
			causes++
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range slices.Sorted(maps.Keys(seeds)) {
		whole := seeds[name]
		for range 12 {
			check(name+", cut", whole[:random.IntN(len(whole))])
			bad := bytes.Clone(whole)
			for range 1 + random.IntN(8) { // not in the brands, which would make it another format
				bad[min(len(bad)-1, 24+random.IntN(len(bad)))] = byte(random.Uint32())
			}
			check(name+", changed", bad)
			at := random.IntN(len(whole))
			check(name+", with a part missing", slices.Concat(whole[:at], whole[at+random.IntN(len(whole)-at):]))
			noise := bytes.Clone(whole)
			for i := len(noise) / 2; i < len(noise); i++ {
				noise[i] = byte(random.Uint32())
			}
			check(name+", half noise", noise)
		}
	}
	for range 200 {
		noise := make([]byte, random.IntN(300))
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		check("noise", noise)
	}
	for _, reason := range []photo.Reason{photo.ReasonUnsupported, photo.ReasonCorrupt, photo.ReasonTruncated} {
		if reasons[reason] == 0 {
			t.Errorf("no file was %s: %v", reason, reasons)
		}
	}
	if causes == 0 {
		t.Error("no rejection has a cause")
	}
}
