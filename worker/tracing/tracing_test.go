package tracing

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	coltrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"darkroom/worker/process"
)

// received records what a collector receives.
type received struct {
	mu       sync.Mutex
	paths    []string
	header   http.Header
	services []string
	about    map[string]string // attributes of the last resource
	spans    []string
}

func (r *received) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var export coltrace.ExportTraceServiceRequest
	if err != nil || proto.Unmarshal(body, &export) != nil {
		http.Error(w, "not OTLP", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths, r.header = append(r.paths, req.URL.Path), req.Header
	for _, rs := range export.ResourceSpans {
		r.about = map[string]string{}
		for _, a := range rs.Resource.Attributes {
			r.about[a.Key] = a.Value.GetStringValue()
			if a.Key == "service.name" {
				r.services = append(r.services, a.Value.GetStringValue())
			}
		}
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				r.spans = append(r.spans, s.Name)
			}
		}
	}
}

func start(t *testing.T, f Flags, log io.Writer) *Tracing {
	t.Helper()
	tr, err := f.Start(t.Context(), Config{Program: "prog", Instance: "i-1", Impatient: true, Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestEndpointAndServiceName(t *testing.T) {
	for name, c := range map[string]struct {
		flags         func(url string) Flags
		env           [][2]string
		path, service string // expected in the request; empty if none is expected
	}{
		"endpoint":            {func(u string) Flags { return Flags{Endpoint: u} }, nil, "/v1/traces", "prog"},
		"endpoint with path":  {func(u string) Flags { return Flags{Endpoint: u + "/otlp/"} }, nil, "/otlp/v1/traces", "prog"},
		"traces endpoint":     {func(u string) Flags { return Flags{Endpoint: "http://127.0.0.1:1", TracesEndpoint: u + "/t"} }, nil, "/t", "prog"},
		"service name":        {func(u string) Flags { return Flags{Endpoint: u} }, [][2]string{{"OTEL_SERVICE_NAME", "other"}}, "/v1/traces", "other"},
		"resource attributes": {func(u string) Flags { return Flags{Endpoint: u} }, [][2]string{{"OTEL_RESOURCE_ATTRIBUTES", "service.name=third"}}, "/v1/traces", "third"},
		"sampler":             {func(u string) Flags { return Flags{Endpoint: u} }, [][2]string{{"OTEL_TRACES_SAMPLER", "always_off"}}, "", ""},
		"disabled":            {func(u string) Flags { return Flags{Endpoint: u, Disabled: true} }, nil, "", ""},
		"off":                 {func(string) Flags { return Flags{} }, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret")
			for _, kv := range c.env {
				t.Setenv(kv[0], kv[1])
			}
			var got received
			srv := httptest.NewServer(&got)
			defer srv.Close()
			if c.path == "" { // the SDK would send to it by itself
				t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", srv.URL)
			}
			var log bytes.Buffer
			tr := start(t, c.flags(srv.URL), &log)
			_, span := tr.Tracer().Start(t.Context(), "work")
			span.End()
			tr.Flush(t.Context())
			if c.path == "" {
				if len(got.paths) != 0 {
					t.Errorf("sent %v to %v", got.spans, got.paths)
				}
			} else if len(got.paths) != 1 || got.paths[0] != c.path || got.services[0] != c.service || got.spans[0] != "work" || got.header.Get("X-Key") != "secret" {
				t.Errorf("paths %v, services %v, spans %v, headers %v; want %s, %s", got.paths, got.services, got.spans, got.header, c.path, c.service)
			}
			before := len(got.spans)
			_, span = tr.Tracer().Start(t.Context(), "last")
			span.End()
			if tr.Stop(t.Context()); c.path != "" && len(got.spans) != before+1 {
				t.Errorf("Stop sent %v", got.spans[before:])
			}
			if log.Len() != 0 {
				t.Errorf("logged %s", &log)
			}
		})
	}
}

// TestResource: spans say which build and which instance of a program they are from, unless the environment says
// otherwise.
func TestResource(t *testing.T) {
	for env, want := range map[string]string{"": "i-1", "service.instance.id=mine": "mine"} {
		t.Setenv("OTEL_RESOURCE_ATTRIBUTES", env)
		var got received
		srv := httptest.NewServer(&got)
		defer srv.Close()
		tr := start(t, Flags{Endpoint: srv.URL}, io.Discard)
		_, span := tr.Tracer().Start(t.Context(), "work")
		span.End()
		tr.Stop(t.Context())
		if got.about["service.instance.id"] != want || got.about["service.version"] != process.ThisBuild().Version {
			t.Errorf("with %q: %v, want the instance %s", env, got.about, want)
		}
	}
}

// TestOffPassesOn: a program that traces nothing passes on the trace of a request.
func TestOffPassesOn(t *testing.T) {
	tr := start(t, Flags{}, io.Discard)
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: 1, Remote: true})
	ctx, span := tr.Tracer().Start(trace.ContextWithRemoteSpanContext(t.Context(), sc), "work")
	if got := trace.SpanContextFromContext(ctx); span.IsRecording() || !got.Equal(sc) {
		t.Errorf("%v, want %v", got, sc)
	}
}

// TestCollectorThatHangs: a flush ends with its context, and the next flush sends nothing.
func TestCollectorThatHangs(t *testing.T) {
	asked := make(chan struct{}, 10)
	ctx, cancel := context.WithCancel(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // otherwise the server does not notice that the client has gone
		asked <- struct{}{}
		cancel()
		<-r.Context().Done()
	}))
	defer srv.Close()
	var log syncBuffer
	tr := start(t, Flags{Endpoint: srv.URL}, &log)
	flush := func(ctx context.Context) {
		_, span := tr.Tracer().Start(t.Context(), "work")
		span.End()
		tr.Flush(ctx)
	}
	flush(ctx)
	// The flush ends no later than its request. The failure is logged a moment later.
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(log.String(), "traces not sent") && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	flush(t.Context())
	tr.Stop(t.Context())
	if len(asked) != 1 {
		t.Errorf("asked %d times, want once; %s", len(asked), log.String())
	}
}

// syncBuffer is a buffer that goroutines can share.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestInvalidEndpoints(t *testing.T) {
	for _, e := range []string{"collector:4318", "grpc://collector:4317", "http://", "http://a b"} {
		if _, err := (Flags{Endpoint: e}).Start(t.Context(), Config{Program: "prog", Log: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("%q is accepted", e)
		}
	}
}
