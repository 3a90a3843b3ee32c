// Package status is a page for people: what a worker is at, how fast it goes, and what went wrong last. It needs no script,
// nothing from elsewhere and nothing that scrapes, and renews itself. Whoever reaches the worker's port can read it, as they
// can its metrics; it shows keys, which name boards, and no receipt handle.
package status

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"time"
)

// Config is what a page is made of.
type Config struct {
	Version string // of the program
	Jobs    *Jobs
	Recent  *Recent
	Rates   *Rates
	Healthy func() error // nil while it makes progress
	Ready   func() error // nil while it takes new work
}

// page is what the template shows.
type page struct {
	Version, Up          string
	Healthy, Ready       string // why not; empty: it is
	Slots, Free, Renders int
	Jobs                 []Job
	Outcomes, Rejections []Rate
	Retries              []Rate
	Photos               float64 // a second
	Median, Most         float64 // seconds, of which NaN is none
	Troubles             []Trouble
}

//go:embed page.html
var text string

var layout = template.Must(template.New("status").Funcs(template.FuncMap{
	"ago":     func(t time.Time) string { return round(time.Since(t)) + " ago" },
	"round":   round,
	"seconds": seconds,
	"rate":    func(f float64) string { return fmt.Sprintf("%.2f", f) },
	"count":   func(f float64) string { return fmt.Sprintf("%.0f", f) },
}).Parse(text))

func seconds(s float64) string {
	if math.IsNaN(s) {
		return "–"
	}
	return round(time.Duration(s * float64(time.Second)))
}

func round(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Handler returns the page. It began when this was called.
func Handler(c Config) http.Handler {
	began := time.Now()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		jobs, slots := c.Jobs.List(), int(c.Rates.Gauge("darkroom_slots"))
		p := page{
			Version: c.Version, Up: round(time.Since(began)), Healthy: reason(c.Healthy()), Ready: reason(c.Ready()),
			Slots: slots, Free: max(0, slots-len(jobs)), Renders: int(c.Rates.Gauge("darkroom_renders_busy")), Jobs: jobs,
			Outcomes:   c.Rates.Counters("darkroom_photos_total", "outcome"),
			Rejections: happened(c.Rates.Counters("darkroom_rejections_total", "reason")),
			Retries:    happened(c.Rates.Counters("darkroom_retries_total", "reason")),
			Median:     c.Rates.Quantile("darkroom_event_to_manifest_seconds", 0.5),
			Most:       c.Rates.Quantile("darkroom_event_to_manifest_seconds", 0.99),
			Troubles:   c.Recent.List(),
		}
		for _, o := range p.Outcomes {
			if o.Label == "ready" || o.Label == "rejected" {
				p.Photos += o.PerSecond
			}
		}
		var b bytes.Buffer
		if err := layout.Execute(&b, p); err != nil {
			http.Error(w, "the page cannot be made: "+err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(b.Bytes()) // an error here means that the reader has gone
	})
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func happened(all []Rate) []Rate {
	var some []Rate
	for _, r := range all {
		if r.Total > 0 {
			some = append(some, r)
		}
	}
	return some
}
