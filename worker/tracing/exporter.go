package tracing

import (
	"context"
	"log/slog"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// After a failure nothing is sent for firstPause. Each further failure doubles the pause, up to lastPause. So a caller
// that flushes waits in vain only once for each pause.
const (
	firstPause = 5 * time.Second
	lastPause  = time.Minute
)

// exporter drops spans for a while after its collector has failed, and logs that once instead of for every batch. It
// returns no errors: no caller could do anything about them.
type exporter struct {
	sdktrace.SpanExporter
	log *slog.Logger

	mu      sync.Mutex
	pause   time.Duration // pause after the last failure; 0 after a success
	resume  time.Time     // end of the pause
	dropped int           // spans dropped since the last success
}

// ExportSpans implements [sdktrace.SpanExporter].
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if e.pauses(len(spans)) {
		return nil
	}
	err := e.SpanExporter.ExportSpans(ctx, spans)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil {
		if e.pause > 0 {
			e.log.Info("sending traces again", "dropped", e.dropped)
		}
		e.pause, e.dropped = 0, 0
		return nil
	}
	e.pause = min(max(firstPause, 2*e.pause), lastPause)
	e.resume = time.Now().Add(e.pause)
	e.dropped += len(spans)
	e.log.Warn("traces not sent", "error", err, "dropped", e.dropped, "pause", e.pause.String())
	return nil
}

// pauses reports whether n spans are dropped because the collector failed a short while ago.
func (e *exporter) pauses(n int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pause == 0 || !time.Now().Before(e.resume) {
		return false
	}
	e.dropped += n
	return true
}
