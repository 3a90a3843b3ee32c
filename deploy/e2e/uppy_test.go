package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/chromedp/chromedp"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/testkit/browser"
)

// uppyPage is a page that uploads with Uppy from another origin than the API and S3.
type uppyPage struct {
	*browser.Page
	s *system
}

// uppyOutcome is Uppy's result of an upload.
type uppyOutcome struct {
	ETag, Location string // after a success; Uppy 6 has no ETag
	Error          string
	OutcomeURL     string // URL at which the script in README.md waits
}

// send uploads the chosen file in one of the ways of page.js.
func (p uppyPage) send(t *testing.T, way string) uppyOutcome {
	t.Helper()
	browser.Eval[chromedp.Void](p.Page, fmt.Sprintf("send(%q)", way))
	all := browser.Eval[[]uppyOutcome](p.Page, "outcomes.splice(0)")
	if len(all) != 1 || all[0].OutcomeURL == "" {
		t.Fatalf("%s: %+v", way, all)
	}
	return all[0]
}

func (p uppyPage) wantReady(t *testing.T, outcomeURL string) {
	t.Helper()
	if state := browser.Eval[string](p.Page, fmt.Sprintf("state(%q)", outcomeURL)); state != "ready" {
		t.Errorf("the photo is %s", state)
	}
}

// wantStored compares Uppy's result with the object in S3.
func (p uppyPage) wantStored(t *testing.T, out uppyOutcome, hasETag bool) {
	t.Helper()
	key := "demo/" + path.Base(path.Dir(out.OutcomeURL))
	head, err := p.s.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: ptr(fake.Uploads), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	// S3 escapes the slash in the Location of a POST.
	location, err := url.PathUnescape(out.Location)
	if err != nil || !strings.HasSuffix(location, "/"+key) || hasETag && out.ETag != *head.ETag {
		t.Errorf("Uppy says %+v, S3 has %s under %s", out, *head.ETag, key)
	}
}

// wantTroubles compares the troubles with regular expressions.
func (p uppyPage) wantTroubles(t *testing.T, want ...string) {
	t.Helper()
	got := p.Troubles()
	if !slices.EqualFunc(got, want, func(g, w string) bool { return regexp.MustCompile("^" + w + "$").MatchString(g) }) {
		t.Errorf("troubles %q, want %q", got, want)
	}
}

// busyS3 is a proxy for S3 that answers a given number of PUTs with 409.
type busyS3 struct {
	*httptest.Server
	busy atomic.Int32
	s3   atomic.Pointer[url.URL]
}

func newBusyS3(t *testing.T) *busyS3 {
	t.Helper()
	b := &busyS3{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(b.s3.Load())
		r.Out.Host = r.In.Host // the host is signed
	}}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && b.busy.Add(-1) >= 0 {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, "<Error><Code>ConditionalRequestConflict</Code></Error>")
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func TestUppyUploads(t *testing.T) {
	t.Parallel()
	busy, origin := newBusyS3(t), newPageServer(t)
	s := startSystem(t, func(c *stack.Config) {
		c.Origins = []string{origin.URL}
		c.APIEnv = []string{"ALLOW_FORM=true", "S3_PUBLIC_ENDPOINT=" + busy.URL}
	})
	target, err := url.Parse(s.S3)
	if err != nil {
		t.Fatal(err)
	}
	busy.s3.Store(target)
	b := browser.Start(t) // stops before the system, which waits for its connections
	token := s.token(t, "ann", "demo")
	jpeg := filepath.Join(t.TempDir(), "IMG_0001.jpg")
	if err := os.WriteFile(jpeg, small(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		version string
		ways    []string
		hasETag bool
		says    []string // console messages of Uppy after a 412
	}{
		{"5", []string{"as in README.md", "with a digest", "as a form"}, true, []string{`console: \[Uppy\] .* Non 2xx`}},
		{"6", []string{"as in README.md", "with a digest"}, false, []string{`console: Refused to get unsafe header "x-amz-error-code".*`, `console: \[Uppy\] .* 412 – PreconditionFailed`}},
	} {
		origin.serve(t, c.version, s.API, token)
		page := uppyPage{b.Open(t, origin.URL, browser.View{}), s}
		page.SetFiles("#photo", jpeg)
		for _, way := range c.ways {
			t.Run(c.version+" "+way, func(t *testing.T) {
				out := page.send(t, way)
				if out.Error != "" {
					t.Fatalf("%+v", out)
				}
				page.wantStored(t, out, c.hasETag)
				page.wantReady(t, out.OutcomeURL)
				page.wantTroubles(t)
			})
		}
		t.Run(c.version+" while S3 is busy", func(t *testing.T) {
			before := s.keys(t, fake.Uploads)
			busy.busy.Store(2)
			out := page.send(t, "while S3 is busy")
			if out.Error != "" || busy.busy.Load() >= 0 {
				t.Fatalf("%+v, %d more times busy", out, busy.busy.Load())
			}
			page.wantStored(t, out, c.hasETag)
			page.wantReady(t, out.OutcomeURL)
			if added := len(s.keys(t, fake.Uploads)) - len(before); added != 1 {
				t.Errorf("%d photos are stored", added)
			}
			page.Troubles() // what Uppy and the browser say of the 409
		})
		t.Run(c.version+" again", func(t *testing.T) {
			first := page.send(t, "with a digest")
			out := page.send(t, "again")
			if out.Error == "" || out.OutcomeURL != first.OutcomeURL {
				t.Errorf("%+v after %+v", out, first)
			}
			page.wantReady(t, out.OutcomeURL)
			page.wantTroubles(t, append([]string{`request: PUT .*: 412`}, c.says...)...)
		})
	}
}

// TestBrowserForm uploads with an HTML form, without a script.
func TestBrowserForm(t *testing.T) {
	t.Parallel()
	origin := newPageServer(t)
	s := startSystem(t, func(c *stack.Config) { c.Origins, c.APIEnv = []string{origin.URL}, []string{"ALLOW_FORM=true"} })
	b := browser.Start(t)
	origin.serve(t, "5", s.API, s.token(t, "ann", "demo"))
	page := uppyPage{b.Open(t, origin.URL, browser.View{}), s}
	jpeg := filepath.Join(t.TempDir(), "IMG_0001.jpg")
	if err := os.WriteFile(jpeg, small(t), 0o600); err != nil {
		t.Fatal(err)
	}
	outcomeURL := browser.Eval[string](page.Page, "fill()")
	page.SetFiles("form input[type=file]", jpeg)
	page.Do(chromedp.Click(chromedp.CSS("form button")))
	page.Wait("answered")
	page.wantReady(t, outcomeURL)
	page.wantTroubles(t)
}
