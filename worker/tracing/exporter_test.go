package tracing

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// collector is an exporter that fails while it is down.
type collector struct {
	down  bool
	tries int
}

func (c *collector) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	c.tries++
	if c.down {
		return errors.New("nobody there")
	}
	return nil
}

func (c *collector) Shutdown(context.Context) error { return nil }

// TestPauses: a collector that is down is tried less and less often, and at once when it is back.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := &collector{down: true}
		e := &exporter{SpanExporter: c, log: slog.New(slog.NewTextHandler(&log, nil))}
		spans := tracetest.SpanStubs{{Name: "a"}, {Name: "b"}}.Snapshots()
		export := func() int {
			before := c.tries
			if err := e.ExportSpans(t.Context(), spans); err != nil {
				t.Fatal(err)
			}
			return c.tries - before
		}
		for _, pause := range []time.Duration{5, 10, 20, 40, 60, 60} {
			if export() != 1 {
				t.Fatalf("no attempt before the pause of %d s", pause)
			}
			if time.Sleep(pause*time.Second - 1); export() != 0 {
				t.Errorf("an attempt before %d s have passed", pause)
			}
			time.Sleep(time.Nanosecond)
		}
		c.down = false
		for range 2 {
			if export() != 1 {
				t.Error("no attempt although the collector is back")
			}
		}
		if got := log.String(); strings.Count(got, "traces not sent") != 6 || strings.Count(got, "sending traces again\" dropped=24") != 1 {
			t.Errorf("logged %s", got)
		}
		c.down = true
		export()
		if time.Sleep(firstPause); export() != 1 {
			t.Error("the pause after a new failure is not the first one")
		}
	})
}
