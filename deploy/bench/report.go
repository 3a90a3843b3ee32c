package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// report is the result of a benchmark.
type report struct {
	Worker string            `json:"worker"` // version
	Sharp  map[string]string `json:"sharp"`  // versions of sharp and its libraries
	Rounds int               `json:"rounds"`
	Repeat int               `json:"repeat"` // number of photos in a measurement
	Photos []row             `json:"photos"`
	Means  []row             `json:"means"` // a row for each kind: geometric means, except for PSNR
}

// row has the results of a photo, or of all photos of a kind.
type row struct {
	Name    string           `json:"name"`
	Kind    kind             `json:"kind"`
	Count   int              `json:"count"`            // number of photos
	Width   int              `json:"width,omitempty"`  // pixels, upright; only of a photo
	Height  int              `json:"height,omitempty"` // pixels, upright; only of a photo
	Sides   [sideCount]facts `json:"sides"`
	OfUsual spread           `json:"darkroomToUsual"` // ratio of CPU times
	OfBest  spread           `json:"darkroomToBest"`
}

// facts are the results of one side for the photos of a row.
type facts struct {
	Name  string             `json:"name"`
	CPU   spread             `json:"cpuMilliseconds"` // per photo
	Peak  float64            `json:"peakBytes"`
	Bytes float64            `json:"variantBytes"` // total of a photo's variants
	PSNR  map[string]float64 `json:"psnr"`         // dB, by variant
}

func newReport(all []*samples, b bench) report {
	r := report{Rounds: b.rounds, Repeat: b.repeat}
	for _, s := range all {
		photo := newRow(s.photo.name, s.photo.kind, b.sides, []*samples{s})
		photo.Width, photo.Height = s.size.X, s.size.Y
		r.Photos = append(r.Photos, photo)
	}
	for _, k := range kinds {
		var group []*samples
		for _, s := range all {
			if s.photo.kind == k {
				group = append(group, s)
			}
		}
		if len(group) > 0 {
			r.Means = append(r.Means, newRow(fmt.Sprintf("mean of %d", len(group)), k, b.sides, group))
		}
	}
	return r
}

// newRow takes the mean over the photos in each round, and then the median over the rounds.
func newRow(name string, k kind, sides []side, group []*samples) row {
	r := row{Name: name, Kind: k, Count: len(group)}
	over := func(value func(*samples) []float64) spread {
		rounds := make([]float64, len(value(group[0])))
		for i := range rounds {
			var values []float64
			for _, s := range group {
				values = append(values, value(s)[i])
			}
			rounds[i] = geometricMean(values)
		}
		return spreadOf(rounds)
	}
	r.OfUsual = over(func(s *samples) []float64 { return ratios(s.cpu[darkroom], s.cpu[usual]) })
	r.OfBest = over(func(s *samples) []float64 { return ratios(s.cpu[darkroom], s.cpu[best]) })
	for which := range r.Sides {
		f := facts{Name: sides[which].name, PSNR: map[string]float64{}}
		f.CPU = over(func(s *samples) []float64 { return s.cpu[which] })
		f.Peak = over(func(s *samples) []float64 { return s.peak[which] }).Median
		var totals []float64
		for _, s := range group {
			total := 0.0
			for _, v := range s.variants[which] {
				total += float64(v.bytes)
			}
			totals = append(totals, total)
		}
		f.Bytes = geometricMean(totals)
		for i, v := range sizes {
			var values []float64
			for _, s := range group {
				values = append(values, s.variants[which][i].psnr)
			}
			f.PSNR[v.Name] = mean(values)
		}
		r.Sides[which] = f
	}
	return r
}

func (r report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// writeTables prints a table of ratios, memory and bytes, and a table of quality.
func (r report) writeTables(w io.Writer) error {
	fmt.Fprintf(w, "darkroom: %s\n", r.Worker)
	fmt.Fprintf(w, "sharp:    %s with libvips %s and mozjpeg %s\n", r.Sharp["sharp"], r.Sharp["vips"], r.Sharp["mozjpeg"])
	fmt.Fprintf(w, "A photo to 1600, 800 and 320 px JPEG at quality %d, or PNG for png-alpha, on one thread. Rounds: %d, photos per measurement: %d. Medians (min-max); means are geometric.\n", quality, r.Rounds, r.Repeat)
	fmt.Fprintf(w, "Groups of three numbers are darkroom, sharp-usual, sharp-best. A ratio below 1 means that darkroom uses less CPU time.\n\n")
	rows := append(append([]row{}, r.Photos...), r.Means...)

	t := table{{"PHOTO", "KIND", "CPU MS/PHOTO", "DARKROOM/USUAL", "DARKROOM/BEST", "PEAK MB", "VARIANTS KB"}}
	for _, p := range rows {
		t = append(t, []string{p.Name, string(p.Kind),
			p.figures("%.0f", func(f facts) float64 { return f.CPU.Median }), p.OfUsual.ratio(), p.OfBest.ratio(),
			p.figures("%.0f", func(f facts) float64 { return f.Peak / 1e6 }),
			p.figures("%.0f", func(f facts) float64 { return f.Bytes / 1e3 }),
		})
	}
	if err := t.write(w); err != nil {
		return err
	}

	fmt.Fprintf(w, "\nPSNR of the luma in dB, after encoding, against a Lanczos reduction of the full-size original, blended with white if transparent; means are arithmetic.\n\n")
	head := []string{"PHOTO", "KIND"}
	for _, v := range sizes {
		head = append(head, strings.ToUpper(v.Name))
	}
	t = table{head}
	for _, p := range rows {
		line := []string{p.Name, string(p.Kind)}
		for _, v := range sizes {
			line = append(line, p.figures("%.2f", func(f facts) float64 { return f.PSNR[v.Name] }))
		}
		t = append(t, line)
	}
	return t.write(w)
}

// figures formats one of the facts of each side.
func (r row) figures(format string, value func(facts) float64) string {
	var out []string
	for _, f := range r.Sides {
		out = append(out, fmt.Sprintf(format, value(f)))
	}
	return strings.Join(out, "  ")
}

func (s spread) ratio() string { return fmt.Sprintf("%.2f (%.2f-%.2f)", s.Median, s.Min, s.Max) }

// table is a list of lines of cells.
type table [][]string

func (t table) write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, line := range t {
		fmt.Fprintln(tw, strings.Join(line, "\t"))
	}
	return tw.Flush()
}
