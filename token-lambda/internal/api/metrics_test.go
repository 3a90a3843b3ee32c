package api

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counted keeps every measurement.
type counted struct{ all []Measured }

func (c *counted) Request(m Measured) { c.all = append(c.all, m) }

func TestEveryRequestIsMeasured(t *testing.T) {
	const board, one = "POST /v1/boards/{board}/uploads", "GET /v1/boards/{board}/uploads/{id}"
	for name, c := range map[string]struct {
		req  *http.Request
		want Measured
	}{
		"token":            {request("POST", uploads, "cats", goodBody), Measured{Route: board, Status: 201, Issued: 1, Bytes: 5}},
		"batch":            {request("POST", batch, "cats", batchOf(3)), Measured{Route: board + "/batch", Status: 201, Issued: 3, Bytes: 15}},
		"refused":          {request("POST", uploads, "cats", `{"contentType":"image/gif","contentLength":0}`), Measured{Route: board, Status: 400, Refused: "length-invalid"}},
		"no token":         {request("POST", uploads, "", goodBody), Measured{Route: board, Status: 401, Refused: "token-missing"}},
		"panic":            {request("GET", oneUpload, "panics", ""), Measured{Route: one, Status: 500, Refused: "internal"}},
		"aborted":          {request("GET", oneUpload, "aborts", ""), Measured{Route: one}},
		"get":              {request("GET", oneUpload, "cats", ""), Measured{Route: one, Status: 200}},
		"head":             {request("HEAD", oneUpload, "cats", ""), Measured{Route: one, Status: 200}},
		"wait":             {request("GET", oneUpload+"?wait=1ns", "cats", ""), Measured{Route: one + "?wait", Status: 200}},
		"preferred wait":   {request("GET", oneUpload, "cats", "", "Prefer", "wait=1"), Measured{Route: one + "?wait", Status: 200}},
		"wrong wait":       {request("GET", oneUpload+"?wait=x", "cats", ""), Measured{Route: one + "?wait", Status: 400, Refused: "query-invalid"}},
		"wait elsewhere":   {request("GET", "/healthz?wait=1s", "", ""), Measured{Route: "GET /healthz", Status: 200}},
		"list":             {request("GET", uploads, "cats", ""), Measured{Route: "GET /v1/boards/{board}/uploads", Status: 200}},
		"outcome":          {request("GET", oneUpload+"/outcome?wait=1", "cats", ""), Measured{Route: one + "/outcome?wait", Status: 200}},
		"outcome, no wait": {request("GET", oneUpload+"/outcome?wait=0", "cats", ""), Measured{Route: one + "/outcome", Status: 200}},
		"outcomes":         {request("GET", boardOutcomes+"?wait=1s&ids="+testID, "cats", ""), Measured{Route: "GET /v1/boards/{board}/outcomes?wait", Status: 200}},
		"list, no wait":    {request("GET", uploads+"?wait=1s", "cats", ""), Measured{Route: "GET /v1/boards/{board}/uploads", Status: 200}},
		"preflight":        {request("OPTIONS", uploads, "", ""), Measured{Route: "OPTIONS", Status: 204}},
		"another method":   {request("PUT", uploads, "", ""), Measured{Route: "other", Status: 405, Refused: "method-not-allowed"}},
		"no such path":     {request("GET", "/metrics", "", ""), Measured{Route: "other", Status: 404, Refused: "not-found"}},
		"unclean path":     {request("OPTIONS", "/v1/boards//uploads", "", ""), Measured{Route: "OPTIONS", Status: 404, Refused: "not-found"}},
		"strange method":   {request("BREW", "/teapots", "", ""), Measured{Route: "other", Status: 404, Refused: "not-found"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := &counted{}
			rig := newRig(t, Config{Metrics: m}, fakeStore{manifest: readyManifest()})
			func() {
				defer func() { _ = recover() }() // http.ErrAbortHandler
				rig.ServeHTTP(httptest.NewRecorder(), c.req)
			}()
			if len(m.all) != 1 || m.all[0].Took <= 0 || m.all[0].Took > time.Minute {
				t.Fatalf("measured %+v", m.all)
			}
			got := m.all[0]
			if got.Took = 0; !cmp.Equal(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if !slices.Contains(Routes, got.Route) || !slices.Contains(Classes, got.Class()) || got.Refused != "" && !slices.Contains(Reasons(), got.Refused) {
				t.Errorf("%+v has no series from the start", got)
			}
		})
	}
}

// TestRoutesAreAll: Routes has every route, so that every series starts at zero.
func TestRoutesAreAll(t *testing.T) {
	want := []string{routePreflight, routeOther, "GET /v1/boards/{board}/outcomes" + waiting, "GET /v1/boards/{board}/uploads/{id}" + waiting,
		"GET /v1/boards/{board}/uploads/{id}/outcome" + waiting}
	for pattern, m := range newRig(t, Config{}, fakeStore{}).routes() {
		for method := range m {
			want = append(want, method+" "+pattern)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(slices.Values(Routes)); !slices.Equal(got, want) {
		t.Errorf("routes %q, want %q", got, want)
	}
}

// TestRoutesInREADME: the table of README.md has every route.
func TestRoutesInREADME(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for pattern, m := range newRig(t, Config{}, fakeStore{}).routes() {
		for method := range m {
			want = append(want, method+" "+pattern)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z]+ /[^`?]*)` \\|").FindAllStringSubmatch(string(text), -1) {
		got = append(got, row[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("routes in README.md %q, want %q", got, want)
	}
}
