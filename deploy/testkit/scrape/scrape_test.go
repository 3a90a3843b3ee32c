package scrape

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestURL(t *testing.T) {
	for _, address := range []string{"http://h:1", "http://h:1/", "http://h:1/metrics", "http://h:1/metrics/", "http://h:1//"} {
		if got := URL(address); got != "http://h:1/metrics" {
			t.Errorf("%s: %s", address, got)
		}
	}
	if got := URL("http://h/worker/1/metrics/"); got != "http://h/worker/1/metrics" {
		t.Errorf("with a path: %s", got)
	}
}

func TestFamilies(t *testing.T) {
	status, text := http.StatusOK, "# TYPE a gauge\na{b=\"c\"} 7\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			t.Errorf("asked for %s", r.URL)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
	defer server.Close()
	got, err := Families(t.Context(), server.Client(), server.URL+"/metrics/")
	if err != nil || len(got) != 1 || got["a"].GetMetric()[0].GetGauge().GetValue() != 7 {
		t.Errorf("%v, %v", got, err)
	}
	text = "a{"
	if got, err := Families(t.Context(), server.Client(), server.URL); err == nil {
		t.Errorf("invalid metrics: got %v, want an error", got)
	}
	status = http.StatusTeapot
	if _, err := Families(t.Context(), server.Client(), server.URL); err == nil || !strings.Contains(err.Error(), "418") {
		t.Errorf("status 418: error %v", err)
	}
	if _, err := Families(t.Context(), server.Client(), "http://%zz"); err == nil {
		t.Error("invalid address: no error")
	}
}
