package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

const (
	clientTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	clientParent = "00-" + clientTrace + "-00f067aa0ba902b7-01"
)

func traced(t *testing.T) (*tracetest.SpanRecorder, Config) {
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	t.Cleanup(func() { provider.Shutdown(t.Context()) })
	return spans, Config{Tracer: provider.Tracer("test"), AllowForm: true}
}

func attributes(s sdktrace.ReadOnlySpan) string {
	var all []string
	for _, a := range s.Attributes() {
		all = append(all, string(a.Key)+"="+a.Value.String())
	}
	return strings.Join(all, " ")
}

// TestTokenBindsItsTrace: the signed traceparent names the span of issuing the token. That span is a child of the
// request's span, which is in the client's trace if there is one.
func TestTokenBindsItsTrace(t *testing.T) {
	for name, c := range map[string]struct{ header, body string }{
		"the client's": {clientParent, goodBody},
		"a new one":    {"", goodBody},
		"a bad header": {"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", goodBody},
		"form":         {clientParent, `{"contentType":"image/jpeg","contentLength":5,"form":true}`},
	} {
		t.Run(name, func(t *testing.T) {
			spans, cfg := traced(t)
			rig := newRig(t, cfg, fakeStore{})
			if resp := rig.do(request("POST", uploads, "cats", c.body, "Traceparent", c.header)); resp.StatusCode != 201 {
				t.Fatal(resp.Status)
			}
			ended := spans.Ended()
			if len(ended) != 2 || ended[0].Name() != "issue" || ended[1].Name() != "POST /v1/boards/{board}/uploads" {
				t.Fatalf("%d spans", len(ended))
			}
			issue, server := ended[0], ended[1]
			inClients := c.header == clientParent
			if got := server.SpanContext().TraceID().String() == clientTrace; got != inClients || server.Parent().IsValid() != inClients {
				t.Errorf("trace %v with parent %v", server.SpanContext().TraceID(), server.Parent())
			}
			if issue.Parent().SpanID() != server.SpanContext().SpanID() || server.SpanKind() != trace.SpanKindServer || issue.SpanKind() != trace.SpanKindProducer {
				t.Errorf("issue is of kind %v within %v, the server's of kind %v", issue.SpanKind(), issue.Parent(), server.SpanKind())
			}
			sc := issue.SpanContext()
			if want := fmt.Sprintf("00-%s-%s-01", sc.TraceID(), sc.SpanID()); rig.signer.got.Traceparent != want {
				t.Errorf("signed %q, want %q", rig.signer.got.Traceparent, want)
			}
			id := string(rig.signer.got.Ref.ID)
			want := "http.request.method=POST http.route=/v1/boards/{board}/uploads http.response.status_code=201 darkroom.board=cats darkroom.id=" + id
			if got := attributes(server); got != want {
				t.Errorf("attributes %s, want %s", got, want)
			}
			if got := attributes(issue); got != "darkroom.board=cats darkroom.id="+id {
				t.Errorf("attributes %s", got)
			}
			if rec := rig.record(t); rec["trace_id"] != sc.TraceID().String() {
				t.Errorf("logged %v", rec)
			}
		})
	}
}

// TestBatchHasASpanAToken: each token has its own span, which its photo's trace continues.
func TestBatchHasASpanAToken(t *testing.T) {
	spans, cfg := traced(t)
	newRig(t, cfg, fakeStore{}).do(request("POST", batch, "cats", batchOf(3)))
	ids := map[trace.SpanID]bool{}
	for _, s := range spans.Ended() {
		ids[s.SpanContext().SpanID()] = true
	}
	if len(ids) != 4 {
		t.Errorf("%d spans, want 4", len(ids))
	}
}

