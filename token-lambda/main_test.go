package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const uploadBody = `{"contentType":"image/jpeg","contentLength":5}`

// checkToken checks the answer to a POST.
func checkToken(t *testing.T, up contract.NewUpload, endpoint, status string) {
	t.Helper()
	u, err := url.Parse(up.Upload.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if up.Upload.Method != "PUT" || !strings.HasPrefix(up.Upload.URL, endpoint+"cats/"+string(up.ID)+"?") || q.Get("X-Amz-Signature") == "" ||
		q.Get("X-Amz-SignedHeaders") != "content-length;content-type;host;if-none-match;x-amz-meta-limits;x-amz-meta-owner" {
		t.Errorf("%s %s", up.Upload.Method, up.Upload.URL)
	}
	if len(up.Upload.Headers) != 4 || up.Upload.Headers["x-amz-meta-owner"] != "ann" || up.Upload.Headers["if-none-match"] != "*" {
		t.Errorf("headers %v", up.Upload.Headers)
	}
	if want := status + contract.UploadPath(photo.Ref{Board: "cats", ID: up.ID}); up.StatusURL != want {
		t.Errorf("statusUrl %s, want %s", up.StatusURL, want)
	}
	if left := time.Until(up.ExpiresAt); left > 2*time.Minute || left < time.Minute {
		t.Errorf("expires in %v", left)
	}
}

func uploadEvent(token string) events.APIGatewayV2HTTPRequest {
	return events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: "/prod/v1/boards/cats/uploads", Body: uploadBody,
		Headers: map[string]string{"authorization": "Bearer " + token, "content-type": "application/json"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{Stage: "prod", DomainName: "abc.example",
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: "POST", SourceIP: "192.0.2.1"}}}
}

func TestOnLambda(t *testing.T) {
	asLambda(t, func(env []string) *child { return start(t, env) })
}

// asLambda tests the program as Lambda runs it. start starts it with an environment.
func asLambda(t *testing.T, start func(env []string) *child) {
	t.Helper()
	iss := newIssuer(t)
	rt, addr := newRuntimeAPI(t)
	p := start(iss.env("AWS_LAMBDA_RUNTIME_API="+addr, "AWS_SESSION_TOKEN=TOK",
		"AUTH_WRITE_SCOPE=uploads:write", "AUTH_READ_SCOPE=uploads:read"))
	good := iss.token(t, "cats")
	for i, c := range []struct {
		token  string
		status int
	}{{good, 201}, {good[:len(good)-6] + "AAAAAA", 401}, {iss.token(t, "dogs"), 403}, {good, 201}} {
		id := "invocation-" + string(rune('1'+i))
		a := rt.invoke(t, p, uploadEvent(c.token))
		var resp events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(a.body, &resp); err != nil || a.path != id+"/response" || resp.StatusCode != c.status {
			t.Fatalf("%s: %s, %v; want %d\n%s", a.path, a.body, err, c.status, p.log())
		}
		if resp.Headers["X-Request-Id"] != id || resp.Headers["Cache-Control"] != "no-store" {
			t.Errorf("headers %v", resp.Headers)
		}
		if c.status == 201 {
			var up contract.NewUpload
			if err := json.Unmarshal([]byte(resp.Body), &up); err != nil {
				t.Fatal(err)
			}
			checkToken(t, up, "https://photos-up.s3.us-east-1.amazonaws.com/", "https://abc.example/prod")
			if resp.Headers["Location"] != up.StatusURL {
				t.Errorf("Location %s", resp.Headers["Location"])
			}
		}
		if rec := p.waitFor(t, "request"); rec["request_id"] != id || rec["status"] != float64(c.status) {
			t.Errorf("log has %v", rec)
		}
	}
	get := uploadEvent(good)
	get.RequestContext.HTTP.Method, get.RawPath = "GET", "/prod/v1/boards/cats/uploads/0123456789abcdef0123456789abcdef"
	if a := rt.invoke(t, p, get); !bytes.Contains(a.body, []byte(contract.ProblemScopeMissing)) {
		t.Errorf("reading without the scope: %s", a.body)
	}
	a := rt.invoke(t, p, map[string]string{"source": "aws.events"})
	if a.path != "invocation-6/response" || !bytes.Contains(a.body, []byte(`"statusCode":400`)) ||
		!bytes.Contains(a.body, []byte(`"X-Request-Id":"invocation-6"`)) {
		t.Errorf("an event that is not a request: %s %s", a.path, a.body)
	}
	if rec := p.waitFor(t, "event is not an HTTP request"); rec["request_id"] != "invocation-6" {
		t.Errorf("log has %v", rec)
	}
	if log := p.log(); strings.Contains(log, "X-Amz-Signature") || strings.Contains(log, good[:40]) {
		t.Errorf("the log holds a URL or a token:\n%s", log)
	}
}

