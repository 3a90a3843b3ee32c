package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/token-lambda/contract"
)

// span is a received span with the name of its service.
type span struct {
	*otlp.Span
	service string
}

// collector receives traces with OTLP over HTTP, like an OpenTelemetry collector.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	all   []span
	other []string // other requests
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var export coltrace.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &export)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		c.other = append(c.other, fmt.Sprintf("%s %s: %v", r.Method, r.URL, err))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, rs := range export.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				c.all = append(c.all, span{s, value(rs.Resource.Attributes, "service.name")})
			}
		}
	}
}

// trace returns the spans of a trace by name.
func (c *collector) trace(id string) map[string][]span {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[string][]span{}
	for _, s := range c.all {
		if fmt.Sprintf("%x", s.TraceId) == id {
			found[s.Name] = append(found[s.Name], s)
		}
	}
	return found
}

func value(attributes []*common.KeyValue, key string) string {
	for _, a := range attributes {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// traced makes both programs send their spans to url.
func traced(url string) func(*stack.Config) {
	return func(c *stack.Config) {
		env := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url, "OTEL_BSP_SCHEDULE_DELAY=100"}
		c.APIEnv, c.WorkerEnv = append(c.APIEnv, env...), append(c.WorkerEnv, env...)
	}
}

// TestPhotoHasOneTrace follows a photo through both programs, from the request for its token to its manifest, in the
// spans that a collector receives.
func TestPhotoHasOneTrace(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	s := startSystem(t, traced(c.URL))
	bearer := s.token(t, "ann", "cats")
	jpeg := small(t)
	g := s.requestUpload(t, bearer, "cats", contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}, http.StatusCreated)
	parts := strings.Split(g.Upload.Headers["x-amz-meta-traceparent"], "-")
	if len(parts) != 4 {
		t.Fatalf("headers %v", g.Upload.Headers)
	}
	if status, answer := g.put(t, jpeg, func(r *http.Request) { r.Header.Set("x-amz-meta-traceparent", "00-"+parts[1]+"-00f067aa0ba902b7-01") }); status != http.StatusForbidden {
		t.Errorf("with another traceparent: %d %s", status, answer)
	}
	if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	var up contract.Upload
	s.call(t, bearer, "GET", g.OutcomeURL, http.StatusOK, &up)
	if up.State != "ready" {
		t.Fatalf("%+v", up)
	}
	if err := s.Stop(); err != nil { // flushes the remaining spans
		t.Fatal(err)
	}

	spans := c.trace(parts[1])
	onlySpan := func(name string) span {
		t.Helper()
		if len(spans[name]) != 1 {
			t.Fatalf("%d spans %q in %v, want 1", len(spans[name]), name, spans)
		}
		return spans[name][0]
	}
	request, issue, wait, process := onlySpan("POST /v1/boards/{board}/uploads"), onlySpan("issue"), onlySpan("queue wait"), onlySpan("process")
	if got := fmt.Sprintf("%x", issue.SpanId); got != parts[2] || parts[3] != "01" {
		t.Errorf("the token has traceparent %v, its span is %s", parts, got)
	}
	wantWithin := func(child, parent span) {
		t.Helper()
		if string(child.ParentSpanId) != string(parent.SpanId) {
			t.Errorf("%q is not a child of %q", child.Name, parent.Name)
		}
	}
	if len(request.ParentSpanId) != 0 {
		t.Error("the request has a parent span")
	}
	wantWithin(issue, request)
	wantWithin(wait, issue)
	wantWithin(process, issue)
	for _, stage := range []string{"download", "decode", "resample", "encode", "upload"} {
		if len(spans[stage]) == 0 {
			t.Errorf("no span of %s", stage)
		}
		for _, sp := range spans[stage] {
			wantWithin(sp, process)
			if sp.StartTimeUnixNano < process.StartTimeUnixNano || sp.EndTimeUnixNano > process.EndTimeUnixNano || sp.StartTimeUnixNano > sp.EndTimeUnixNano {
				t.Errorf("%s lasts from %d to %d, process from %d to %d", stage, sp.StartTimeUnixNano, sp.EndTimeUnixNano, process.StartTimeUnixNano, process.EndTimeUnixNano)
			}
		}
	}
	// The time of S3's event has a resolution of a millisecond.
	if wait.StartTimeUnixNano+uint64(time.Millisecond) < issue.EndTimeUnixNano || wait.EndTimeUnixNano > process.StartTimeUnixNano {
		t.Errorf("issued at %d, waited from %d to %d, processed from %d", issue.EndTimeUnixNano, wait.StartTimeUnixNano, wait.EndTimeUnixNano, process.StartTimeUnixNano)
	}
	for _, sp := range []span{request, issue} {
		if sp.service != "token-lambda" {
			t.Errorf("%q belongs to service %q", sp.Name, sp.service)
		}
	}
	for _, sp := range []span{wait, process} {
		if sp.service != "worker" {
			t.Errorf("%q belongs to service %q", sp.Name, sp.service)
		}
	}
	if value(process.Attributes, "darkroom.state") != "ready" || value(process.Attributes, "darkroom.id") != string(g.ID) || value(process.Attributes, "messaging.system") != "aws_sqs" {
		t.Errorf("attributes %v", process.Attributes)
	}

	if len(c.other) != 0 {
		t.Errorf("other requests to the collector: %q", c.other)
	}
	secrets := []string{bearer, "X-Amz-", "http://", "Bearer", fake.SecretKey, "AQEB", "receipt"}
	for _, sp := range c.all {
		if i := slices.IndexFunc(secrets, func(secret string) bool { return strings.Contains(sp.String(), secret) }); i >= 0 {
			t.Errorf("%q contains %q: %v", sp.Name, secrets[i], sp)
		}
	}
}

