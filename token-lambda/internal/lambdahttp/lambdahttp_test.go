package lambdahttp

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
)

// postEvent is an event of an HTTP API, after the example in AWS's documentation.
const postEvent = `{
  "version": "2.0", "routeKey": "$default",
  "rawPath": "/v1/boards/a%2Fb/uploads", "rawQueryString": "x=1&x=2&y=%20",
  "cookies": ["a=1", "b=2"],
  "headers": {"content-type": "application/json", "accept": "a,b", "host": "ignored.example", "x-request-id": "client-1"},
  "requestContext": {"stage": "$default", "domainName": "abc.execute-api.eu-central-1.amazonaws.com", "requestId": "gw-1",
    "http": {"method": "POST", "path": "/v1/boards/a/b/uploads", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t"}},
  "body": "aGVsbG8=", "isBase64Encoded": true}`

func parse(t testing.TB, s string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	var ev events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(s), &ev); err != nil {
		t.Fatal(err)
	}
	return ev
}

func TestRequest(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		got := map[string]any{"method": r.Method, "path": r.URL.Path, "escaped": r.URL.EscapedPath(), "uri": r.RequestURI, "x": r.URL.Query()["x"],
			"host": r.Host, "host header": r.Header.Get("Host"), "tls": r.TLS != nil, "remote": r.RemoteAddr, "accept": r.Header.Get("Accept"),
			"cookies": len(r.Cookies()), "body": string(body), "length": r.ContentLength, "error": err}
		want := map[string]any{"method": "POST", "path": "/v1/boards/a/b/uploads", "escaped": "/v1/boards/a%2Fb/uploads", "uri": "/v1/boards/a%2Fb/uploads?x=1&x=2&y=%20", "x": []string{"1", "2"},
			"host": "abc.execute-api.eu-central-1.amazonaws.com", "host header": "", "tls": true, "remote": "192.0.2.1:0", "accept": "a,b",
			"cookies": 2, "body": "hello", "length": int64(5), "error": nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		w.WriteHeader(204)
	})
	resp, err := New(h, slog.New(slog.DiscardHandler))(t.Context(), parse(t, postEvent))
	if err != nil || resp.StatusCode != 204 {
		t.Errorf("%+v, %v", resp, err)
	}
}

func TestPaths(t *testing.T) {
	for name, c := range map[string]struct{ raw, stage, path, uri string }{
		"default stage":        {"/a/b", "$default", "/a/b", "/a/b"},
		"stage":                {"/prod/a", "prod", "/a", "/prod/a"},
		"stage alone":          {"/prod", "prod", "/", "/prod"},
		"stage not there":      {"/a", "prod", "/a", "/a"},
		"begins like it":       {"/production/a", "prod", "/production/a", "/production/a"},
		"empty":                {"", "", "/", "/"},
		"no slash":             {"a", "", "/a", "/a"},
		"two slashes":          {"//evil/a", "", "//evil/a", "//evil/a"},
		"not percent-encoded":  {"/100%", "", "/100%", "/100%25"},
		"already decoded":      {"/a b", "", "/a b", "/a%20b"},
		"question mark inside": {"/a%3Fb", "", "/a?b", "/a%3Fb"},
	} {
		ev := parse(t, postEvent)
		ev.RawPath, ev.RequestContext.Stage, ev.RawQueryString = c.raw, c.stage, ""
		r, err := request(t.Context(), ev)
		if err != nil || r.URL.Path != c.path || r.RequestURI != c.uri || r.URL.Host != "" {
			t.Errorf("%s: path %q, URI %q, host %q, %v", name, r.URL.Path, r.RequestURI, r.URL.Host, err)
		}
	}
}