func TestOverHTTP(t *testing.T) {
	iss := newIssuer(t)
	requests := make(chan struct{}, 1000)                                                    // to S3
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // an empty S3
		requests <- struct{}{}
		w.WriteHeader(404)
		if r.Method == http.MethodGet {
			w.Write([]byte("<Error><Code>NoSuchKey</Code></Error>"))
		}
	}))
	defer s3.Close()
	p := start(t, iss.env("LISTEN_ADDR=127.0.0.1:0", "AWS_ENDPOINT_URL_S3="+s3.URL, "S3_PUBLIC_ENDPOINT=http://s3.example:9000",
		// A compose file or a template passes empty variables for settings that are not set:
		"CORS_ORIGINS=", "ALLOWED_TYPES=", "REQUIRE_SHA256=", "PUBLIC_URL=", "TOKEN_TTL=", "MAX_BYTES=", "LOG_LEVEL=", "LOG_FORMAT="))
	addr := p.waitFor(t, "listening")["addr"].(string)
	base := "http://" + addr
	bearer := "Bearer " + iss.token(t, "*")

	req, _ := http.NewRequest("POST", base+"/v1/boards/cats/uploads", strings.NewReader(uploadBody))
	req.Header.Set("Authorization", bearer)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var up contract.NewUpload
	if err := json.NewDecoder(resp.Body).Decode(&up); err != nil || resp.StatusCode != 201 {
		t.Fatalf("%d, %v\n%s", resp.StatusCode, err, p.log())
	}
	checkToken(t, up, "http://s3.example:9000/photos-up/", base)

	req, _ = http.NewRequest("GET", up.StatusURL, nil)
	req.Header.Set("Authorization", bearer)
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var status contract.Upload
	if err := json.NewDecoder(resp.Body).Decode(&status); err != nil || resp.StatusCode != 200 || status.State != "awaiting" {
		t.Errorf("%d %+v, %v\n%s", resp.StatusCode, status, err, p.log())
	}

	check := command(t, []string{"LISTEN_ADDR=" + addr}, "healthcheck")
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("healthcheck: %v %s", err, out)
	}
	second := command(t, iss.env("LISTEN_ADDR="+addr))
	if out, err := second.CombinedOutput(); err == nil || !bytes.Contains(out, []byte("another program already does")) {
		t.Errorf("a second server on the same port: %v %s", err, out)
	}

	// A request that waits for a photo does not delay the end.
	req.URL.RawQuery = "wait=20s"
	for len(requests) > 0 {
		<-requests
	}
	waited := make(chan string, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			waited <- err.Error()
			return
		}
		defer resp.Body.Close()
		waited <- resp.Status
	}()
	<-requests
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := <-waited; got != "200 OK" {
		t.Errorf("waiting request: %s", got)
	}
	p.waitFor(t, "stopped")
	for range p.lines { // Wait closes the pipe, so read to its end first
	}
	if err := p.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v\n%s", err, p.log())
	}
	check = command(t, []string{"LISTEN_ADDR=" + addr}, "healthcheck")
	if out, err := check.CombinedOutput(); err == nil || !bytes.Contains(out, []byte("is not healthy")) {
		t.Errorf("healthcheck after the end: %v %s", err, out)
	}
}

func TestIssuerIsDown(t *testing.T) {
	iss := newIssuer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody answers there
	p := start(t, append(iss.env("LISTEN_ADDR=127.0.0.1:0"), "AUTH_JWKS_URL=http://"+l.Addr().String()))
	addr := p.waitFor(t, "listening")["addr"].(string)
	req, _ := http.NewRequest("POST", "http://"+addr+"/v1/boards/cats/uploads", strings.NewReader(uploadBody))
	req.Header.Set("Authorization", "Bearer "+iss.token(t, "*"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("%d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

// TestS3IsDown: every route that needs S3 answers 503 and says when to try again. Issuing a token needs no S3.
func TestS3IsDown(t *testing.T) {
	iss := newIssuer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody answers there
	p := start(t, iss.env("LISTEN_ADDR=127.0.0.1:0", "AWS_ENDPOINT_URL_S3=http://"+l.Addr().String(), "AWS_MAX_ATTEMPTS=1"))
	base := "http://" + p.waitFor(t, "listening")["addr"].(string)
	const board, one = "/v1/boards/cats/uploads", "/v1/boards/cats/uploads/0123456789abcdef0123456789abcdef"
	for request, status := range map[string]int{"GET " + one: 503, "GET " + one + "?wait=1s": 503, "GET " + board: 503, "DELETE " + one: 503, "POST " + board: 201} {
		method, path, _ := strings.Cut(request, " ")
		req, err := http.NewRequest(method, base+path, strings.NewReader(uploadBody))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+iss.token(t, "*"))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var problem contract.Problem
		err = json.NewDecoder(resp.Body).Decode(&problem)
		resp.Body.Close()
		if err != nil || resp.StatusCode != status || status == 503 && (problem.Slug() != contract.ProblemStorageUnavailable || resp.Header.Get("Retry-After") != "2") {
			t.Errorf("%s: %d %+v with Retry-After %q, %v\n%s", request, resp.StatusCode, problem, resp.Header.Get("Retry-After"), err, p.log())
		}
	}
}

// BenchmarkIssueToken measures one POST without the network: checking an ES256 token and presigning.
func BenchmarkIssueToken(b *testing.B) {
	for _, kv := range [][2]string{{"AWS_REGION", "us-east-1"}, {"AWS_ACCESS_KEY_ID", "AK"}, {"AWS_SECRET_ACCESS_KEY", "SK"}} {
		b.Setenv(kv[0], kv[1])
	}
	iss := newIssuer(b)
	c := testSettings(iss.url)
	h, err := c.handler(b.Context(), nil, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	bearer := "Bearer " + iss.token(b, "cats")
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest("POST", "/v1/boards/cats/uploads", strings.NewReader(uploadBody))
		req.Header.Set("Authorization", bearer)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, req); w.Code != 201 {
			b.Fatal(w.Body)
		}
	}
}
