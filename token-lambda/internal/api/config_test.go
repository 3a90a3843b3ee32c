package api

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/worker/photo"
)

func TestConfigValidate(t *testing.T) {
	for name, c := range map[string]Config{
		"defaults": {},
		"all": {MaxBytes: MaxPutBytes, AllowedTypes: []string{"image/png"}, PublicURL: "https://api.example/photos/",
			WriteScope: "uploads:write", ReadScope: "https://photos.example/read",
			CORSOrigins: []string{"*", "http://localhost:3000", "https://app.example", "capacitor://localhost"}},
	} {
		if err := withTestLimits(c).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		cfg  Config
		want string // beginning of the error: the name of the setting
	}{
		"negative bytes":      {Config{MaxBytes: -1}, "MAX_BYTES: "},
		"more than a PUT":     {Config{MaxBytes: MaxPutBytes + 1}, "MAX_BYTES: "},
		"negative pixels":     {Config{MaxPixels: -1}, "MAX_PIXELS: "},
		"unreadable type":     {Config{AllowedTypes: []string{"image/svg+xml"}}, "ALLOWED_TYPES: "},
		"type in capitals":    {Config{AllowedTypes: []string{"Image/PNG"}}, "ALLOWED_TYPES: "},
		"public URL relative": {Config{PublicURL: "api.example"}, "PUBLIC_URL: "},
		"public URL ftp":      {Config{PublicURL: "ftp://api.example"}, "PUBLIC_URL: "},
		"public URL query":    {Config{PublicURL: "https://api.example?x"}, "PUBLIC_URL: "},
		"origin with path":    {Config{CORSOrigins: []string{"https://app.example/"}}, "CORS_ORIGINS: "},
		"origin in capitals":  {Config{CORSOrigins: []string{"https://App.example"}}, "CORS_ORIGINS: "},
		"origin a host":       {Config{CORSOrigins: []string{"app.example"}}, "CORS_ORIGINS: "},
		"origin null":         {Config{CORSOrigins: []string{"null"}}, "CORS_ORIGINS: "},
		"board more bytes":    {Config{MaxBytes: 5, Boards: map[photo.Board]Limits{"cats": {MaxBytes: 6}}}, "BOARD_LIMITS: board cats: maxBytes: "},
		"board more pixels":   {Config{Boards: map[photo.Board]Limits{"cats": {MaxPixels: photo.DefaultMaxPixels + 1}}}, "BOARD_LIMITS: board cats: maxPixels: "},
		"board more types": {Config{AllowedTypes: []string{"image/png"}, Boards: map[photo.Board]Limits{"cats": {ContentTypes: []string{"image/gif"}}}},
			"BOARD_LIMITS: board cats: "},
		"board unknown type": {Config{Boards: map[photo.Board]Limits{"cats": {ContentTypes: []string{"text/html"}}}}, "BOARD_LIMITS: board cats: "},
		"board name":         {Config{Boards: map[photo.Board]Limits{"Cats": {}}}, "BOARD_LIMITS: "},
		"two scopes":         {Config{WriteScope: "uploads photos"}, "AUTH_WRITE_SCOPE: "},
		"two admin scopes":   {Config{AdminScope: "a b"}, "AUTH_ADMIN_SCOPE: "},
		"who may delete":     {Config{BoardDelete: "Owner"}, `BOARD_DELETE: "Owner" is unknown: want anyone or owner`},
		"scope with a quote": {Config{ReadScope: `"read"`}, "AUTH_READ_SCOPE: "},
		"negative timeout":   {Config{Timeout: -1}, "timeout"},
	} {
		_, err := New(withTestLimits(c.cfg), fakeAuth{}, &fakeSigner{}, fakeStore{}, slog.New(slog.DiscardHandler))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
	for _, c := range []Config{{MaxPixels: 1}, {MaxBytes: 1}} { // an explicit 0 is no default
		if err := c.Validate(); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

func TestStatusURL(t *testing.T) {
	for name, c := range map[string]struct {
		public string
		target string
		tls    bool
		strip  string
		noHost bool
		want   string
	}{
		"as the request names it": {target: "http://localhost:8080" + uploads, want: "http://localhost:8080/v1/boards/cats/uploads/"},
		"over TLS":                {target: uploads, tls: true, want: "https://example.com/v1/boards/cats/uploads/"},
		"below a prefix":          {target: "/prod" + uploads, strip: "/prod", want: "http://example.com/prod/v1/boards/cats/uploads/"},
		"without a host":          {target: "/prod" + uploads, strip: "/prod", noHost: true, want: "/prod/v1/boards/cats/uploads/"},
		"configured":              {public: "https://api.example/photos/", target: uploads, want: "https://api.example/photos/v1/boards/cats/uploads/"},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, Config{PublicURL: c.public}, fakeStore{})
			req := request("POST", c.target, "cats", goodBody, "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher")
			if req.TLS = nil; c.tls {
				req.TLS = &tls.ConnectionState{}
			}
			if c.noHost {
				req.Host = ""
			}
			w := httptest.NewRecorder()
			http.StripPrefix(c.strip, rig).ServeHTTP(w, req)
			got := w.Header().Get("Location")
			if _, err := photo.ParseID(strings.TrimPrefix(got, c.want)); err != nil {
				t.Errorf("got %s, want %s and an id", got, c.want)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	const app = "https://app.example"
	for name, c := range map[string]struct {
		origins []string
		method  string
		origin  string
		status  int
		want    map[string]string
	}{
		"preflight": {[]string{app}, "OPTIONS", app, 204, map[string]string{"Access-Control-Allow-Origin": app,
			"Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST", "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match, Prefer, Traceparent, X-Request-Id", "Vary": "Origin"}},
		"preflight, other origin": {[]string{app}, "OPTIONS", "https://evil.example", 204, map[string]string{"Access-Control-Allow-Origin": "",
			"Access-Control-Allow-Methods": "", "Vary": "Origin", "Allow": "GET, HEAD, OPTIONS, POST"}},
		"preflight, none configured": {nil, "OPTIONS", app, 204, map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": "", "Vary": ""}},
		"request": {[]string{app}, "POST", app, 201, map[string]string{"Access-Control-Allow-Origin": app,
			"Access-Control-Expose-Headers": "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Preference-Applied, X-Request-Id", "Access-Control-Allow-Credentials": ""}},
		"any origin": {[]string{"*"}, "POST", app, 201, map[string]string{"Access-Control-Allow-Origin": "*", "Vary": ""}},
		"no origin":  {[]string{app}, "POST", "", 201, map[string]string{"Access-Control-Allow-Origin": "", "Vary": "Origin"}},
		"problem":    {[]string{app}, "PUT", app, 405, map[string]string{"Access-Control-Allow-Origin": app}},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, Config{CORSOrigins: c.origins}, fakeStore{})
			resp := rig.do(request(c.method, uploads, "cats", goodBody, "Origin", c.origin))
			got := map[string]string{}
			for k := range c.want {
				got[k] = resp.Header.Get(k)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || resp.StatusCode != c.status {
				t.Errorf("status %d, want %d; %s", resp.StatusCode, c.status, diff)
			}
			if body, _ := io.ReadAll(resp.Body); c.status == 204 && len(body) != 0 {
				t.Errorf("204 with body %q", body)
			}
		})
	}
}

func FuzzBody(f *testing.F) {
	for _, s := range []string{goodBody, digestBody(testDigest), batchOf(2), `{"uploads":[{}],"uploads":null}`, "", "null", "{}", `{"contentLength":1e400}`, `{"contentType":"\u0000"}`, "\xff"} {
		f.Add([]byte(s))
	}
	rig := newRig(f, Config{}, fakeStore{})
	f.Fuzz(func(t *testing.T, body []byte) {
		rig.log.Reset()
		rig.signer.got = nil
		resp := rig.do(request("POST", uploads, "cats", string(body)))
		up := rig.signer.got
		switch resp.StatusCode {
		case 201:
			if up.ContentLength < 1 || up.ContentLength > testMaxBytes || !strings.HasPrefix(up.ContentType, "image/") || len(up.SHA256) != 0 && len(up.SHA256) != 44 {
				t.Errorf("%q became %+v", body, up)
			}
		case 400, 413:
			if up != nil {
				t.Errorf("%q was refused and signed", body)
			}
		default:
			t.Errorf("%q: status %d", body, resp.StatusCode)
		}
	})
}
