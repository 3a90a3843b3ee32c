package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"darkroom/token-lambda/contract"
)

// traceparentOf returns the traceparent that the answer to an upload event tells the client to send.
func traceparentOf(t *testing.T, a answer) string {
	t.Helper()
	var resp struct{ Body string }
	var up contract.NewUpload
	if err := json.Unmarshal(a.body, &resp); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(resp.Body), &up); err != nil || up.ID == "" {
		t.Fatalf("%s, %v", a.body, err)
	}
	if h := up.Upload.Headers["x-amz-meta-traceparent"]; strings.Contains(up.Upload.URL, "x-amz-meta-traceparent") != (h != "") || strings.Contains(strings.ToLower(up.Upload.URL), "x-amz-meta-traceparent=") {
		t.Errorf("%q is not a signed header of %s", h, up.Upload.URL)
	}
	return up.Upload.Headers["x-amz-meta-traceparent"]
}

const clientParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// TestSpansOnLambda: the spans of an invocation arrive before its answer, after which Lambda freezes the process.
func TestSpansOnLambda(t *testing.T) {
	spans := make(chan string, 100)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var export coltrace.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &export); err != nil {
			t.Error(err)
		}
		if err != nil {
			t.Error(err)
		}
		for _, rs := range export.ResourceSpans {
			for _, ss := range rs.ScopeSpans {
				for _, s := range ss.Spans {
					spans <- s.Name
				}
			}
		}
	}))
	defer collector.Close()
	iss := newIssuer(t)
	rt, addr := newRuntimeAPI(t)
	p := start(t, iss.env("AWS_LAMBDA_RUNTIME_API="+addr, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL))
	event := uploadEvent(iss.token(t, "cats"))
	event.Headers["traceparent"] = clientParent
	for range 3 {
		if got := traceparentOf(t, rt.invoke(t, p, event)); !strings.HasPrefix(got, clientParent[:36]) || got == clientParent {
			t.Errorf("traceparent %q", got)
		}
		if len(spans) != 2 {
			t.Fatalf("%d spans have arrived by the time of the answer, want 2\n%s", len(spans), p.log())
		}
		if one, two := <-spans, <-spans; one+two != "issuePOST /v1/boards/{board}/uploads" {
			t.Errorf("spans %q, %q", one, two)
		}
	}
}

// TestTracesAreOffByDefault: the program passes on a client's trace, starts none, and sends nothing.
func TestTracesAreOffByDefault(t *testing.T) {
	iss := newIssuer(t)
	rt, addr := newRuntimeAPI(t)
	p := start(t, iss.env("AWS_LAMBDA_RUNTIME_API="+addr, "OTEL_SERVICE_NAME=x", "OTEL_TRACES_SAMPLER=always_on"))
	event := uploadEvent(iss.token(t, "cats"))
	if got := traceparentOf(t, rt.invoke(t, p, event)); got != "" {
		t.Errorf("traceparent %q", got)
	}
	event.Headers["traceparent"] = clientParent
	if got := traceparentOf(t, rt.invoke(t, p, event)); got != clientParent {
		t.Errorf("traceparent %q", got)
	}
}

// TestCollectorIsDown: the program issues tokens, and after the first failure does not try the collector again.
func TestCollectorIsDown(t *testing.T) {
	var asked atomic.Int32
	done := make(chan struct{})
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		asked.Add(1)
		select { // it hangs, the worst case
		case <-r.Context().Done():
		case <-done:
		}
	}))
	defer collector.Close()
	defer close(done)
	iss := newIssuer(t)
	rt, addr := newRuntimeAPI(t)
	p := start(t, iss.env("AWS_LAMBDA_RUNTIME_API="+addr, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL))
	event := uploadEvent(iss.token(t, "cats"))
	if traceparentOf(t, rt.invoke(t, p, event)) == "" {
		t.Error("no traceparent")
	}
	p.waitFor(t, "traces not sent")
	before := asked.Load()
	for range 5 {
		traceparentOf(t, rt.invoke(t, p, event))
	}
	if got := asked.Load(); before != 1 || got != 1 {
		t.Errorf("the collector was asked %d times by the first token and %d by the next five", before, got-before)
	}
}
