// Package demo demonstrates the system: it uploads sample photos, waits for the outcome of each, downloads every
// variant and checks all of it.
package demo

import (
	"context"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/local/samples"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// Config configures the demo.
type Config struct {
	Client  *client.Client
	Samples []samples.Sample // default: samples.Demo
	Dir     string           // folder of the downloaded variants; default: a new temporary folder, which is kept
	Out     io.Writer        // output
}

// parallel is the number of photos uploaded at the same time.
const parallel = 4

// line is the result of one sample.
type line struct {
	sample samples.Sample
	result client.Result
	sizes  []string // names and sizes of the downloaded variants
	faults []string
}

// Run runs the demo and prints a table. The error says how many samples did not have the expected outcome.
func Run(ctx context.Context, c Config) error {
	var err error
	if c.Samples == nil {
		if c.Samples, err = samples.Demo(); err != nil {
			return err
		}
	}
	if c.Dir == "" {
		if c.Dir, err = os.MkdirTemp("", "darkroom-variants-"); err != nil {
			return fmt.Errorf("create a folder for the variants: %w", err)
		}
	} else if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("create a folder for the variants: %w", err)
	}

	photos := make([]client.Photo, len(c.Samples))
	for i, s := range c.Samples {
		photos[i] = client.FromBytes(s.Name, s.ContentType, s.Bytes)
	}
	fmt.Fprintf(c.Out, "uploading %s, %d at a time\n\n", plural.Count(len(photos), "sample photo"), parallel)
	lines := make([]line, len(photos)) // parallel to the samples
	c.Client.UploadAll(ctx, photos, parallel, func(r client.Result) {
		i := slices.IndexFunc(c.Samples, func(s samples.Sample) bool { return s.Name == r.Photo.Name })
		lines[i] = line{sample: c.Samples[i], result: r}
	})
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("demo interrupted: %w", err)
	}
	wrong := 0
	for i := range lines {
		lines[i].examine(ctx, c)
		if len(lines[i].faults) > 0 {
			wrong++
		}
	}
	table(c.Out, lines)
	fmt.Fprintf(c.Out, "the variants are in %s\n", c.Dir)
	if wrong > 0 {
		return fmt.Errorf("%d of %s did not have the expected outcome", wrong, plural.Count(len(lines), "sample photo"))
	}
	fmt.Fprintf(c.Out, "%s, each with the expected outcome\n", plural.Count(len(lines), "sample photo"))
	return nil
}

// examine compares the outcome with the expected one and checks every variant.
func (l *line) examine(ctx context.Context, c Config) {
	fault := func(format string, args ...any) { l.faults = append(l.faults, fmt.Sprintf(format, args...)) }
	s, out := l.sample, l.result.Outcome
	switch {
	case l.result.Err != nil:
		fault("%v", l.result.Err)
		return
	case out.State != s.State || out.Reason != s.Reason:
		fault("is %s, should be %s", outcome(out.State, out.Reason), outcome(s.State, s.Reason))
		return
	case out.State == photo.Rejected:
		return
	case out.Width != s.Width || out.Height != s.Height:
		fault("is %dx%d, should be %dx%d", out.Width, out.Height, s.Width, s.Height)
	}
	boxes := slices.Clone(samples.Boxes)
	for _, v := range out.Variants {
		size, err := c.fetch(ctx, s, v)
		if err != nil {
			fault("%v", err)
			continue
		}
		l.sizes = append(l.sizes, fmt.Sprintf("%s %s", v.Name, size))
		i := slices.IndexFunc(boxes, func(b samples.Box) bool { return b.Name == v.Name })
		if i < 0 {
			fault("has an unexpected variant %s", v.Name)
			continue
		}
		want := boxes[i].Size(s.Width, s.Height)
		if d := size.Sub(want.X, want.Y); d.w < -1 || d.w > 1 || d.h < -1 || d.h > 1 {
			fault("variant %s is %s, should be %dx%d", v.Name, size, want.X, want.Y)
		}
		boxes = slices.Delete(boxes, i, i+1)
	}
	for _, b := range boxes {
		fault("has no variant %s", b.Name)
	}
}

type size struct{ w, h int }

func (s size) String() string    { return fmt.Sprintf("%dx%d", s.w, s.h) }
func (s size) Sub(w, h int) size { return size{s.w - w, s.h - h} }

// fetch downloads a variant, stores it and checks its pixels. It returns the decoded size.
func (c Config) fetch(ctx context.Context, s samples.Sample, v contract.Variant) (size, error) {
	b, err := c.Client.Download(ctx, v)
	if err != nil {
		return size{}, err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, fileName(s.Name, v)), b, 0o644); err != nil {
		return size{}, err
	}
	got, err := s.Check(b)
	if err != nil {
		return size{}, err
	}
	if got.X != v.Width || got.Y != v.Height {
		return size{}, fmt.Errorf("variant %s decodes to %dx%d, the manifest says %dx%d",
			v.Name, got.X, got.Y, v.Width, v.Height)
	}
	return size{got.X, got.Y}, nil
}

// fileName returns a name such as tall-large.jpg for the variant large of tall.png.
func fileName(sample string, v contract.Variant) string {
	ext := ".bin"
	if f, ok := photo.FormatOf(v.ContentType); ok {
		ext = "." + f.Ext()
	} else if all, err := mime.ExtensionsByType(v.ContentType); err == nil && len(all) > 0 {
		ext = all[0]
	}
	return strings.TrimSuffix(sample, filepath.Ext(sample)) + "-" + v.Name + ext
}

// outcome returns a state and, if there is one, its reason.
func outcome(s photo.State, r photo.Reason) string {
	if r != "" {
		return fmt.Sprintf("%s: %s", s, r)
	}
	return string(s)
}

// table prints a row for each sample, and what is wrong.
func table(w io.Writer, lines []line) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PHOTO\tEXPECTED\tOUTCOME\tTIME\tVARIANTS")
	for _, l := range lines {
		got := "failed"
		if l.result.Err == nil {
			got = outcome(l.result.Outcome.State, l.result.Outcome.Reason)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", l.sample.Name, outcome(l.sample.State, l.sample.Reason), got,
			l.result.Outcome.Took.Round(time.Millisecond), strings.Join(l.sizes, ", "))
	}
	t.Flush()
	fmt.Fprintln(w)
	for _, l := range lines {
		for _, fault := range l.faults {
			fmt.Fprintf(w, "WRONG  %s: %s\n", l.sample.Name, fault)
		}
	}
}
