package browser

import (
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const page = `<!doctype html>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<style>
body { margin: 0; background: rgb(255, 255, 255) }
@media (prefers-color-scheme: dark) { body { background: rgb(0, 0, 0) } }
</style>
<input type="file" multiple>
<button onclick="document.title = 'pressed'">press</button>
`

// serve serves the page, an error status and a cut connection.
func serve(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page)
	})
	mux.HandleFunc("/kept", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Cache-Control", "max-age=60") })
	mux.HandleFunc("/gone", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusGone) })
	mux.HandleFunc("/cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestPageActions(t *testing.T) {
	url := serve(t)
	p := Start(t).Open(t, url, View{})
	files := []string{filepath.Join(t.TempDir(), "a.jpg"), filepath.Join(t.TempDir(), "b.jpg")}
	for i, f := range files {
		if err := os.WriteFile(f, []byte{byte(i)}, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.SetFiles("input", files...)
	if got := Eval[[]string](p, `Array.from(document.querySelector("input").files, f => f.name)`); !slices.Equal(got, []string{"a.jpg", "b.jpg"}) {
		t.Errorf("files %q", got)
	}
	p.Do(chromedp.Click(chromedp.CSS("button")))
	p.Wait(`document.title === "pressed"`)
	if got := Eval[int](p, `new Promise(done => setTimeout(done, 1, 7))`); got != 7 {
		t.Errorf("the promise is %d", got)
	}
	// The page navigates soon.
	Eval[chromedp.Void](p, `void setTimeout(() => { location = "/second" }, 50)`)
	p.Wait(`location.pathname === "/second" && document.querySelector("button")`)
}

func TestViews(t *testing.T) {
	url := serve(t)
	b := Start(t)
	for _, c := range []struct {
		view          View
		width, height int
		colour        string
		touch         bool
	}{
		{View{}, 1280, 800, "rgb(255, 255, 255)", false},
		{View{Width: 390, Height: 844, Touch: true, Dark: true}, 390, 844, "rgb(0, 0, 0)", true},
	} {
		p := b.Open(t, url, c.view)
		if w, h := Eval[int](p, "innerWidth"), Eval[int](p, "innerHeight"); w != c.width || h != c.height {
			t.Errorf("%+v: %dx%d", c.view, w, h)
		}
		if got := Eval[string](p, "getComputedStyle(document.body).backgroundColor"); got != c.colour {
			t.Errorf("%+v: %s", c.view, got)
		}
		if got := Eval[bool](p, `matchMedia("(pointer: coarse)").matches && navigator.maxTouchPoints > 0`); got != c.touch {
			t.Errorf("%+v: touch %v", c.view, got)
		}
		f, err := os.Open(p.Screenshot("device"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		picture, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X != c.width || size.Y != c.height {
			t.Errorf("%+v: the screenshot is %v", c.view, size)
		}
		r, g, b, _ := picture.At(c.width-1, c.height-1).RGBA()
		if got := fmt.Sprintf("rgb(%d, %d, %d)", r>>8, g>>8, b>>8); got != c.colour {
			t.Errorf("%+v: the screenshot has %s", c.view, got)
		}
	}
}

func TestTroubles(t *testing.T) {
	url := serve(t)
	p := Start(t).Open(t, url, View{})
	if got := p.Troubles(); len(got) != 0 {
		t.Errorf("a good page: %q", got)
	}
	for script, want := range map[string][]string{
		`console.log("fine"), console.warn("so so")`:                                                              nil,
		`console.error("bad", 7, new URL("/x?X-Amz-Signature=1", location).href)`:                                 {"console: bad 7 " + url + "/x?..."},
		`console.assert(1 === 2, "sums – so")`:                                                                    {"console: sums – so"},
		`void Promise.reject(new Error("nobody"))`:                                                                {"exception: Uncaught (in promise) Error: nobody"},
		`void setTimeout(() => { throw new TypeError("thrown") }, 0)`:                                             {"exception: Uncaught TypeError: thrown"},
		`void fetch("/gone?X-Amz-Signature=1")`:                                                                   {"request: GET " + url + "/gone?...: 410"},
		`void fetch("/cut", {method: "PUT"}).catch(() => 0)`:                                                      {"request: PUT " + url + "/cut: net::ERR_EMPTY_RESPONSE"},
		`(() => { const a = new AbortController(); fetch("/", {signal: a.signal}).catch(() => 0); a.abort() })()`: nil,
		// A page of another origin that does not allow this one.
		`void fetch("` + strings.Replace(url, "127.0.0.1", "localhost", 1) + `/").catch(() => 0)`: {
			"console: Access to fetch", "request: GET " + strings.Replace(url, "127.0.0.1", "localhost", 1) + "/: net::ERR_FAILED"},
	} {
		var got []string
		Eval[chromedp.Void](p, script)
		// Troubles that arrive late still arrive before those of a later request.
		for rounds := 0; len(got) < len(want) && rounds < 500; rounds++ {
			Eval[int](p, `fetch("/").then(r => r.text()).then(t => t.length)`)
			got = append(got, p.Troubles()...)
		}
		ok := len(got) == len(want)
		for i := range min(len(got), len(want)) {
			ok = ok && strings.HasPrefix(got[i], want[i])
		}
		if !ok {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}

// TestAnswers: answers of the browser's cache are marked, and those of the server are not.
func TestAnswers(t *testing.T) {
	url := serve(t)
	p := Start(t).Open(t, url, View{})
	p.Answers()
	for _, want := range []Answer{{url + "/kept?...", false}, {url + "/kept?...", true}} {
		Eval[int](p, `fetch("/kept?X-Amz-Signature=1").then(r => r.text()).then(t => t.length)`)
		if got := p.Answers(); !slices.Equal(got, []Answer{want}) {
			t.Errorf("answers %+v, want %+v", got, want)
		}
	}
}

// spy records the errors and cleanups of a test.
type spy struct {
	testing.TB
	said     []string
	cleanups []func()
}

func (s *spy) Helper()                      {}
func (s *spy) Cleanup(f func())             { s.cleanups = append(s.cleanups, f) }
func (s *spy) Errorf(f string, args ...any) { s.said = append(s.said, fmt.Sprintf(f, args...)) }

func TestUntakenTroubleFailsTest(t *testing.T) {
	url := serve(t)
	b := Start(t)
	for _, taken := range []bool{false, true} {
		s := &spy{TB: t}
		p := b.Open(s, url, View{})
		Eval[chromedp.Void](p, `console.error("bad")`)
		if taken {
			p.Troubles()
		}
		for _, f := range slices.Backward(s.cleanups) {
			f()
		}
		if want := !taken; (len(s.said) == 1 && strings.HasSuffix(s.said[0], "console: bad")) != want || taken && len(s.said) != 0 {
			t.Errorf("taken %v: %q", taken, s.said)
		}
	}
}
