package system

import (
	"context"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"

	"darkroom/deploy/testkit/scrape"
)

// Names of the metrics that the soak reads.
const (
	Goroutines = "go_goroutines"
	resident   = "process_resident_memory_bytes"
	SlotsBusy  = "darkroom_slots_busy"
	RoutesBusy = "darkroom_intake_slots_busy"
	CPUSeconds = "process_cpu_seconds_total"
)

// ReadMetrics returns a worker's gauges and counters that have no labels.
func ReadMetrics(ctx context.Context, worker string) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	families, err := scrape.Families(ctx, http.DefaultClient, worker)
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for name, f := range families {
		if len(f.Metric) != 1 || len(f.Metric[0].Label) > 0 {
			continue
		}
		switch f.GetType() {
		case dto.MetricType_GAUGE:
			values[name] = f.Metric[0].Gauge.GetValue()
		case dto.MetricType_COUNTER:
			values[name] = f.Metric[0].Counter.GetValue()
		}
	}
	return values, nil
}
