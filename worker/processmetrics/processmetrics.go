// Package processmetrics registers what every program of Darkroom reports about itself to Prometheus: the metrics of
// the Go runtime and of the process, the build, and which instance of the program this is.
package processmetrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"darkroom/worker/process"
)

// Register registers the metrics of this process. instance is its id: see [process.Instance].
//
// The id is in target_info, where OpenTelemetry puts the attributes of a resource in Prometheus, and on no other
// series, so that a restart does not begin new ones:
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
//
// The Prometheus receiver of an OpenTelemetry collector adds it to every metric of the scrape.
func Register(reg prometheus.Registerer, program, instance string) {
	build := process.ThisBuild()
	reg.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		info("darkroom_build_info", "What this program was built from. Always 1.",
			prometheus.Labels{"program": program, "version": build.Version, "revision": build.Revision, "goversion": build.GoVersion}),
		info("target_info", "Which instance of a program this is, as in its traces. Always 1.",
			prometheus.Labels{"service_name": program, "service_version": build.Version, "service_instance_id": instance}),
	)
}

// info returns a gauge that is always 1 and carries its information in labels.
func info(name, help string, labels prometheus.Labels) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return 1 })
}
