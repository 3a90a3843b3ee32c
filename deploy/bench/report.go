package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// versions are those of the measured programs. A program that was not needed has none.
type versions struct {
	Worker string            `json:"worker"`
	Sharp  map[string]string `json:"sharp,omitempty"` // versions of sharp and its libraries
	Vips   string            `json:"vipsthumbnail,omitempty"`
}

// report is the result of a benchmark.
type report struct {
	Versions versions `json:"versions"`
	Rounds   int      `json:"rounds"`
	Repeat   int      `json:"repeat"` // number of photos in a measurement
	Photos   []row    `json:"photos"`
	Means    []row    `json:"means"` // a row for each kind: geometric means, except for PSNR
}

// row has the results of a photo, or of all photos of a kind.
type row struct {
	Name   string  `json:"name"`
	Kind   kind    `json:"kind"`
	Count  int     `json:"count"`            // number of photos
	Width  int     `json:"width,omitempty"`  // pixels, upright; only of a photo
	Height int     `json:"height,omitempty"` // pixels, upright; only of a photo
	Sides  []facts `json:"sides"`            // the first is darkroom
}

// facts are the results of one side for the photos of a row.
type facts struct {
	Name  string             `json:"name"`
	CPU   spread             `json:"cpuMilliseconds"` // per photo
	Ratio spread             `json:"darkroomTo"`      // CPU time of darkroom, divided by that of this side
	Peak  float64            `json:"peakBytes"`
	Bytes float64            `json:"variantBytes"` // total of a photo's variants
	PSNR  map[string]float64 `json:"psnr"`         // dB, by variant
}

// add adds the results of photos.
func (r *report) add(all []*samples, b bench) {
	r.Rounds, r.Repeat = b.rounds, b.repeat
	for _, s := range all {
		photo := newRow(s.photo.name, []*samples{s})
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
			r.Means = append(r.Means, newRow(fmt.Sprintf("mean of %d", len(group)), group))
		}
	}
}

// newRow takes the mean over photos of one kind in each round, and then the median over the rounds.
func newRow(name string, group []*samples) row {
	r := row{Name: name, Kind: group[0].photo.kind, Count: len(group)}
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
	for which, sd := range group[0].sides {
		f := facts{Name: sd.name, PSNR: map[string]float64{}}
		f.CPU = over(func(s *samples) []float64 { return s.cpu[which] })
		f.Ratio = over(func(s *samples) []float64 { return ratios(s.cpu[darkroom], s.cpu[which]) })
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
		r.Sides = append(r.Sides, f)
	}
	return r
}

func (r report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// writeTables prints a table of ratios, memory and bytes, and a table of quality, for each set of sides.
func (r report) writeTables(w io.Writer) error {
	v := r.Versions
	fmt.Fprintf(w, "darkroom: %s\n", v.Worker)
	if v.Sharp != nil {
		fmt.Fprintf(w, "sharp:    %s with libvips %s and mozjpeg %s\n", v.Sharp["sharp"], v.Sharp["vips"], v.Sharp["mozjpeg"])
	}
	if v.Vips != "" {
		fmt.Fprintf(w, "%s: %s\n", vipsProgram, v.Vips)
	}
	fmt.Fprintf(w, "A photo to 1600, 800 and 320 px JPEG at quality %d, or PNG for png-alpha, on one thread. Rounds: %d, photos per measurement: %d. Medians (min-max); means are geometric.\n", quality, r.Rounds, r.Repeat)
	rows := slices.Concat(r.Photos, r.Means)
	isHEIC := func(p row) bool { return p.Kind == heic }
	for _, rows := range [][]row{
		slices.DeleteFunc(slices.Clone(rows), isHEIC),
		slices.DeleteFunc(rows, func(p row) bool { return !isHEIC(p) }),
	} {
		if len(rows) == 0 {
			continue
		}
		if err := writeComparison(w, rows); err != nil {
			return err
		}
	}
	return nil
}

// writeComparison prints the tables of photos that the same sides rendered.
func writeComparison(w io.Writer, rows []row) error {
	var names []string
	for _, f := range rows[0].Sides {
		names = append(names, f.Name)
	}
	fmt.Fprintf(w, "\nThe numbers of a group are those of %s. A ratio below 1 means that darkroom uses less CPU time.\n\n", strings.Join(names, ", "))
	head := []string{"PHOTO", "KIND", "CPU MS/PHOTO"}
	for _, name := range names[1:] {
		head = append(head, "DARKROOM/"+strings.ToUpper(strings.TrimPrefix(name, "sharp-")))
	}
	t := table{append(head, "PEAK MB", "VARIANTS KB")}
	for _, p := range rows {
		line := []string{p.Name, string(p.Kind), p.figures("%.0f", func(f facts) float64 { return f.CPU.Median })}
		for _, f := range p.Sides[1:] {
			line = append(line, f.Ratio.ratio())
		}
		t = append(t, append(line,
			p.figures("%.0f", func(f facts) float64 { return f.Peak / 1e6 }),
			p.figures("%.0f", func(f facts) float64 { return f.Bytes / 1e3 })))
	}
	if err := t.write(w); err != nil {
		return err
	}

	fmt.Fprintf(w, "\nPSNR of the luma in dB, after encoding, against a Lanczos reduction of the full-size original, blended with white if transparent; means are arithmetic.\n\n")
	head = []string{"PHOTO", "KIND"}
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