// TestCollectorDown checks that a collector that refuses connections or does not answer costs no tokens, no photos and
// no time when the programs stop.
func TestCollectorDown(t *testing.T) {
	t.Parallel()
	refuses := httptest.NewServer(nil)
	refuses.Close()
	done := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // otherwise the server does not notice that the client disconnects
		select {
		case <-r.Context().Done():
		case <-done:
		}
	}))
	t.Cleanup(silent.Close)
	t.Cleanup(func() { close(done) })
	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]string{"refuses": refuses.URL, "silent": silent.URL} {
		t.Run(name, func(t *testing.T) {
			s := startSystem(t, traced(url))
			for i, out := range s.upload(t, all[:4]) {
				s.check(t, all[i], out)
			}
			s.wantQueuesEmpty(t)
			if err := s.Stop(); err != nil { // fails if a process had to be killed
				t.Error(err)
			}
		})
	}
}

// TestTracingIsOff checks that by default no span is sent and no token has a traceparent.
func TestTracingIsOff(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	for name, env := range map[string][]string{
		"no endpoint": {"OTEL_TRACES_SAMPLER=always_on", "OTEL_SERVICE_NAME=x"},
		"disabled":    {"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_SDK_DISABLED=true"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startSystem(t, func(cfg *stack.Config) { cfg.APIEnv, cfg.WorkerEnv = env, env })
			all, err := samples.Demo()
			if err != nil {
				t.Fatal(err)
			}
			out := s.upload(t, all[1:2])[0]
			s.check(t, all[1], out)
			head, err := s.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: ptr(fake.Uploads), Key: ptr("cats/" + string(out.ID))})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := head.Metadata["traceparent"]; ok || head.Metadata["owner"] == "" {
				t.Errorf("metadata of the original: %v", head.Metadata)
			}
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
			if len(c.all)+len(c.other) != 0 {
				t.Errorf("the collector received %v, %v", c.all, c.other)
			}
			if strings.Contains(s.log.String(), "trace_id") {
				t.Error("the log has trace ids")
			}
		})
	}
}
