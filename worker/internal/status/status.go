// Package status serves a page for people: what a worker is doing, how fast it is, and what went wrong last. The page
// needs no script, nothing from another host and no scraper, and reloads itself. Whoever can reach the worker's port
// can read it, like the metrics. It shows keys, which contain the names of boards, and no receipt handle.
package status

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"slices"
	"time"
)

// Config holds what the page shows.
type Config struct {
	Version  string // version of the program
	Messages *Messages
	Recent   *Recent
	Rates    *Rates
	Finished []string     // outcomes of finished photos
	Healthy  func() error // nil while the worker makes progress
	Ready    func() error // nil while the worker takes new messages
}

// page is the data of the template.
type page struct {
	Version, Up          string
	Healthy, Ready       string // reason why not, or ""
	Slots, Free, Renders int
	Messages             []Message
	Outcomes, Rejections []Rate
	Retries              []Rate
	Photos               float64 // photos finished a second
	Median, Most         float64 // seconds, or NaN
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

// Handler returns the page. The worker's uptime counts from this call.
func Handler(c Config) http.Handler {
	began := time.Now()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		messages, slots := c.Messages.List(), c.Rates.Slots()
		p := page{
			Version: c.Version, Up: round(time.Since(began)), Healthy: reason(c.Healthy()), Ready: reason(c.Ready()),
			Slots: slots, Free: max(0, slots-len(messages)), Renders: c.Rates.RendersBusy(), Messages: messages,
			Outcomes:   c.Rates.Photos(),
			Rejections: nonzero(c.Rates.Rejections()),
			Retries:    nonzero(c.Rates.Retries()),
			Median:     c.Rates.EventToManifest(0.5),
			Most:       c.Rates.EventToManifest(0.99),
			Troubles:   c.Recent.List(),
		}
		for _, o := range p.Outcomes {
			if slices.Contains(c.Finished, o.Label) {
				p.Photos += o.PerSecond
			}
		}
		var b bytes.Buffer
		if err := layout.Execute(&b, p); err != nil {
			http.Error(w, "the page cannot be rendered: "+err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(b.Bytes()) // an error means that the client has gone
	})
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// nonzero returns the rates that have ever counted something.
func nonzero(all []Rate) []Rate {
	return slices.DeleteFunc(all, func(r Rate) bool { return r.Total == 0 })
}
