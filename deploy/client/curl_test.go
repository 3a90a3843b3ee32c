package client

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestCurlExample runs the example of the README, word for word, against an API and a storage that answers the first
// upload with 409.
func TestCurlExample(t *testing.T) {
	bash := tool.Find(t, "bash")
	tool.Find(t, "curl")
	tool.Find(t, "jq")
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```\n(TOKEN=[^\n]*\n.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(examples) != 1 {
		t.Fatalf("README.md has %d examples for curl, want 1", len(examples))
	}
	var mu sync.Mutex
	var requests []string
	var base string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		requests = append(requests, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		switch {
		case r.Method == http.MethodPost && r.Header.Get("Authorization") == "Bearer secret":
			fmt.Fprintf(w, `{"statusUrl":"%s/status","outcomeUrl":"%s/outcome","upload":{"method":"PUT","url":"%s/s3?X-Amz-Signature=1","headers":{"content-type":"image/jpeg","if-none-match":"*"}}}`, base, base, base)
		case r.Method == http.MethodPut && r.Header.Get("If-None-Match") == "*" && len(requests) == 2:
			w.WriteHeader(http.StatusConflict)
		case r.URL.Path == "/outcome":
			io.WriteString(w, `{"state":"ready"}`)
		}
	}))
	defer srv.Close()
	base = srv.URL
	script := strings.NewReplacer("$(go run ./deploy/local token)", "secret", "http://127.0.0.1:8080", base).Replace(examples[0][1])
	dir := t.TempDir()
	write(t, filepath.Join(dir, "photo.jpg"), "photo")
	cmd := exec.CommandContext(t.Context(), bash, "-euo", "pipefail", "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `{"state":"ready"}`) {
		t.Errorf("%v\n%s", err, out)
	}
	want := []string{`POST /v1/boards/demo/uploads {"contentType":"image/jpeg","contentLength":5}`, "PUT /s3?X-Amz-Signature=1 photo",
		"PUT /s3?X-Amz-Signature=1 photo", "GET /outcome "}
	if !slices.Equal(requests, want) {
		t.Errorf("requests %q, want %q", requests, want)
	}
}
