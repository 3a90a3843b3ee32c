package faults

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCDN(t *testing.T) {
	const path, batch = "/2020-05-31/distribution/E1/invalidation", "<Paths><Items><Path>#photo:cats/1</Path><Path>/a</Path></Items></Paths>"
	for name, tc := range map[string]struct {
		config       Config
		method, path string
		status       int
		body         string // part of the answer: the next handler echoes the request
	}{
		"nothing":               {Config{}, "POST", path, 200, "#photo:cats/1"},
		"an error":              {Config{CDNError: 1}, "GET", path + "/I1", 503, "ServiceUnavailable"},
		"busy":                  {Config{CDNBusy: 1}, "POST", path, 400, "TooManyInvalidationsInProgress"},
		"a question is no work": {Config{CDNBusy: 1}, "GET", path + "/I1", 200, ""},
		"skipped":               {Config{CDNSkip: 1}, "POST", path, 200, "<Path>#skipped</Path><Path>/a</Path>"},
		"a variant":             {Config{CDNError: 1}, "GET", "/c/cats/1/large.jpg", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := CDN(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }), tc.config)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tc.method, tc.path, strings.NewReader(batch)))
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.body) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}
