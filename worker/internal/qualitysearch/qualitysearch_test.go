package qualitysearch

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// curve returns an encoder with the given scores. Its files grow with the quality.
func curve(score func(quality int) float64, trials *int) Encode {
	return func(_ context.Context, quality int) (Trial, error) {
		*trials++
		return Trial{Quality: quality, Score: min(score(quality), 100), Data: make([]byte, 100+quality)}, nil
	}
}

// power returns a curve like those of real encoders.
func power(loss, exponent float64) func(int) float64 {
	return func(q int) float64 {
		return 100 - loss*math.Exp(exponent*(point{quality: q}.step()-point{quality: 80}.step()))
	}
}

func TestSearch(t *testing.T) {
	for _, tc := range []struct {
		name   string
		score  func(int) float64
		target float64
		want   int // quality
		trials int // most trials allowed
	}{
		{"as predicted", power(25, 0.45), 75, 80, 1},
		{"better", power(18, 0.45), 75, 58, 2},
		{"worse", power(32, 0.45), 75, 89, 2},
		{"steeper", power(32, 0.7), 75, 87, 3},
		{"flatter", power(20, 0.25), 75, 51, 4},
		{"linear", func(q int) float64 { return float64(q) }, 75, 75, 3},
		{"a step", func(q int) float64 { return map[bool]float64{true: 90, false: 40}[q >= 63] }, 75, 71, MaxTrials},
		{"never", func(q int) float64 { return float64(q) / 2 }, 75, 100, MaxTrials},
		{"always", func(int) float64 { return 99 }, 75, 1, MaxTrials},
		{"flat and low", func(int) float64 { return 20 }, 75, 80, MaxTrials},
		{"exact", func(int) float64 { return 100 }, 75, 1, MaxTrials},
	} {
		called := 0
		got, trials, err := Search(t.Context(), tc.target, 80, curve(tc.score, &called))
		if err != nil || trials != called {
			t.Fatalf("%s: %d trials of %d, error %v", tc.name, trials, called, err)
		}
		if got.Quality != tc.want || trials > tc.trials {
			t.Errorf("%s: quality %d with a score of %.2f after %d trials, want %d after at most %d", tc.name, got.Quality, got.Score, trials, tc.want, tc.trials)
		}
	}
}

// TestSearchNoisy draws realistic curves with noise. Few trials must find a quality that is at most two steps or 0.4
// points too high, in all but one case of 200.
func TestSearchNoisy(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	sum, count, high := 0, 0, 0
	for range 2000 {
		ideal := power(15+random.Float64()*20, 0.35+random.Float64()*0.2)
		noise := make([]float64, Highest+1)
		for i := range noise {
			noise[i] = random.NormFloat64() * 0.05
		}
		score := func(q int) float64 { return ideal(q) + noise[q] }
		trials := 0
		got, _, err := Search(t.Context(), 75, 78, curve(score, &trials))
		if err != nil {
			t.Fatal(err)
		}
		sum, count = sum+trials, count+1
		lowest := Lowest
		for score(lowest) < 75 {
			lowest++
		}
		switch {
		case got.Score < 75:
			t.Errorf("quality %d with a score of %.2f", got.Quality, got.Score)
		case got.Quality > lowest+2 && got.Score > 75.4:
			high++
		}
	}
	if high > count/200 {
		t.Errorf("%d of %d qualities are too high", high, count)
	}
	if mean := float64(sum) / float64(count); mean > 2.8 {
		t.Errorf("%.2f trials on average, want at most 2.8", mean)
	}
}

func TestTypical(t *testing.T) {
	for score, want := range map[float64]int{75: 78, 90: 98, 60: 40, 30: 12} {
		if got := Typical(score); got != want {
			t.Errorf("score %v: quality %d, want %d", score, got, want)
		}
	}
}

func TestSearchError(t *testing.T) {
	wrong := errors.New("wrong")
	for after := range 3 {
		trials := 0
		encode := curve(func(q int) float64 { return float64(q) / 2 }, &trials)
		_, _, err := Search(t.Context(), 75, 80, func(ctx context.Context, quality int) (Trial, error) {
			if trials == after {
				return Trial{}, wrong
			}
			return encode(ctx, quality)
		})
		if !errors.Is(err, wrong) {
			t.Errorf("after %d trials: error %v, want that of the encoder", after, err)
		}
	}
}

// FuzzSearch draws arbitrary curves: every quality is tried at most once, and the best trial is returned.
func FuzzSearch(f *testing.F) {
	f.Add(uint8(75), uint8(80), []byte{10, 200, 30})
	f.Add(uint8(30), uint8(0), []byte{255})
	f.Add(uint8(95), uint8(255), []byte{})
	f.Fuzz(func(t *testing.T, target, first uint8, scores []byte) {
		want := float64(target % 100)
		tried := map[int]Trial{}
		got, _, err := Search(t.Context(), want, int(first), func(_ context.Context, quality int) (Trial, error) {
			if quality < Lowest || quality > Highest {
				t.Fatalf("quality %d", quality)
			}
			if _, again := tried[quality]; again {
				t.Fatalf("quality %d again", quality)
			}
			trial := Trial{Quality: quality, Data: make([]byte, quality)}
			if len(scores) > 0 {
				v := scores[quality%len(scores)]
				trial.Score = float64(v)*1.2 - 206
				trial.Data = make([]byte, 1+int(v)%7)
			}
			tried[quality] = trial
			return trial, nil
		})
		if err != nil || len(tried) > MaxTrials {
			t.Fatalf("%d trials, error %v", len(tried), err)
		}
		best := tried[got.Quality]
		if best.Score != got.Score || len(best.Data) != len(got.Data) {
			t.Fatalf("the result is no trial: %v", got)
		}
		for _, trial := range tried {
			switch {
			case trial.Score >= want && got.Score < want, trial.Score >= want && len(trial.Data) < len(got.Data),
				got.Score < want && trial.Score > got.Score:
				t.Errorf("found quality %d with %.2f and %d bytes, but tried %d with %.2f and %d", got.Quality, got.Score, len(got.Data),
					trial.Quality, trial.Score, len(trial.Data))
			}
		}
		if _, highest := tried[Highest]; got.Score < want && !highest {
			t.Errorf("found nothing and did not try %d", Highest)
		}
	})
}
