// Command equalscore prints how many bytes Darkroom's JPEGs take at the same score as those of a standard encoder:
//
//	go run ./worker/internal/equalscore PHOTO...
//
// Each photo is rendered to fit inside 1600, 800 and 320 pixels. The baseline is a sequential JPEG of these pixels,
// encoded by package jpegn at quality 80 in 4:2:0, with the tables of ITU-T T.81, annex K.1, and Huffman codes made for
// the picture. Its score is the SSIMULACRA2 of the decoded file against the pixels. Darkroom's file is encoded from the
// same pixels at several qualities. The size at the score is interpolated between the two qualities around it: the
// logarithm of the bytes, linearly over the score.
//
// The command prints a line for each photo and size: both sizes in bytes, their ratio, the score, and how Darkroom's
// file at quality 80 differs from the baseline, in points and in bytes. Means follow: of ratios the geometric mean, of
// points the arithmetic mean. A photo smaller than a size is left out for that size.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "equalscore:", err)
		os.Exit(1)
	}
}

// run prints the table of the photos at these paths.
func run(ctx context.Context, out io.Writer, paths []string) error {
	if len(paths) == 0 {
		return errors.New("name at least one photo")
	}
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "PHOTO\tPIXELS\tBASELINE\tDARKROOM\tRATIO\tSCORE\tQ80 POINTS\tQ80 BYTES")
	total := map[int]*mean{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		variants, err := render(ctx, data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, v := range variants {
			r, err := measure(ctx, v.pixels)
			if err != nil {
				return fmt.Errorf("%s at %d pixels: %w", path, v.side, err)
			}
			fmt.Fprintf(table, "%s\t%d\t%d\t%.0f\t%.4f\t%.2f\t%+.2f\t%.4f\n",
				filepath.Base(path), v.side, r.baseline, r.bytes, r.ratio(), r.score, r.points, r.usual)
			if total[v.side] == nil {
				total[v.side] = &mean{}
			}
			total[v.side].add(r)
		}
	}
	for _, side := range sides {
		if m := total[side]; m != nil {
			fmt.Fprintf(table, "mean of %d\t%d\t\t\t%.4f\t\t%+.2f\t%.4f\n", m.n, side, m.ratio(), m.points/float64(m.n), m.defaultRatio())
		}
	}
	return table.Flush()
}

// mean adds up the results of a size.
type mean struct {
	n                          int
	logRatio, logUsual, points float64
}

func (m *mean) add(r result) {
	m.n++
	m.logRatio += math.Log(r.ratio())
	m.logUsual += math.Log(r.usual)
	m.points += r.points
}

// ratio returns the geometric mean of the ratios at equal score.
func (m *mean) ratio() float64 { return math.Exp(m.logRatio / float64(m.n)) }

// defaultRatio returns the geometric mean of the ratios at quality 80.
func (m *mean) defaultRatio() float64 { return math.Exp(m.logUsual / float64(m.n)) }
