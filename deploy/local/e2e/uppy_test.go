package e2e

import (
	"embed"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/chromedp/chromedp"
	"github.com/evanw/esbuild/pkg/api"

	"darkroom/deploy/internal/browser"
	"darkroom/deploy/internal/tool"
	"darkroom/deploy/local/aws"
	"darkroom/deploy/local/stack"
)

//go:embed uppy
var uppyFiles embed.FS

// uppyInstalled puts the pinned packages into a folder of the test.
func uppyInstalled(t *testing.T) (dir string) {
	t.Helper()
	npm := tool.Find(t, "npm")
	dir = t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := uppyFiles.ReadFile("uppy/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// uppyScript is the script of the page: what README.md shows, word for word, and what is in page.js.
func uppyScript(t *testing.T) []byte {
	t.Helper()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```js\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(found) != 1 || !strings.Contains(string(found[0][1]), "getUploadParameters") {
		t.Fatalf("README.md has %d pieces of JavaScript, want the one for Uppy", len(found))
	}
	page, err := uppyFiles.ReadFile("uppy/page.js")
	if err != nil {
		t.Fatal(err)
	}
	built := api.Build(api.BuildOptions{
		Stdin:  &api.StdinOptions{Contents: string(found[0][1]) + string(page), ResolveDir: uppyInstalled(t), Sourcefile: "page.js"},
		Bundle: true, Format: api.FormatIIFE, LogLevel: api.LogLevelSilent,
	})
	for _, m := range append(built.Errors, built.Warnings...) {
		t.Errorf("bundle: %s: %s", m.Location.File, m.Text)
	}
	if t.Failed() {
		t.FailNow()
	}
	return built.OutputFiles[0].Contents
}

// uppyOrigin serves the page from an origin that is neither the API's nor S3's.
func uppyOrigin(t *testing.T, api, token string) string {
	t.Helper()
	script := uppyScript(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		w.Write(script)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><meta charset="utf-8"><title>Uppy</title><link rel="icon" href="data:,">
<input id="photo" type="file"><form></form><iframe name="answer"></iframe>
<script>const API = %q, token = %q</script><script src="page.js"></script>`, api, token)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// uppyOutcome is what Uppy says of an upload.
type uppyOutcome struct {
	ETag, Location string // after a success
	Error          string
	StatusURL      string // that the script in README.md follows
}

// TestUppyTakesAnswersAsTheyAre uploads with Uppy in a browser, from a page of another origin than the API and S3 have.
func TestUppyTakesAnswersAsTheyAre(t *testing.T) {
	s := startSystem(t, func(c *stack.Config) { c.APIEnv = []string{"ALLOW_FORM=true"} })
	b := browser.Start(t) // and stopped before the system, which waits for connections to end
	bearer := s.token(t, "ann", "demo")
	page := b.Open(t, uppyOrigin(t, s.API, bearer), browser.View{})
	jpeg := filepath.Join(t.TempDir(), "IMG_0001.jpg")
	if err := os.WriteFile(jpeg, small(t), 0o600); err != nil {
		t.Fatal(err)
	}
	page.SetFiles("#photo", jpeg)

	send := func(t *testing.T, way string) uppyOutcome {
		t.Helper()
		browser.Eval[chromedp.Void](page, fmt.Sprintf("send(%q)", way))
		all := browser.Eval[[]uppyOutcome](page, "outcomes.splice(0)")
		if len(all) != 1 || all[0].StatusURL == "" {
			t.Fatalf("%s: %+v", way, all)
		}
		return all[0]
	}
	ready := func(t *testing.T, statusURL string) {
		t.Helper()
		if state := browser.Eval[string](page, fmt.Sprintf("state(%q)", statusURL)); state != "ready" {
			t.Errorf("the photo is %s", state)
		}
	}
	wantETag := func(t *testing.T, out uppyOutcome) {
		t.Helper()
		key := "demo/" + out.StatusURL[strings.LastIndex(out.StatusURL, "/")+1:]
		head, err := s.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: ptr(aws.Uploads), Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		// S3 escapes the slash in the Location of a POST.
		if location, err := url.PathUnescape(out.Location); err != nil || out.ETag != *head.ETag || !strings.HasSuffix(location, "/"+key) {
			t.Errorf("Uppy says %+v, S3 has %s under %s", out, *head.ETag, key)
		}
	}
	wantTroubles := func(t *testing.T, want ...string) {
		t.Helper()
		got := page.Troubles()
		if !slices.EqualFunc(got, want, func(g, w string) bool { return regexp.MustCompile("^" + w + "$").MatchString(g) }) {
			t.Errorf("troubles %q, want %q", got, want)
		}
	}

	for _, way := range []string{"as in README.md", "with a digest", "as a form"} {
		t.Run(way, func(t *testing.T) {
			out := send(t, way)
			if out.Error != "" {
				t.Fatalf("%+v", out)
			}
			wantETag(t, out)
			ready(t, out.StatusURL)
			wantTroubles(t)
		})
	}
	t.Run("a second time", func(t *testing.T) {
		first := send(t, "with a digest")
		out := send(t, "with the last parameters")
		if out.Error == "" || out.StatusURL != first.StatusURL {
			t.Errorf("%+v after %+v", out, first)
		}
		ready(t, out.StatusURL)
		// The second of them is Uppy's own.
		wantTroubles(t, `request: PUT .*: 412`, `console: \[Uppy\] .*`)
	})
	t.Run("a form without Uppy", func(t *testing.T) {
		statusURL := browser.Eval[string](page, "fill()")
		page.SetFiles("form input[type=file]", jpeg)
		page.Do(chromedp.Click(chromedp.CSS("form button")))
		page.Wait("answered")
		ready(t, statusURL)
		wantTroubles(t)
	})
}
