package heif

import (
	"errors"
	"slices"
	"testing"
)

// sequenceOf returns the sequence header of AV1 data, and what follows it.
func sequenceOf(t testing.TB, data []byte) (sequence, rest []byte) {
	t.Helper()
	for len(data) > 0 {
		kind, _, next, err := nextOBU(data)
		if err != nil {
			t.Fatal(err)
		}
		if kind == obuSequence {
			return data[:len(data)-len(next)], next
		}
		data = next
	}
	t.Fatal("no sequence header")
	return nil, nil
}

// TestAV1BitStreams: what a codec would act upon although no box says it. Each is refused before the codec sees it.
func TestAV1BitStreams(t *testing.T) {
	a := taken(t, avifSeed(t, 160, 96, opaque), false)
	sequence, _ := sequenceOf(t, a.data)
	for _, test := range []struct {
		name string
		data []byte
		w, h int
		want error
	}{
		{"the picture alone", a.data, 160, 96, nil},
		{"of another size", a.data, 160, 95, ErrCorrupt},
		{"two pictures", slices.Concat(a.data, a.data), 160, 96, ErrUnsupported},
		{"no frame", sequence, 160, 96, ErrUnsupported},
		{"cut off", a.data[:len(a.data)-1], 160, 96, ErrCorrupt},
		{"nothing", nil, 160, 96, ErrUnsupported},
	} {
		if err := checkAV1(test.data, test.w, test.h, layers{selected: allLayers}); !errors.Is(err, test.want) {
			t.Errorf("AV1: %s: %v, want %v", test.name, err, test.want)
		}
	}
}
