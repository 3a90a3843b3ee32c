package report

import (
	"fmt"
	"html"
	"math"
	"os"
	"strings"
	"time"

	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/simulation"
)

// line is one line of a panel. A point that is not ok leaves a gap.
type line struct {
	name, color string
	value       func(simulation.Point) (y float64, ok bool)
}

func count(f func(simulation.Point) int) func(simulation.Point) (float64, bool) {
	return func(p simulation.Point) (float64, bool) { return float64(f(p)), true }
}

func latency(f func(simulation.Point) time.Duration) func(simulation.Point) (float64, bool) {
	return func(p simulation.Point) (float64, bool) { return f(p).Seconds(), f(p) > 0 }
}

const blue, orange = "#1f77b4", "#d95f02"

var panels = []struct {
	title string
	lines []line
}{
	{"Messages", []line{
		{"in flight", orange, count(func(p simulation.Point) int { return p.InFlight })},
		{"waiting", blue, count(func(p simulation.Point) int { return p.Visible })}}},
	{"Tasks", []line{
		{"desired", orange, count(func(p simulation.Point) int { return p.Desired })},
		{"at work", blue, count(func(p simulation.Point) int { return p.Running })}}},
	{"Seconds to ready, by upload", []line{
		{"max", orange, latency(func(p simulation.Point) time.Duration { return p.Max })},
		{"median", blue, latency(func(p simulation.Point) time.Duration { return p.P50 })}}},
}

// Layout in pixels. No library draws the plot: those that write SVG bring parts under other licences, for six lines on
// three axes.
const (
	left, plotWidth, right        = 70, 700, 20
	top, plotHeight, below, under = 40, 160, 50, 20
)

// svg returns a plot of backlog, tasks and latency over the minutes since the first upload.
func svg(p *played) string {
	begin := p.Config.Arrivals[0]
	minutes := func(at time.Duration) float64 { return (at - begin).Minutes() }
	end := minutes(p.Points[len(p.Points)-1].At)
	x := axis{low: -0.02 * end, high: end, from: left, to: left + plotWidth}
	var b strings.Builder
	width, height := left+plotWidth+right, top+len(panels)*(plotHeight+below)+under
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`font-family="sans-serif" font-size="12">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/>`+"\n"+
		`<text x="%d" y="18" font-size="14">%s: %s</text>`+"\n", left, html.EscapeString(p.Name), html.EscapeString(p.What))
	for i, panel := range panels {
		ceiling := top + i*(plotHeight+below)
		y := axis{high: 1, from: float64(ceiling + plotHeight), to: float64(ceiling)}
		for _, l := range panel.lines {
			for _, at := range p.Points {
				if v, ok := l.value(at); ok && minutes(at.At) >= x.low {
					y.high = max(y.high, v)
				}
			}
		}
		for _, v := range y.ticks() {
			fmt.Fprintf(&b, `<path d="M%d %.1fh%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left,
				y.pixel(v), plotWidth, left-6, y.pixel(v)+4, format.Number(int(v)))
		}
		for _, v := range x.ticks() {
			fmt.Fprintf(&b, `<path d="M%.1f %dv%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n",
				x.pixel(v), ceiling, plotHeight, x.pixel(v), ceiling+plotHeight+16, v)
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`+"\n", left, ceiling-6, panel.title)
		for j, l := range panel.lines {
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end" fill="%s">%s</text>`+"\n", left+plotWidth-80*j, ceiling-6,
				l.color, l.name)
			var path strings.Builder
			pen := "M"
			for _, at := range p.Points {
				v, ok := l.value(at)
				if !ok || minutes(at.At) < x.low {
					pen = "M"
					continue
				}
				fmt.Fprintf(&path, "%s%.1f %.1f", pen, x.pixel(minutes(at.At)), y.pixel(v))
				pen = "L"
			}
			fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.5" stroke-linecap="round"/>`+"\n",
				path.String(), l.color)
		}
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">minutes since the first upload</text>`+"\n</svg>\n",
		left+plotWidth/2, height-12)
	return b.String()
}

// axis maps values to pixels.
type axis struct{ low, high, from, to float64 }

func (a axis) pixel(v float64) float64 { return a.from + (v-a.low)/(a.high-a.low)*(a.to-a.from) }

// ticks returns about three to six round values.
func (a axis) ticks() []float64 {
	step := math.Pow(10, math.Floor(math.Log10((a.high-a.low)/3)))
	for _, f := range []float64{5, 2} {
		if (a.high-a.low)/(step*f) >= 3 {
			step *= f
			break
		}
	}
	step = max(step, 1)
	var t []float64
	for v := math.Ceil(a.low/step)*step + 0; v <= a.high; v += step { // adding 0 turns -0 into 0
		t = append(t, v)
	}
	return t
}

// Draw writes the plot of a scenario to a file.
func Draw(p *scenario.Played, file string) error {
	if err := os.WriteFile(file, []byte(svg(p)), 0o644); err != nil {
		return fmt.Errorf("plot %s: %w", p.Name, err)
	}
	return nil
}
