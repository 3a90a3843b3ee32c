package e2e

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"darkroom/deploy/testkit/tool"
)

// uppyFiles holds the script of the page and, in a folder per major version of Uppy, the npm packages.
//
//go:embed uppy
var uppyFiles embed.FS

func uppyFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := uppyFiles.ReadFile("uppy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// readmeScript returns the example in token-lambda/README.md for a version of Uppy, word for word.
func readmeScript(t *testing.T, version string) string {
	t.Helper()
	readme, err := os.ReadFile("../../token-lambda/README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```js\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(found) != 2 {
		t.Fatalf("token-lambda/README.md has %d JavaScript examples, want one for Uppy 5 and the difference for Uppy 6", len(found))
	}
	script, other := string(found[0][1]), string(found[1][1])
	if version == "5" {
		return script
	}
	line := regexp.MustCompile("(?m)^const uppy = .*\n")
	if len(line.FindAllString(script, -1)) != 1 || !strings.HasPrefix(other, "const uppy = ") {
		t.Fatalf("token-lambda/README.md does not show which line to replace:\n%s\n%s", script, other)
	}
	return line.ReplaceAllLiteralString(script, other)
}

// pageServer has an origin of its own. The system needs this origin before it starts, and the page needs the address of
// the system.
type pageServer struct {
	*httptest.Server
	page atomic.Pointer[http.ServeMux]
}

func newPageServer(t *testing.T) *pageServer {
	s := &pageServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.page.Load().ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	return s
}

// serve serves the page with Uppy.
func (s *pageServer) serve(t *testing.T, version, apiURL, token string) {
	t.Helper()
	packages, err := fs.Sub(uppyFiles, "uppy/"+version)
	if err != nil {
		t.Fatal(err)
	}
	built := api.Build(api.BuildOptions{
		Stdin: &api.StdinOptions{Sourcefile: "page.js", ResolveDir: tool.InstallNPM(t, packages),
			Contents: readmeScript(t, version) + string(uppyFile(t, "page.js"))},
		Bundle: true, Format: api.FormatIIFE, LogLevel: api.LogLevelSilent,
	})
	for _, m := range append(built.Errors, built.Warnings...) {
		t.Fatalf("bundle: %+v: %s", m.Location, m.Text)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		w.Write(built.OutputFiles[0].Contents)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><meta charset="utf-8"><title>Uppy</title><link rel="icon" href="data:,">
<input id="photo" type="file"><form></form><iframe name="answer"></iframe>
<script>const API = %q, token = %q</script><script src="page.js"></script>`, apiURL, token)
	})
	s.page.Store(mux)
}