func TestResponse(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n"
	for name, c := range map[string]struct {
		method string
		h      http.HandlerFunc
		want   events.APIGatewayV2HTTPResponse
	}{
		"text": {"GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Add("Vary", "Origin")
			w.Header().Add("Vary", "Accept")
			w.Header().Add("Set-Cookie", "a=1; Expires=Mon, 01 Jan 2035")
			w.Header().Add("Set-Cookie", "b=2")
			w.WriteHeader(201)
			w.Header().Set("Late", "x")
			w.WriteHeader(500)
			io.WriteString(w, "{}")
		}, events.APIGatewayV2HTTPResponse{StatusCode: 201, Headers: map[string]string{"Content-Type": "application/json", "Vary": "Origin, Accept"},
			Cookies: []string{"a=1; Expires=Mon, 01 Jan 2035", "b=2"}, Body: "{}"}},
		"bytes": {"GET", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, png) },
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "image/png"}, Body: "iVBORw0KGgo=", IsBase64Encoded: true}},
		"HEAD": {"HEAD", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "text") },
			events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}}},
		"nothing": {"GET", func(http.ResponseWriter, *http.Request) {}, events.APIGatewayV2HTTPResponse{StatusCode: 200, Headers: map[string]string{}}},
		"early hints": {"GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(404) },
			events.APIGatewayV2HTTPResponse{StatusCode: 404, Headers: map[string]string{}}},
		"204 takes no body": {"GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			if _, err := io.WriteString(w, "x"); err != http.ErrBodyNotAllowed {
				t.Errorf("error %v", err)
			}
		}, events.APIGatewayV2HTTPResponse{StatusCode: 204, Headers: map[string]string{}}},
	} {
		ev := parse(t, postEvent)
		ev.RequestContext.HTTP.Method = c.method
		got, err := New(c.h, slog.New(slog.DiscardHandler))(t.Context(), ev)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestPanicAnswers500(t *testing.T) {
	for name, c := range map[string]struct {
		value  any
		logged bool
	}{"panic": {"boom", true}, "abort": {http.ErrAbortHandler, false}} {
		var log bytes.Buffer
		f := New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
			panic(c.value)
		}), slog.New(slog.NewJSONHandler(&log, nil)))
		resp, err := f(lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"}), parse(t, postEvent))
		if err != nil || resp.StatusCode != 500 || !json.Valid([]byte(resp.Body)) || !strings.Contains(resp.Body, `"requestId":"invocation-1"`) ||
			resp.Headers["X-Request-Id"] != "invocation-1" {
			t.Errorf("%s: %+v, %v", name, resp, err)
		}
		if got := strings.Contains(log.String(), "boom") && strings.Contains(log.String(), "TestPanicAnswers500"); got != c.logged {
			t.Errorf("%s: logged %q", name, &log)
		}
	}
}

func TestInvalidEvents(t *testing.T) {
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("served %s %s", r.Method, r.URL) })
	for _, s := range []string{`{}`, `{"source":"aws.events"}`, `{"httpMethod":"GET","path":"/"}`,
		`{"requestContext":{"http":{"method":"G ET"}}}`,
		`{"requestContext":{"http":{"method":"POST"}},"body":"%%%","isBase64Encoded":true}`} {
		if resp, err := New(h, slog.New(slog.DiscardHandler))(t.Context(), parse(t, s)); err != nil || resp.StatusCode != 400 || !strings.Contains(resp.Body, `"type":"about:blank","title":"Bad Request"`) {
			t.Errorf("%s: %+v, %v", s, resp, err)
		}
	}
}

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deadline := time.Now().Add(3 * time.Second)
		ctx, cancel := context.WithDeadline(t.Context(), deadline)
		defer cancel()
		ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			if left := time.Until(deadline); left != deadlineMargin {
				t.Errorf("%v left, want %v", left, deadlineMargin)
			}
			w.WriteHeader(503)
		})
		if resp, err := New(h, slog.New(slog.DiscardHandler))(ctx, parse(t, postEvent)); err != nil || resp.StatusCode != 503 {
			t.Errorf("%+v, %v", resp, err)
		}
	})
}

func FuzzEvent(f *testing.F) {
	for _, s := range []string{postEvent, `{}`, `{"rawPath":"//x:%zz","requestContext":{"stage":"","http":{"method":"GET"}}}`,
		`{"rawPath":"\u0000","headers":{"":"","\n":"\r"},"requestContext":{"domainName":"a b","http":{"method":"HEAD","sourceIp":"::1"}}}`,
		`{"body":"=","isBase64Encoded":true,"requestContext":{"http":{"method":"PUT"}}}`} {
		f.Add(s)
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.URL.Query()
		r.Cookies()
		w.Header().Set("Location", r.URL.String())
		w.Write(body)
	})
	f.Fuzz(func(t *testing.T, s string) {
		var ev events.APIGatewayV2HTTPRequest
		if json.Unmarshal([]byte(s), &ev) != nil {
			return // Lambda's library answers it
		}
		// A panic would be answered with 500.
		resp, err := New(h, slog.New(slog.DiscardHandler))(context.Background(), ev)
		if err != nil || resp.StatusCode != 200 && resp.StatusCode != 400 {
			t.Errorf("%d, %v", resp.StatusCode, err)
		}
		if _, err := json.Marshal(resp); err != nil {
			t.Error(err)
		}
	})
}