// TestWithoutTracing: the API passes on the client's trace and starts none.
func TestWithoutTracing(t *testing.T) {
	for header, want := range map[string]string{clientParent: clientParent, "": "", "nonsense": "", clientParent + "-more": "", clientParent + ", " + clientParent: ""} {
		rig := newRig(t, Config{}, fakeStore{})
		rig.do(request("POST", uploads, "cats", goodBody, "Traceparent", header, "Tracestate", "a=b"))
		if got := rig.signer.got.Traceparent; got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

// TestSpansOfFailures: a client's mistake is no error of the span, and no attribute holds what the client sent.
func TestSpansOfFailures(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, token string
		name, attributes    string
		code                codes.Code
	}{
		"refused":        {"POST", uploads, "dogs", "POST /v1/boards/{board}/uploads", "http.response.status_code=403 darkroom.board=cats error.type=board-forbidden", codes.Unset},
		"broken":         {"GET", oneUpload, "broken", "GET /v1/boards/{board}/uploads/{id}", "http.response.status_code=500 error.type=internal", codes.Error},
		"panic":          {"GET", oneUpload, "panics", "GET /v1/boards/{board}/uploads/{id}", "http.response.status_code=500 error.type=internal", codes.Error},
		"no such path":   {"GET", "/secret?X-Amz-Signature=secret", "", "GET", "http.response.status_code=404 error.type=not-found", codes.Unset},
		"strange method": {"SECRET", "/secret", "", "_OTHER", "http.response.status_code=404 error.type=not-found", codes.Unset},
	} {
		t.Run(name, func(t *testing.T) {
			spans, cfg := traced(t)
			newRig(t, cfg, fakeStore{}).ServeHTTP(httptest.NewRecorder(), request(c.method, c.path, c.token, goodBody))
			ended := spans.Ended()
			if len(ended) != 1 || ended[0].Name() != c.name || ended[0].Status().Code != c.code || !strings.HasSuffix(attributes(ended[0]), c.attributes) {
				t.Fatalf("%d spans: %s %v %s", len(ended), ended[0].Name(), ended[0].Status(), attributes(ended[0]))
			}
			text, err := json.Marshal(tracetest.SpanStubsFromReadOnlySpans(ended))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(strings.ToLower(string(text)), "secret") {
				t.Errorf("the span holds a secret: %s", text)
			}
		})
	}
}

// TestSpansOfReads: a request that only reads has a span if a client traces it, or if it was refused or failed. Of the
// others, one in a hundred has a span.
func TestSpansOfReads(t *testing.T) {
	down := fakeStore{err: errors.New("down")}
	for name, c := range map[string]struct {
		method, path, token, header string
		store                       fakeStore
		repeat, want                int
	}{
		"polls":                  {"GET", oneUpload, "cats", "", fakeStore{}, 250, 3},
		"heads":                  {"HEAD", oneUpload, "cats", "", fakeStore{}, 150, 2},
		"lists":                  {"GET", uploads, "cats", "", fakeStore{}, 100, 1},
		"preflights":             {"OPTIONS", uploads, "", "", fakeStore{}, 101, 2},
		"polls of a traced page": {"GET", oneUpload, "cats", clientParent, fakeStore{}, 5, 5},
		"polls without access":   {"GET", oneUpload, "dogs", "", fakeStore{}, 5, 5},
		"polls that fail":        {"GET", oneUpload, "cats", "", down, 5, 5},
		"unknown paths":          {"GET", "/nothing", "", "", fakeStore{}, 5, 5},
		"health checks":          {"GET", HealthPath, "", "", fakeStore{}, 250, 0},
		"health checks, traced":  {"GET", HealthPath, "", clientParent, fakeStore{}, 5, 0},
		"tokens":                 {"POST", uploads, "cats", "", fakeStore{}, 5, 10},
		"removals":               {"DELETE", oneUpload, "cats", "", fakeStore{}, 5, 5},
	} {
		t.Run(name, func(t *testing.T) {
			spans, cfg := traced(t)
			rig := newRig(t, cfg, c.store)
			for range c.repeat {
				rig.do(request(c.method, c.path, c.token, goodBody, "Traceparent", c.header))
			}
			ended := spans.Ended()
			if len(ended) != c.want {
				t.Fatalf("%d requests have %d spans, want %d", c.repeat, len(ended), c.want)
			}
			for _, s := range ended {
				if inClients := s.SpanContext().TraceID().String() == clientTrace; inClients != (c.header != "") {
					t.Errorf("%s is in the trace %v", s.Name(), s.SpanContext().TraceID())
				}
				if s.StartTime().After(s.EndTime()) {
					t.Errorf("%s begins at %v and ends at %v", s.Name(), s.StartTime(), s.EndTime())
				}
			}
		})
	}
}

// TestSpanOfPollLasts: the span of a poll that waited is as long as the wait, although it is created at the end.
func TestSpanOfPollLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spans, cfg := traced(t)
		newRig(t, cfg, fakeStore{original: true}).do(request("GET", oneUpload+"?wait=5s", "cats", "", "Traceparent", clientParent))
		s := spans.Ended()
		if len(s) != 1 || s[0].EndTime().Sub(s[0].StartTime()) != 5*time.Second {
			t.Errorf("spans %v", s)
		}
	})
}
