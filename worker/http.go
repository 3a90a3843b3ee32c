package main

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"darkroom/worker/internal/pool"
	"darkroom/worker/process"
)

// routes returns the pages for operators and orchestrators.
func routes(registry *prometheus.Registry, consumer *pool.Pool, page http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", page)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET "+process.HealthPath, health(consumer.Healthy))
	mux.HandleFunc("GET /readyz", health(consumer.Ready))
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
