package web

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"darkroom/deploy/testkit/tool"
	"darkroom/worker/photo"
)

func get(t *testing.T, h http.Handler, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), "\r\n\r\n")
	return text
}

func TestPageIsServedWithItsPolicy(t *testing.T) {
	h, err := Handler(Config{Boards: []string{"cats"}, SignIn: &SignIn{Issuer: "https://issuer.example/pool", ClientID: "board", TokenOrigin: "https://tokens.example"}, Storage: []string{"http://127.0.0.1:9000", "https://b.s3.amazonaws.com"}})
	if err != nil {
		t.Fatal(err)
	}
	resp := get(t, h, "/")
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
			"img-src 'self' blob: http://127.0.0.1:9000 https://b.s3.amazonaws.com; connect-src 'self' http://127.0.0.1:9000 https://b.s3.amazonaws.com https://issuer.example https://tokens.example; " +
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if again := get(t, h, "/", "If-None-Match", resp.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("with its ETag: %s", again.Status)
	}
	if missing := get(t, h, "/page/missing.js"); missing.StatusCode != http.StatusNotFound || missing.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("what is not there: %s", missing.Status)
	}
}

func TestConfigJSON(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, `{}`},
		{Config{Boards: []string{"cats", "dogs"}, SignIn: &SignIn{Issuer: "http://i", ClientID: "board", Scope: "a b", Resource: "r"}, System: "/system.json", Storage: []string{"http://s3"}},
			`{"boards":["cats","dogs"],"signIn":{"issuer":"http://i","clientId":"board","scope":"a b","resource":"r"},"system":"/system.json"}`},
	} {
		h, err := Handler(c.config)
		if err != nil {
			t.Fatal(err)
		}
		resp := get(t, h, "/config.json")
		if got := body(t, resp); got != c.want || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s, want %s", resp.Header.Get("Content-Type"), got, c.want)
		}
	}
	for _, bad := range []Config{{Boards: []string{"No Board"}}, {Storage: []string{"s3"}}, {Storage: []string{"http://s3/bucket"}}, {Storage: []string{"http://s3;script-src"}},
		{SignIn: &SignIn{Issuer: "i", ClientID: "c"}}, {SignIn: &SignIn{Issuer: "https://i"}}, {SignIn: &SignIn{Issuer: "https://i;x", ClientID: "c"}},
		{SignIn: &SignIn{Issuer: "https://i", ClientID: "c", TokenOrigin: "https://t/path"}}} {
		if _, err := Handler(bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// eachFile calls each for every file of the page.
func eachFile(t *testing.T, each func(name, text string)) {
	t.Helper()
	err := fs.WalkDir(files, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		each(name, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var link = regexp.MustCompile(`(?:from |import |href=|src=)["']([^"'#][^"']*)["']`)

// The page has no build step that would notice: what a file refers to must be there and be ours.
func TestReferencesBetweenFiles(t *testing.T) {
	h, err := Handler(Config{})
	if err != nil {
		t.Fatal(err)
	}
	eachFile(t, func(name, text string) {
		if Types[path.Ext(name)] == "" {
			t.Errorf("%s: no content type for it", name)
		}
		url := "/" + name
		if name == "page/index.html" {
			url = "/"
		}
		if resp := get(t, h, url); resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != Types[path.Ext(name)] {
			t.Errorf("%s: %s %s", url, resp.Status, resp.Header.Get("Content-Type"))
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := path.Join(path.Dir(url), m[1])
			if resp := get(t, h, target); resp.StatusCode != http.StatusOK {
				t.Errorf("%s refers to %s: %s", name, m[1], resp.Status)
			}
		}
		if path.Ext(name) == ".html" && strings.Contains(text, "://") {
			t.Errorf("%s: refers to another origin", name)
		}
		if strings.Contains(text, " style=") || strings.Contains(text, " onclick=") {
			t.Errorf("%s: has what its policy forbids", name)
		}
	})
}

func TestEveryStateAndReasonHasWords(t *testing.T) {
	b, err := files.ReadFile("page/words.js")
	if err != nil {
		t.Fatal(err)
	}
	hasWords := func(table, key string) bool {
		_, after, _ := strings.Cut(string(b), "export const "+table+" = {")
		entries, _, _ := strings.Cut(after, "};")
		return regexp.MustCompile(`(?m)^  '?` + regexp.QuoteMeta(key) + `'?: '[A-Z][^']+',$`).MatchString(entries)
	}
	for _, r := range photo.Reasons {
		if !hasWords("reasons", string(r)) {
			t.Errorf("no words for the reason %s", r)
		}
	}
	for _, s := range []photo.State{photo.Awaiting, photo.Processing, photo.Ready, photo.Rejected, photo.Removed} {
		if !hasWords("states", string(s)) {
			t.Errorf("no words for the state %s", s)
		}
	}
	if hasWords("reasons", "nonsense") {
		t.Error("this test finds everything")
	}
}

// TestModules runs the tests of the modules in Node.js, which is not needed for the page.
func TestModules(t *testing.T) {
	node := tool.Find(t, "node")
	tests, err := filepath.Glob("test/*.test.js")
	if err != nil {
		t.Fatal(err)
	}
	// The go command takes no result from its cache if a file that the test has read is newer.
	for _, name := range append(tests, "../../README.md", "README.md") {
		if _, err := os.Stat(name); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), node, append([]string{"--test"}, tests...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	var n int
	if m := regexp.MustCompile(`(?m)^# pass (\d+)$`).FindSubmatch(out); m != nil {
		fmt.Sscan(string(m[1]), &n)
	}
	if n == 0 {
		t.Errorf("no test ran:\n%s", out)
	}
}
