package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/side"
)

// versions holds the versions of the measured programs. A program that was not needed has none.
type versions struct {
	Worker string            `json:"worker"`
	Sharp  map[string]string `json:"sharp,omitempty"` // versions of sharp and its libraries
	Vips   string            `json:"vipsthumbnail,omitempty"`
}

// report is the result of a benchmark.
type report struct {
	Versions versions `json:"versions"`
	System   string   `json:"system"` // operating system and architecture
	Rounds   int      `json:"rounds"`
	Repeat   int      `json:"repeat"` // number of photos in a measurement
	Score    float64  `json:"score"`  // at which bytes are compared
	Photos   []row    `json:"photos"`
	Means    []row    `json:"means"` // a row for each kind and format; geometric means, arithmetic for scores and PSNR
	Bills    []bill   `json:"bills"`
}

// row has the results of a photo in one format, or of all photos of a kind.
type row struct {
	Name   string        `json:"name"`
	Kind   photoset.Kind `json:"kind"`
	Format string        `json:"format"`           // format of the variants
	Count  int           `json:"count"`            // number of photos
	Width  int           `json:"width,omitempty"`  // pixels, upright; only if the row is for one photo
	Height int           `json:"height,omitempty"` // pixels, upright; only if the row is for one photo
	Sides  []facts       `json:"sides"`            // the first is darkroom
}

// facts holds the results of one side for the photos of a row. Lists have an entry for each size, from large to small.
type facts struct {
	Name      string    `json:"name"`
	CPU       spread    `json:"cpuMilliseconds"` // per photo
	Ratio     spread    `json:"darkroomTo"`      // CPU time of darkroom, divided by that of this side
	Peak      float64   `json:"peakBytes"`
	Bytes     []float64 `json:"bytes"`
	Equal     []float64 `json:"equalBytes"` // bytes at the score of the report; 0 if unknown
	Reference []float64 `json:"reference"`  // SSIMULACRA2 against the photo, reduced in linear light
	Pixels    []float64 `json:"pixels"`     // SSIMULACRA2 against the pixels before encoding
	PSNR      []float64 `json:"psnr"`       // luma in dB, against the photo
}

// setConditions sets what all results have in common, except for the versions.
func (r *report) setConditions(b bench) {
	r.Rounds, r.Repeat, r.Score, r.System = b.rounds, b.repeat, b.score, runtime.GOOS+"/"+runtime.GOARCH
}

// add adds the results of photos.
func (r *report) add(all []*samples, b bench) {
	r.setConditions(b)
	for _, s := range all {
		photo := newRow(s.photo.Name, []*samples{s})
		photo.Width, photo.Height = s.size.X, s.size.Y
		r.Photos = append(r.Photos, photo)
	}
	for _, k := range photoset.Kinds {
		for _, t := range b.targets {
			var group []*samples
			for _, s := range all {
				if s.photo.Kind == k && s.to.Name == t.FormatFor(k).Name {
					group = append(group, s)
				}
			}
			if len(group) > 0 {
				r.Means = append(r.Means, newRow(fmt.Sprintf("mean of %d", len(group)), group))
			}
		}
	}
	r.Bills = bills(r.Photos)
}

// newRow returns the row of photos of one kind: the mean over the photos in each round, then the median over the
// rounds.
func newRow(name string, group []*samples) row {
	r := row{Name: name, Kind: group[0].photo.Kind, Format: group[0].to.Name, Count: len(group)}
	overRounds := func(value func(*samples) []float64) spread {
		rounds := make([]float64, len(value(group[0])))
		for i := range rounds {
			rounds[i] = geometricMean(values(group, func(s *samples) float64 { return value(s)[i] }))
		}
		return spreadOf(rounds)
	}
	for which, sd := range group[0].sides {
		f := facts{Name: sd.Name}
		f.CPU = overRounds(func(s *samples) []float64 { return s.cpu[which] })
		f.Ratio = overRounds(func(s *samples) []float64 { return ratios(s.cpu[side.Darkroom], s.cpu[which]) })
		f.Peak = overRounds(func(s *samples) []float64 { return s.peak[which] }).Median
		bySize := func(mean func([]float64) float64, value func(scores) []float64) (out []float64) {
			for i := range side.Sizes {
				out = append(out, mean(values(group, func(s *samples) float64 { return value(s.scores[which])[i] })))
			}
			return out
		}
		f.Bytes = bySize(geometricMean, func(s scores) []float64 { return s.bytes })
		f.Equal = bySize(geometricMean, func(s scores) []float64 { return s.equal }) // 0 if one of them is 0
		f.Reference = bySize(mean, func(s scores) []float64 { return s.reference })
		f.Pixels = bySize(mean, func(s scores) []float64 { return s.pixels })
		f.PSNR = bySize(mean, func(s scores) []float64 { return s.psnr })
		r.Sides = append(r.Sides, f)
	}
	return r
}

// values returns a value of each of the samples.
func values(group []*samples, value func(*samples) float64) (out []float64) {
	for _, s := range group {
		out = append(out, value(s))
	}
	return out
}

// total returns the sum over the sizes, or 0 if one is unknown.
func total(bytes []float64) (sum float64) {
	for _, b := range bytes {
		if b == 0 {
			return 0
		}
		sum += b
	}
	return sum
}

func (r report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
