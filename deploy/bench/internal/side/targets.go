package side

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"darkroom/deploy/bench/internal/photoset"
)

// Target is a format of variants.
type Target struct {
	Name      string // sharp's and Darkroom's name of the format
	Extension string
	Quality   int // sharp's default quality; 0 for a lossless format
	// Grid has the qualities between which the bytes at a score are interpolated, from low to high. AVIF has few,
	// because it takes long to encode.
	Grid []int
	// Share divides --repeat: a photo that takes long needs fewer repetitions for a stable result.
	Share int
}

var (
	ToJPEG = Target{"jpeg", ".jpg", 80, []int{20, 40, 55, 68, 80, 90, 97}, 1}
	ToWebP = Target{"webp", ".webp", 80, []int{20, 40, 55, 68, 80, 90, 97}, 1}
	ToAVIF = Target{"avif", ".avif", 50, []int{20, 40, 55, 70, 85}, 6}
	// ToPNG is the format of the pixels that the other formats encode. Pictures with transparent pixels become PNG
	// instead of JPEG.
	ToPNG = Target{Name: "png", Extension: ".png", Share: 1}
)

// Targets lists the formats that can be chosen.
var Targets = []Target{ToJPEG, ToWebP, ToAVIF}

// FormatFor returns the format of the variants of a kind of photo if t is chosen.
func (t Target) FormatFor(k photoset.Kind) Target {
	if k == photoset.AlphaPNG && t.Name == ToJPEG.Name {
		return ToPNG
	}
	return t
}

// Lossy reports whether the format has a quality.
func (t Target) Lossy() bool { return t.Quality > 0 }

// Choose returns the values of a list whose names are in names, in the order of the list. No names choose all.
func Choose[T any](setting string, list []T, name func(T) string, names []string) ([]T, error) {
	var known []string
	for _, v := range list {
		known = append(known, name(v))
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("%s has %q: want some of %s", setting, n, strings.Join(known, ","))
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return len(names) > 0 && !slices.Contains(names, name(v)) }), nil
}

// Fit returns the size of the variant of an upright photo.
func (s Size) Fit(photo image.Point) image.Point {
	w, h := float64(photo.X), float64(photo.Y)
	scale := min(float64(s.Width)/w, float64(s.Height)/h, 1)
	return image.Pt(max(1, int(math.Round(w*scale))), max(1, int(math.Round(h*scale))))
}
