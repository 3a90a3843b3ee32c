package reconcile

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// report counts, traces and logs what became of a photo. The caller logs an error, because it knows what it does about
// it. Only a photo that has an outcome counts in the metric of the stages.
func (r *Reconciler) report(ctx context.Context, t *target, outcome Outcome, err error) {
	t.time.enter("")
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		r.cfg.Metrics.photos.WithLabelValues(outcomeInterrupted).Inc()
		t.spans.end(outcomeInterrupted, nil)
		return
	case err != nil:
		r.cfg.Metrics.photos.WithLabelValues(outcomeError).Inc()
		t.spans.end(outcomeError, err)
		return
	}
	r.cfg.Metrics.photos.WithLabelValues(string(outcome)).Inc()
	if t.finished != nil {
		r.reportManifest(t, t.finished)
	}
	if t.spans.opened() {
		r.cfg.Metrics.observeStages(t.time.took(), t.spans.example)
	}
	r.log(ctx, t, outcome)
	t.spans.end(string(outcome), nil)
}

// reportManifest counts a manifest that this worker wrote.
func (r *Reconciler) reportManifest(t *target, m *photo.Manifest) {
	if !t.event.IsZero() {
		// The clock of the store may be ahead of ours.
		r.cfg.Metrics.observe(r.cfg.Metrics.eventToManifest, max(0, m.Created.Sub(t.event)), t.spans.example)
	}
	switch {
	case m.State == photo.Rejected:
		r.cfg.Metrics.rejections.WithLabelValues(string(m.Reason)).Inc()
		t.spans.rejected(m.Reason)
	case m.Damaged():
		r.cfg.Metrics.damaged.WithLabelValues(string(m.Photo.Format)).Inc()
		t.spans.damaged()
	}
}

// log writes one line for each photo. The line is at level debug if the photo was up to date: events are repeated, and
// a backfill or a sweep sends one for every photo.
func (r *Reconciler) log(ctx context.Context, t *target, outcome Outcome) {
	level, message := slog.LevelInfo, "photo ready"
	switch {
	case outcome == Unchanged:
		level, message = slog.LevelDebug, "photo unchanged"
	case outcome == Removed:
		message = "photo removed"
	case outcome == Rejected:
		message = "photo rejected"
	case t.finished != nil && t.finished.Damaged():
		message = "damaged photo rendered"
	}
	if !r.cfg.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("key", t.ref.Key()), slog.String("outcome", string(outcome))}
	add := func(a ...slog.Attr) { attrs = append(attrs, a...) }
	if t.kind != "" {
		add(slog.String("event", fmt.Sprintf("%.40s", t.kind)))
	}
	if n := t.spans.delivery.Receives; n > 0 {
		add(slog.Int("receives", n))
	}
	if t.attempts > 1 {
		add(slog.Int("attempts", t.attempts))
	}
	if m := t.finished; m != nil {
		add(slog.Int64("bytes", m.Source.Bytes))
		if p := m.Photo; p != nil {
			add(slog.String("format", string(p.Format)), slog.Int("width", p.Width), slog.Int("height", p.Height))
		}
		if m.State == photo.Rejected {
			add(slog.String("reason", string(m.Reason)), slog.String("detail", m.Detail))
		} else {
			add(slog.Int("variants", len(m.Variants)))
			if t.kept > 0 {
				add(slog.Int("kept", t.kept))
			}
		}
		if t.cause != nil {
			add(slog.String("cause", t.cause.Error()))
		}
	}
	if t.deletedOriginal {
		add(slog.Bool("original_deleted", true))
	}
	if t.spans.example != "" {
		add(slog.String("trace_id", t.spans.example))
	}
	r.cfg.Log.LogAttrs(ctx, level, message, append(attrs, t.seconds())...)
}

// seconds returns the time since the event, until the receive and in each stage, in seconds to the millisecond.
func (t *target) seconds() slog.Attr {
	var all []any
	add := func(name string, d time.Duration) {
		all = append(all, slog.Float64(name, max(0, d).Round(time.Millisecond).Seconds()))
	}
	if received := t.spans.delivery.Received; !t.event.IsZero() && !received.IsZero() {
		add("queue", received.Sub(t.event))
	}
	add("total", time.Since(t.spans.begun))
	took := t.time.took()
	for _, stage := range stages() {
		if d, ok := took[stage]; ok {
			add(stage, d)
		}
	}
	return slog.Group("seconds", all...)
}

// logPanic reports a rejection that is also a fault of a decoder.
func (r *Reconciler) logPanic(m *photo.Manifest, why *engine.Rejection) {
	if !why.Panicked {
		return
	}
	format := formatUnknown
	if m.Photo != nil {
		format = m.Photo.Format
	}
	r.cfg.Metrics.panics.WithLabelValues(string(format)).Inc()
	r.cfg.Log.Error("a decoder panicked", "key", m.Ref().Key(), "version", m.Source.VersionID, "format", format, "cause", why.Cause)
}
