package main

import (
	"image"
	"slices"
	"testing"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/side"
)

func TestChoose(t *testing.T) {
	all := []string{"a", "b", "c"}
	name := func(s string) string { return s }
	for _, c := range []struct {
		names, want []string
		good        bool
	}{
		{nil, all, true}, {[]string{"c", "a"}, []string{"a", "c"}, true}, {[]string{"a", "x"}, nil, false},
	} {
		got, err := side.Choose("--x", all, name, c.names)
		if (err == nil) != c.good || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v", c.names, got, err)
		}
	}
}

// TestPlan checks that variants of pictures with transparent pixels are PNG instead of JPEG, and that mozjpeg has no
// WebP.
func TestPlan(t *testing.T) {
	mozjpeg := side.Side{Name: "sharp-mozjpeg", Only: "jpeg"}
	b := bench{sides: func(photoset.Kind) []side.Side { return []side.Side{{Name: "darkroom"}, mozjpeg} }, targets: []side.Target{side.ToJPEG, side.ToWebP}}
	var got []string
	for _, s := range b.plan([]photoset.Original{{Name: "a", Kind: photoset.Baseline}, {Name: "b", Kind: photoset.AlphaPNG}}) {
		got = append(got, s.describe(len(s.sides)-1))
	}
	want := []string{"a to jpeg, sharp-mozjpeg", "a to webp, darkroom", "b to png, darkroom", "b to webp, darkroom"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSizeOf(t *testing.T) {
	s := side.Size{Name: "x", Width: 1600, Height: 1600}
	for photo, want := range map[image.Point]image.Point{
		{4000, 3000}: {1600, 1200}, {3000, 4000}: {1200, 1600}, {640, 480}: {640, 480}, {100000, 3}: {1600, 1},
	} {
		if got := s.Fit(photo); got != want {
			t.Errorf("of %v: %v, want %v", photo, got, want)
		}
	}
}
