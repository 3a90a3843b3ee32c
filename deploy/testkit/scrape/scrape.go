// Package scrape reads a program's metrics in the Prometheus text format.
package scrape

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// URL returns the URL of a program's metrics. The address is that URL or the one above it, with or without a slash at
// the end.
func URL(address string) string {
	return strings.TrimSuffix(strings.TrimRight(address, "/"), "/metrics") + "/metrics"
}

// Families returns the metrics of the program at the address by name: see [URL].
func Families(ctx context.Context, client *http.Client, address string) (map[string]*dto.MetricFamily, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, URL(address), nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", req.URL, resp.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", req.URL, err)
	}
	return families, nil
}
