package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"darkroom/worker/process"
	"darkroom/worker/processmetrics"
)

// instanceOf returns the id of this process in metrics and spans.
func instanceOf(ctx context.Context, log *slog.Logger) string {
	instance, err := process.Instance(ctx, os.Getenv)
	if err != nil {
		log.Warn("this instance has a random id", "error", err)
	}
	return instance
}

// newRegistry returns a registry with the metrics that every program has.
func newRegistry(instance string) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	processmetrics.Register(registry, program, instance)
	return registry
}

// checker says whether a program works. An error says why it does not.
type checker interface {
	Healthy() error // an orchestrator should replace the program
	Ready() error   // the program cannot do its work at present
}

// routes returns the pages for operators and orchestrators that every running command has.
func routes(registry *prometheus.Registry, c checker) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET "+process.HealthPath, health(c.Healthy))
	mux.HandleFunc("GET /readyz", health(c.Ready))
	return mux
}

// health answers ok, or 503 and the reason.
func health(check func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := check(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	}
}
