package engine

import (
	"cmp"
	"context"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/qualitysearch"
	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/ssimulacra2"
	"darkroom/worker/photo"
)

// Bounds of the Score of a [Spec]. Below the first a picture is plainly damaged, and above the second most pictures
// have a quality of 100.
const (
	MinScore = 30
	MaxScore = 95
)

// scoreMargin is added to the score that is searched for. Decoders differ in how they round, and give a JPEG scores
// that lie up to this far apart.
const scoreMargin = 0.1

// scored returns the smallest file of a picture that has the Score of a Spec, or the best one if there is none. The
// first quality to try is the one that the variant before had in this format. trials is how many files were encoded.
func (w variantWriter) scored(ctx context.Context, f format.Format, m raster.Picture, o format.Options, score int) (best qualitysearch.Trial, trials int, err error) {
	pixels, err := m.NRGBA(ctx)
	if err != nil {
		return best, 0, err
	}
	reference, err := ssimulacra2.New(ctx, pixels)
	if err != nil {
		return best, 0, err
	}
	first := cmp.Or(w.found[foundKey{f.Name, score}], qualitysearch.Typical(float64(score)))
	best, trials, err = qualitysearch.Search(ctx, float64(score)+scoreMargin, first, func(ctx context.Context, quality int) (qualitysearch.Trial, error) {
		o.Quality = quality
		data, err := f.Encode(ctx, m, o)
		if err != nil {
			return qualitysearch.Trial{}, err
		}
		decoded, err := f.Reread(ctx, data)
		if err != nil {
			return qualitysearch.Trial{}, err
		}
		got, err := reference.Score(ctx, decoded)
		return qualitysearch.Trial{Quality: quality, Score: got, Data: data}, err
	})
	w.found[foundKey{f.Name, score}] = best.Quality
	return best, trials, err
}

// foundKey says what a quality was found for.
type foundKey struct {
	format photo.Format
	score  int
}

// scoredMemory is the memory for searching the quality of a file, beside that for encoding it once: the pixels, what
// compares with them, and what trials leave behind until the collector takes it, which is that of two more at most.
func scoredMemory(f format.Format, s raster.Size, planar, opaque bool, o format.Options) int64 {
	trial := f.EncodeMemory(s, planar, o) + f.RereadMemory(s, o) + raster.PlanarMemory(s, o.Grey, true) // and planes with less colour
	return raster.RGBAMemory(s) + ssimulacra2.Memory(s.Width, s.Height, opaque) + 2*trial
}
