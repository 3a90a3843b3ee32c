package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// rest stops the program and returns the remaining lines of its standard output.
func (p *child) rest(t *testing.T) []string {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var log sync.WaitGroup
	defer log.Wait()
	log.Go(func() {
		for range p.lines {
		}
	})
	var all []string
	for line := range p.out {
		all = append(all, line)
	}
	return all
}

// TestMetricsOnLambda: each invocation writes one line for CloudWatch beside the log, unless that is turned off. The
// program serves no metrics.
func TestMetricsOnLambda(t *testing.T) {
	for name, c := range map[string]struct {
		env  []string
		want []string // values of each line
	}{
		"on":  {nil, []string{`"TokensIssued":1,"TokenBytes":5,"Refused":0,`, `"TokensIssued":0,"TokenBytes":0,"Refused":1,`, `"TokensIssued":0,"TokenBytes":0,"Refused":1,`}},
		"off": {[]string{"METRICS_EMF=false"}, nil},
		// The setting has no effect on Lambda.
		"with an address": {[]string{"METRICS_ADDR=nonsense", "METRICS_EMF=0"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			iss := newIssuer(t)
			rt, addr := newRuntimeAPI(t)
			p := start(t, iss.env(append(c.env, "AWS_LAMBDA_RUNTIME_API="+addr, "AWS_LAMBDA_FUNCTION_NAME=photos-token")...))
			scrape := uploadEvent(iss.token(t, "cats"))
			scrape.RequestContext.HTTP.Method, scrape.RawPath, scrape.Body = "GET", "/prod/metrics", ""
			rt.invoke(t, p, uploadEvent(iss.token(t, "cats")))
			rt.invoke(t, p, uploadEvent(iss.token(t, "dogs")))
			if a := rt.invoke(t, p, scrape); !strings.Contains(string(a.body), `"statusCode":404`) || strings.Contains(string(a.body), "darkroom_") {
				t.Errorf("/metrics: %s", a.body)
			}
			for range 3 { // metrics do not break up the log
				if rec := p.waitFor(t, "request"); rec["request_id"] == nil {
					t.Errorf("logged %v", rec)
				}
			}
			got := p.rest(t)
			if len(got) != len(c.want) {
				t.Fatalf("wrote %q", got)
			}
			for i, want := range c.want {
				if !json.Valid([]byte(got[i])) || !strings.Contains(got[i], want) || !strings.Contains(got[i], `"Namespace":"Darkroom"`) || !strings.Contains(got[i], `"FunctionName":"photos-token"`) {
					t.Errorf("line %d is %s, want %s", i, got[i], want)
				}
			}
		})
	}
}

// TestMetricsOverHTTP: metrics are served on their own address only.
func TestMetricsOverHTTP(t *testing.T) {
	get := func(url string) (int, string) {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer s3.Close()
	iss := newIssuer(t)
	p := start(t, iss.env("LISTEN_ADDR=127.0.0.1:0", "METRICS_ADDR=127.0.0.1:0", "AWS_ENDPOINT_URL_S3="+s3.URL))
	instance, _ := p.waitFor(t, "starting")["instance"].(string)
	if instance == "" {
		t.Error("the start logs no instance")
	}
	var api, metrics string
	for api == "" || metrics == "" {
		if rec := p.waitFor(t, "listening"); rec["serves"] == "metrics" {
			metrics = "http://" + rec["addr"].(string)
		} else {
			api = "http://" + rec["addr"].(string)
		}
	}
	if status, _ := get(api + "/metrics"); status != http.StatusNotFound {
		t.Errorf("/metrics of the API: %d", status)
	}
	req, err := http.NewRequest(http.MethodGet, api+"/v1/boards/cats/uploads/0123456789abcdef0123456789abcdef", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+iss.token(t, "cats"))
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != http.StatusInternalServerError {
		t.Fatalf("without access to S3: %+v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	status, text := get(metrics + "/metrics")
	for _, want := range []string{"\ndarkroom_tokens_issued_total 0\n", `darkroom_requests_refused_total{reason="not-found"} 1`, `darkroom_requests_refused_total{reason="internal"} 1`,
		`darkroom_request_seconds_count{class="4xx",route="other"} 1`,
		`darkroom_api_store_operations_total{operation="read_manifest",outcome="error"} 1`, `darkroom_api_store_operation_seconds_count{operation="remove_photo"} 0`, "\ngo_goroutines ",
		`darkroom_build_info{goversion="go1.`, `target_info{service_instance_id="` + instance + `",service_name="token-lambda"`} {
		if status != 200 || !strings.Contains(text, want) {
			t.Errorf("%d, without %s:\n%s", status, want, text)
		}
	}
	if status, _ := get(metrics + "/v1/boards/cats/uploads"); status != http.StatusNotFound {
		t.Errorf("API on the address of the metrics: %d", status)
	}
	if got := p.rest(t); len(got) != 0 {
		t.Errorf("wrote %q", got)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v\n%s", err, p.log())
	}
}
