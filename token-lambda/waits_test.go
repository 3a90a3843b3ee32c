package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const someID = "0123456789abcdef0123456789abcdef"

// emptyS3 answers that no object exists.
func emptyS3(t *testing.T) *httptest.Server {
	t.Helper()
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		if r.Method == http.MethodGet {
			io.WriteString(w, "<Error><Code>NoSuchKey</Code></Error>")
		}
	}))
	t.Cleanup(s3.Close)
	return s3
}

// TestStreamOverHTTP: the server sends the beginning of a stream at once, and ends the stream well when it stops.
func TestStreamOverHTTP(t *testing.T) {
	iss := newIssuer(t)
	p := start(t, iss.env("LISTEN_ADDR=127.0.0.1:0", "AWS_ENDPOINT_URL_S3="+emptyS3(t).URL))
	addr := p.waitFor(t, "listening")["addr"].(string)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+contract.OutcomesPath("cats")+"?ids="+someID, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+iss.token(t, "*"))
	req.Header.Set("Accept", contract.EventsContentType)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	if first, err := body.ReadString('\n'); err != nil || !strings.HasPrefix(first, ":") || resp.Header.Get("Content-Type") != contract.EventsContentType {
		t.Fatalf("%s, header %v, first line %q, %v\n%s", resp.Status, resp.Header, first, err, p.log())
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(body); err != nil {
		t.Errorf("the stream ends with %v", err)
	}
	p.waitFor(t, "stopped")
}

// TestWaitsOnLambda: a function cannot stream, and with MAX_WAIT=0s it answers at once whatever the request asks for.
func TestWaitsOnLambda(t *testing.T) {
	iss := newIssuer(t)
	rt, addr := newRuntimeAPI(t)
	p := start(t, iss.env("AWS_LAMBDA_RUNTIME_API="+addr, "AWS_ENDPOINT_URL_S3="+emptyS3(t).URL, "MAX_WAIT=0s"))
	for path, want := range map[string]string{
		contract.OutcomesPath("cats"):                              `{"uploads":[]}`,
		contract.OutcomePath(photo.Ref{Board: "cats", ID: someID}): `{"id":"` + someID + `","state":"awaiting"}`,
	} {
		ev := uploadEvent(iss.token(t, "cats"))
		ev.RequestContext.HTTP.Method, ev.RawPath, ev.RawQueryString, ev.Body = http.MethodGet, "/prod"+path, "wait=20&ids="+someID, ""
		ev.Headers["accept"], ev.Headers["prefer"] = contract.EventsContentType, "wait=20"
		var resp events.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(rt.invoke(t, p, ev).body, &resp); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(resp.Body); resp.StatusCode != http.StatusOK || got != want || resp.Headers["Content-Type"] != contract.ContentType || resp.Headers[contract.PreferenceAppliedHeader] != "" {
			t.Errorf("%s: %d %s, headers %v, want %s\n%s", path, resp.StatusCode, got, resp.Headers, want, p.log())
		}
	}
}
