package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"darkroom/deploy/bench/internal/side"
	"darkroom/deploy/bench/internal/table"
)

// writeTables prints a table for each photo and format, one for each mean, and the costs.
func (r report) writeTables(w io.Writer) error {
	for _, line := range append(r.programs(), r.method()...) {
		fmt.Fprintln(w, line)
	}
	for _, p := range slices.Concat(r.Photos, r.Means) {
		size := ""
		if p.Width > 0 {
			size = fmt.Sprintf("%d x %d, ", p.Width, p.Height)
		}
		fmt.Fprintf(w, "\n%s: %s%s, to %s\n\n", p.Name, size, p.Kind, p.Format)
		if err := r.sides(p).Write(w); err != nil {
			return err
		}
	}
	return r.writeBills(w)
}

// programs returns lines that name the measured programs.
func (r report) programs() []string {
	v := r.Versions
	lines := []string{fmt.Sprintf("darkroom: %s, on %s", v.Worker, r.System)}
	if v.Sharp != nil {
		lines = append(lines, fmt.Sprintf("sharp: %s with libvips %s and mozjpeg %s", v.Sharp["sharp"], v.Sharp["vips"], v.Sharp["mozjpeg"]))
	}
	if v.Vips != "" {
		lines = append(lines, fmt.Sprintf("%s: %s", side.VIPSProgram, v.Vips))
	}
	return lines
}

// method returns lines that say what the columns are.
func (r report) method() []string {
	return []string{
		fmt.Sprintf("A photo to 1600, 800 and 320 px on one thread: JPEG and WebP at quality %d, AVIF at %d, or PNG.", side.ToJPEG.Quality, side.ToAVIF.Quality),
		fmt.Sprintf("Rounds: %d. Photos per measurement: %d, and fewer for AVIF. Means are geometric, of scores arithmetic.", r.Rounds, r.Repeat),
		"CPU MS: per photo, median of the rounds.",
		"DARKROOM/IT: CPU time of darkroom, divided by that of the side: median (min-max). Below 1, darkroom is faster.",
		"KB: of the three variants together.",
		"PHOTO: SSIMULACRA2 of large, medium and small against the photo, reduced in linear light.",
		"PIXELS: the same against the side's own pixels before encoding.",
		fmt.Sprintf("KB AT %g: what the variants take if each has that score against its own pixels.", r.Score),
	}
}

// sides returns the table of a photo or a mean, with a line for each side.
func (r report) sides(p row) table.Table {
	t := table.Table{{"SIDE", "CPU MS", "DARKROOM/IT", "PEAK MB", "KB", "PHOTO", "PIXELS", fmt.Sprintf("KB AT %g", r.Score)}}
	for i, f := range p.Sides {
		ratio := ""
		if i != side.Darkroom {
			ratio = f.Ratio.ratio()
		}
		t = append(t, []string{f.Name, fmt.Sprintf("%.0f", f.CPU.Median), ratio, fmt.Sprintf("%.0f", f.Peak/1e6),
			kilobytes(f.Bytes), list(f.Reference), list(f.Pixels), kilobytes(f.Equal)})
	}
	return t
}

// kilobytes returns the sum of the bytes of variants in KB, or a hyphen if one is unknown.
func kilobytes(bytes []float64) string {
	if total(bytes) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", total(bytes)/1e3)
}

// list returns scores with one decimal place.
func list(values []float64) string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("%.1f", v))
	}
	return strings.Join(out, " ")
}

func (s spread) ratio() string { return fmt.Sprintf("%.2f (%.2f-%.2f)", s.Median, s.Min, s.Max) }
