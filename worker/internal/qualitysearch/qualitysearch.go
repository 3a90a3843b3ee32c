// Package qualitysearch finds the lowest quality of an encoder that gives a picture a wanted score. Encoding and
// scoring are costly, so it predicts the score of a quality from those already known, and encodes only a few times.
//
// The loss of a picture, 100 minus its score, is nearly a power of the step of an encoder's quantiser. For JPEG the
// exponent is about 0.45. The first prediction has that exponent, and later ones go through two trials. A quality is
// converted to a step as libjpeg does it. If this is wrong, a search only takes more trials.
package qualitysearch

import (
	"context"
	"math"
)

// The range of qualities.
const (
	Lowest  = 1
	Highest = 100
)

// MaxTrials is the most trials of a search.
const MaxTrials = 6

// Trial is a picture encoded at a quality.
type Trial struct {
	Quality int
	Score   float64 // at most 100
	Data    []byte
}

// Encode encodes the picture at a quality, Lowest to Highest, and scores the result.
type Encode func(ctx context.Context, quality int) (Trial, error)

// Search returns the smallest trial that has at least the target score. The target must be less than 100. If there is
// none, it returns the trial with the highest score, and has then tried Highest. first is the quality to try first.
// Search ends when the quality below the one found is too low or is predicted to be, when the score is at most 0.3
// above the target, or after MaxTrials trials. It returns an error of encode unchanged. trials is how often it called
// encode.
func Search(ctx context.Context, target float64, first int, encode Encode) (best Trial, trials int, err error) {
	s := &search{target: target}
	quality := min(max(first, Lowest), Highest)
	for trials = 1; ; trials++ {
		trial, err := encode(ctx, quality)
		if err != nil {
			return Trial{}, trials, err
		}
		s.add(trial)
		next, more := s.next()
		if !more || trials == MaxTrials {
			return s.best, trials, nil
		}
		if trials == MaxTrials-1 {
			if s.best.Score >= target {
				return s.best, trials, nil
			}
			next = Highest
		}
		quality = next
	}
}

// Typical returns the quality at which JPEGs of photos typically have this score, such as 78 for 75. The score must be
// less than 100.
func Typical(score float64) int {
	p := point{quality: 78}
	return qualityOf(p.step() + math.Log((100-score)/25)/exponent)
}

// search holds the trials of a picture so far.
type search struct {
	target float64
	best   Trial
	points []point // sorted by quality, each once
}

// point is a trial without its data.
type point struct {
	quality int
	score   float64
}

// add records a trial.
func (s *search) add(t Trial) {
	i := 0
	for i < len(s.points) && s.points[i].quality < t.Quality {
		i++
	}
	s.points = append(s.points[:i], append([]point{{t.Quality, t.Score}}, s.points[i:]...)...)
	good, known := t.Score >= s.target, s.best.Score >= s.target && s.best.Data != nil
	switch {
	case s.best.Data == nil, good && !known, good && len(t.Data) < len(s.best.Data), !good && !known && t.Score > s.best.Score:
		s.best = t
	}
}

// bracket returns the highest quality that is too low, and the lowest quality above it that is not. Without such a
// quality, it returns the one just beyond the range.
func (s *search) bracket() (low, high int) {
	low, high = Lowest-1, Highest+1
	for _, p := range s.points {
		if p.score < s.target {
			low, high = p.quality, Highest+1
		} else if high > Highest {
			high = p.quality
		}
	}
	return low, high
}

// next returns the quality to try next. more is false if no other quality is worth a trial.
func (s *search) next() (quality int, more bool) {
	low, high := s.bracket()
	found := s.predict()
	switch {
	case high-low <= 1, high <= Highest && found >= high: // the quality below is too low, or predicted to be
		return 0, false
	case s.best.Score >= s.target && s.best.Score <= s.target+tolerance:
		return 0, false
	case low >= Lowest && (found <= low || found >= high): // a wrong prediction: halve what is left
		return (low + high) / 2, true
	}
	return min(max(found, low+1), high-1), true
}

// tolerance is how far a score may be above the target without another trial: about 1 % of the bytes of a photo.
const tolerance = 0.3

// exponent is assumed until two trials show the real one.
const exponent = 0.45

// predict returns the lowest quality that should have the target score.
func (s *search) predict() int {
	a, b := s.nearest()
	k := exponent
	if b != nil {
		slope := (a.loss() - b.loss()) / (a.step() - b.step())
		between := (a.score < s.target) != (b.score < s.target)
		if slope > 0 && (between || slope > exponent/4 && slope < exponent*4) {
			k = slope
		}
	}
	return qualityOf(a.step() + (math.Log(100-s.target)-a.loss())/k)
}

// nearest returns the point whose score is nearest to the target, and a second one: the nearest on the other side of
// the target, or else the one with the most distant quality, which noise moves least. b is nil if there is only one
// point.
func (s *search) nearest() (a, b *point) {
	far := func(p *point) float64 { return math.Abs(p.score - s.target) }
	for i := range s.points {
		if p := &s.points[i]; a == nil || far(p) < far(a) {
			a = p
		}
	}
	apart := func(p, q *point) int { return max(p.quality-q.quality, q.quality-p.quality) }
	across := func(p *point) bool { return (p.score < s.target) != (a.score < s.target) }
	for i := range s.points {
		p := &s.points[i]
		switch {
		case p == a:
		case b == nil, across(p) && !across(b), across(p) && across(b) && far(p) < far(b),
			!across(p) && !across(b) && apart(p, a) > apart(b, a):
			b = p
		}
	}
	return a, b
}

// loss is the logarithm of the loss. A loss below 0.01 counts as one.
func (p point) loss() float64 { return math.Log(max(100-p.score, 0.01)) }

// half is the quality at which a step is 1.
const half = 50

// step is the logarithm of the quantiser's step.
func (p point) step() float64 {
	if p.quality < half {
		return math.Log(half / float64(p.quality))
	}
	return math.Log((Highest + 0.5 - float64(p.quality)) / (Highest + 0.5 - half))
}

// qualityOf returns the lowest quality that has at most this step, at least Lowest.
func qualityOf(step float64) int {
	q := half / math.Exp(step)
	if step < 0 {
		q = Highest + 0.5 - math.Exp(step)*(Highest+0.5-half)
	}
	return max(int(math.Ceil(q-1e-9)), Lowest)
}
