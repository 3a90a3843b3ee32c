package observability

import (
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/tool"
)

// composeServices are the services of docker-compose.yml by name.
type composeServices map[string]struct {
	Environment map[string]string
	Volumes     []string
	Command     []string
}

func services(t *testing.T) composeServices {
	t.Helper()
	var file struct{ Services composeServices }
	readYAML(t, "../../docker-compose.yml", &file)
	return file.Services
}

// port returns the port of an address. Its host must be one of the services.
func (s composeServices) port(t *testing.T, address string) string {
	t.Helper()
	host, port, err := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	if err != nil {
		t.Errorf("%s: %v", address, err)
	}
	if _, ok := s[host]; !ok {
		t.Errorf("%s: no service %s", address, host)
	}
	return port
}

// TestServiceAddresses checks every address by which one service reaches another. It reads only configuration files: no
// test runs third-party images.
func TestServiceAddresses(t *testing.T) {
	all := services(t)

	var prometheus struct {
		Jobs []struct {
			Name string `yaml:"job_name"`
			DNS  []struct {
				Names []string
				Port  int
			} `yaml:"dns_sd_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "prometheus.yml", &prometheus)
	listens := map[string]string{"token-lambda": all["token-lambda"].Environment["METRICS_ADDR"], "worker": "0.0.0.0:9102", "watch": "0.0.0.0:9102"}
	for _, job := range prometheus.Jobs {
		for _, sd := range job.DNS {
			for _, name := range sd.Names {
				if want := fmt.Sprintf("0.0.0.0:%d", sd.Port); listens[name] != want {
					t.Errorf("Prometheus scrapes %s at port %d, but it listens on %q", name, sd.Port, listens[name])
				}
			}
		}
	}
	if len(prometheus.Jobs) != len(listens) {
		t.Errorf("%d jobs, want %d", len(prometheus.Jobs), len(listens))
	}

	var sources struct{ Datasources []struct{ UID, URL string } }
	readYAML(t, "grafana/provisioning/datasources/darkroom.yml", &sources)
	for _, d := range sources.Datasources {
		if port, want := all.port(t, d.URL), map[string]string{"prometheus": "9090", "jaeger": "16686"}[d.UID]; port != want {
			t.Errorf("Grafana's %s is at %s, want port %s", d.UID, d.URL, want)
		}
	}
	var provided struct {
		Providers []struct{ Options struct{ Path string } }
	}
	readYAML(t, "grafana/provisioning/dashboards/darkroom.yml", &provided)
	dashboards := provided.Providers[0].Options.Path
	if want := "./deploy/observability/grafana/dashboards:" + dashboards + ":ro"; !slices.Contains(all["grafana"].Volumes, want) {
		t.Errorf("Grafana has volumes %v, want %s", all["grafana"].Volumes, want)
	}
	if home := all["grafana"].Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]; home != dashboards+"/darkroom.json" {
		t.Errorf("Grafana's home dashboard is %s", home)
	}
}

// TestAlertmanager checks the configuration with amtool, and where it sends each severity. The alerts that it holds
// back must exist, and Prometheus must find the service.
func TestAlertmanager(t *testing.T) {
	var config struct {
		Inhibit []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
		} `yaml:"inhibit_rules"`
	}
	readYAML(t, "alertmanager.yml", &config)
	matcher := regexp.MustCompile(`^alertname=~?"(.+)"$`)
	for _, held := range config.Inhibit {
		for _, m := range slices.Concat(held.Source, held.Target) {
			names := matcher.FindStringSubmatch(m)
			if names == nil {
				t.Errorf("matcher %s is not about alertname", m)
				continue
			}
			for name := range strings.SplitSeq(names[1], "|") {
				if !slices.ContainsFunc(rules(t), func(r rule) bool { return regexp.MustCompile("^(?:" + name + ")$").MatchString(r.Alert) }) {
					t.Errorf("%s names no alert", m)
				}
			}
		}
	}
	var prometheus struct {
		Alerting struct {
			Alertmanagers []struct {
				DNS []struct {
					Names []string
					Port  int
				} `yaml:"dns_sd_configs"`
			}
		}
	}
	readYAML(t, "prometheus.yml", &prometheus)
	found := prometheus.Alerting.Alertmanagers[0].DNS[0]
	if port := services(t).port(t, fmt.Sprintf("%s:%d", found.Names[0], found.Port)); port != "9093" {
		t.Errorf("Prometheus sends alerts to port %s", port)
	}
	if v := services(t)["alertmanager"].Volumes; !slices.Contains(v, "./deploy/observability/alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro") {
		t.Errorf("Alertmanager has volumes %v", v)
	}
	amtool := tool.Find(t, "amtool")
	if out, err := exec.CommandContext(t.Context(), amtool, "check-config", "alertmanager.yml").CombinedOutput(); err != nil {
		t.Errorf("amtool check-config: %v\n%s", err, out)
	}
	for _, severity := range []string{"page", "ticket"} {
		out, err := exec.CommandContext(t.Context(), amtool, "config", "routes", "test", "--config.file=alertmanager.yml", "--verify.receivers="+severity, "severity="+severity).CombinedOutput()
		if err != nil {
			t.Errorf("an alert of severity %s: %v\n%s", severity, err, out)
		}
	}
}

// TestPrometheusConfiguration checks the configuration of Prometheus with promtool, and compares its ports with those
// of the local system.
func TestPrometheusConfiguration(t *testing.T) {
	for _, name := range []string{"prometheus.yml", "prometheus.local.yml"} {
		promtool(t, "", "check", "config", "../"+name)
	}
	var local struct {
		Jobs []struct {
			Name   string                       `yaml:"job_name"`
			Static []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	readYAML(t, "prometheus.local.yml", &local)
	got := map[string]string{}
	for _, job := range local.Jobs {
		got[job.Name] = job.Static[0].Targets[0]
	}
	p := stack.DefaultPorts
	for job, port := range map[string]int{"worker": p.Metrics, "watch": p.Watch, "token-lambda": p.APIMetrics} {
		if want := fmt.Sprintf("127.0.0.1:%d", port); got[job] != want {
			t.Errorf("Prometheus scrapes %s at %q, but the local system serves it at %s", job, got[job], want)
		}
	}
}

// TestCollector checks the collector's configuration: each pipeline names defined components.
func TestCollector(t *testing.T) {
	var c struct {
		Receivers, Processors, Exporters map[string]map[string]any
		Service                          struct {
			Pipelines map[string]struct{ Receivers, Processors, Exporters []string }
		}
	}
	readYAML(t, "otel-collector.yml", &c)
	traces := c.Service.Pipelines["traces"]
	for _, part := range []struct {
		kind    string
		named   []string
		defined map[string]map[string]any
	}{{"receiver", traces.Receivers, c.Receivers}, {"processor", traces.Processors, c.Processors}, {"exporter", traces.Exporters, c.Exporters}} {
		if len(part.named) == 0 || len(part.named) != len(part.defined) {
			t.Errorf("%ss: the pipeline uses %v, but %d are defined", part.kind, part.named, len(part.defined))
		}
		for _, name := range part.named {
			if _, ok := part.defined[name]; !ok {
				t.Errorf("undefined %s %s", part.kind, name)
			}
		}
	}
	if !slices.Equal(traces.Processors, []string{"memory_limiter", "batch"}) {
		t.Errorf("processors %v: the memory limiter must refuse spans before they are batched", traces.Processors)
	}
	all := services(t)
	if to := fmt.Sprint(c.Exporters["otlp_grpc"]["endpoint"]); all.port(t, to) != "4317" {
		t.Errorf("traces go to %s", to)
	}
	if at := c.Receivers["otlp"]["protocols"].(map[string]any)["http"].(map[string]any)["endpoint"]; at != "0.0.0.0:4318" {
		t.Errorf("traces are received at %v", at)
	}
	_, file, _ := strings.Cut(all["otel-collector"].Command[0], "=")
	if want := "./deploy/observability/otel-collector.yml:" + file + ":ro"; !slices.Contains(all["otel-collector"].Volumes, want) {
		t.Errorf("the collector has volumes %v, want %s", all["otel-collector"].Volumes, want)
	}
	for _, name := range []string{"token-lambda", "worker"} {
		if got := all[name].Environment["OTEL_EXPORTER_OTLP_ENDPOINT"]; got != "${OTEL_EXPORTER_OTLP_ENDPOINT:-}" {
			t.Errorf("%s sends its traces to %q", name, got)
		}
	}
}
