package observability

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"darkroom/deploy/client"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/deploy/testkit/freeport"
	"darkroom/deploy/testkit/programs"
	"darkroom/deploy/testkit/tool"
	"darkroom/worker/wait"
)

func TestMain(m *testing.M) { programs.Main(m) }

// TestNoWorkerLeft runs the system and a Prometheus, stops every worker, uploads photos, and checks what Prometheus
// reports.
func TestNoWorkerLeft(t *testing.T) {
	prometheus := tool.Find(t, "prometheus")
	bin := programs.Shared(t)
	st, err := stack.Start(t.Context(), stack.Config{Data: t.TempDir(), Self: filepath.Join(bin, "local"), Bin: bin, Out: t.Output(), AnyPorts: true, Observed: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		http.DefaultClient.CloseIdleConnections() // S3 waits for them
		if err := st.Stop(); err != nil {
			t.Error(err)
		}
	}()
	p := startPrometheus(t, prometheus, map[string]string{"worker": st.Workers[0], "watch": st.Watch, "token-lambda": st.APIMetrics})
	p.want("darkroom:workers:count", "1")
	p.want("darkroom:backlog:messages", "0")
	p.want("darkroom:dead_letters:messages", "0")
	p.want("darkroom:api:count", "1")

	if err := st.StopWorkers(); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{API: st.API, Board: "demo", Tokens: &tokens.Source{URL: st.Issuer, Subject: "demo", Boards: []string{"demo"}}})
	if err != nil {
		t.Fatal(err)
	}
	const photos = 7
	for i := range photos {
		one := client.FromBytes("photo", "image/jpeg", fmt.Appendf(nil, "photo %d", i))
		created, err := c.CreateUpload(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Send(t.Context(), one, created.Upload); err != nil {
			t.Fatal(err)
		}
	}
	p.want("darkroom:backlog:messages", fmt.Sprint(photos))
	p.want("darkroom:workers:count", "0")
	p.want("darkroom:backlog_per_worker:messages", fmt.Sprint(photos))
	p.want("darkroom:photos:rate5m", "0")
	p.want(`count(ALERTS{alertname="DarkroomWorkersGone"})`, "1") // pending
	p.want(`absent(ALERTS{alertname="DarkroomQueueUnknown"})`, "1")

	if err := st.StartWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.want("darkroom:workers:count", "1")
	p.want("darkroom:backlog:messages", "0")
}

// prometheus is a running Prometheus.
type prometheus struct {
	t   *testing.T
	url string
}

// startPrometheus starts a Prometheus with the rules of this folder, which scrapes each job at its URL every second.
func startPrometheus(t *testing.T, path string, jobs map[string]string) prometheus {
	t.Helper()
	rules, err := filepath.Abs("rules")
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]any{"global": map[string]string{"scrape_interval": "1s", "evaluation_interval": "1s"}}
	var files []string
	dir := t.TempDir()
	for _, name := range ruleFiles {
		text, err := os.ReadFile(filepath.Join(rules, name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, name))
		quick := strings.ReplaceAll(string(text), "interval: 15s", "interval: 1s")
		if err := os.WriteFile(files[len(files)-1], []byte(quick), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config["rule_files"] = files
	var scrapes []any
	for job, url := range jobs {
		scrapes = append(scrapes, map[string]any{"job_name": job, "static_configs": []any{map[string]any{"targets": []string{strings.TrimPrefix(url, "http://")}}}})
	}
	config["scrape_configs"] = scrapes
	text, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	addr := freeport.Addresses(t, 1)[0]
	cmd := exec.CommandContext(t.Context(), path, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr, "--log.level=warn")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the test's context has ended by then
	return prometheus{t, "http://" + addr}
}

// want waits until a query has one result with this value.
func (p prometheus) want(query, value string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	for {
		got, err := p.query(ctx, query)
		if err == nil && len(got) == 1 && got[0] == value {
			return
		}
		if wait.For(ctx, 100*time.Millisecond) != nil {
			p.t.Fatalf("%s: %q, %v, want %s", query, got, err, value)
		}
	}
}

// query returns the values of an instant query.
func (p prometheus) query(ctx context.Context, query string) ([]string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	var values []string
	for _, r := range answer.Data.Result {
		values = append(values, fmt.Sprint(r.Value[1]))
	}
	return values, nil
}
