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

// Bounds of the Score of a [Spec]. Below MinScore a picture looks damaged. Above MaxScore most pictures need quality
// 100.
const (
	MinScore = 30
	MaxScore = 95
)

// scoreMargin is added to the score that is searched for. Decoders round differently, so the scores of one JPEG differ
// by up to this much.
const scoreMargin = 0.1

// encodeForScore returns the smallest file of a picture that reaches the score, or else the best one. It first tries
// the quality that the previous variant got in this format. trials is how many files were encoded.
func (w variantWriter) encodeForScore(ctx context.Context, f format.Format, m raster.Picture, o format.Options, score int) (best qualitysearch.Trial, trials int, err error) {
	pixels, err := m.NRGBA(ctx)
	if err != nil {
		return best, 0, err
	}
	reference, err := ssimulacra2.New(ctx, pixels)
	if err != nil {
		return best, 0, err
	}
	first := cmp.Or(w.lastQualities[qualityKey{f.Name, score}], qualitysearch.Typical(float64(score)))
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
	w.lastQualities[qualityKey{f.Name, score}] = best.Quality
	return best, trials, err
}

// qualityKey says for which format and score a quality was found.
type qualityKey struct {
	format photo.Format
	score  int
}

// searchMemory returns the memory for searching the quality of a file, on top of that for encoding it once. It is for
// the pixels, for the comparison, and for the garbage of at most two trials.
func searchMemory(f format.Format, s raster.Size, planar, opaque bool, o format.Options) int64 {
	// The last for planes in 4:2:0.
	trial := f.EncodeMemory(s, planar, o) + f.RereadMemory(s, o) + raster.PlanarMemory(s, o.Grey, true)
	return raster.RGBAMemory(s) + ssimulacra2.Memory(s.Width, s.Height, opaque) + 2*trial
}
