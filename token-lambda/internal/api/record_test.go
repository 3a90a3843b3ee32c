package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"darkroom/token-lambda/contract"
)

func TestPanicIsLoggedWithItsStack(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	resp := rig.do(request("POST", uploads, "panics", goodBody))
	rec := rig.record(t)
	if resp.StatusCode != 500 || rec["panic"] != "boom" || !strings.Contains(rec["stack"].(string), "fakeAuth.Authenticate") {
		t.Errorf("%d, log has %v", resp.StatusCode, rec)
	}
	if resp := rig.do(request("POST", uploads, "cats", goodBody)); resp.StatusCode != 201 {
		t.Errorf("the request after it: %d", resp.StatusCode)
	}
}

// serve returns the value that ServeHTTP panics with.
func serve(a *API, w http.ResponseWriter, r *http.Request) (p any) {
	defer func() { p = recover() }()
	a.ServeHTTP(w, r)
	return nil
}

func TestAbortIsPassedOn(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	if p := serve(rig.API, httptest.NewRecorder(), request("POST", uploads, "aborts", goodBody)); p != http.ErrAbortHandler {
		t.Errorf("panic %v, want http.ErrAbortHandler", p)
	}
	if rec := rig.record(t); rec["stack"] != nil {
		t.Errorf("log has a stack: %v", rec)
	}
}

// halfWriter panics in the middle of the body.
type halfWriter struct{ *httptest.ResponseRecorder }

func (halfWriter) Write([]byte) (int, error) { panic("half") }

func TestPanicAfterTheHeaderBreaksOff(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	w := halfWriter{httptest.NewRecorder()}
	if p := serve(rig.API, w, request("POST", uploads, "cats", goodBody)); p != http.ErrAbortHandler {
		t.Errorf("panic %v, want http.ErrAbortHandler", p)
	}
	if rec := rig.record(t); rec["panic"] != "half" || rec["level"] != "ERROR" {
		t.Errorf("log has %v", rec)
	}
}

func TestRequestID(t *testing.T) {
	for name, c := range map[string]struct {
		context, header string
		want            string // empty: a new id
	}{
		"the client's":       {"", "abc-123", "abc-123"},
		"the platform's":     {"lambda-1", "abc-123", "lambda-1"},
		"none":               {"", "", ""},
		"too long":           {"", strings.Repeat("a", 129), ""},
		"with a line break":  {"", "a\nb", ""},
		"with a quote in it": {"", `a"b`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, Config{}, fakeStore{})
			req := request("GET", "/healthz", "", "")
			req.Header["X-Request-Id"] = []string{c.header}
			if c.context != "" {
				req = req.WithContext(WithRequestID(req.Context(), c.context))
			}
			got := rig.do(req).Header.Get("X-Request-Id")
			if c.want != "" && got != c.want || c.want == "" && (got == c.header || len(got) < 20) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if rec := rig.record(t); rec["request_id"] != got || rec["level"] != "DEBUG" {
				t.Errorf("log has %v", rec)
			}
		})
	}
}

// TestLevels: what repeats while all is well is logged at debug, and what was refused or failed is visible.
func TestLevels(t *testing.T) {
	broken := errors.New("down")
	for name, c := range map[string]struct {
		method, path, token, header string
		store                       fakeStore
		want                        string
	}{
		"a token":                 {"POST", uploads, "cats", "", fakeStore{}, "INFO"},
		"a removal":               {"DELETE", oneUpload, "cats", "", fakeStore{}, "INFO"},
		"a poll":                  {"GET", oneUpload, "cats", "", fakeStore{}, "DEBUG"},
		"a poll without news":     {"GET", oneUpload, "cats", "*", fakeStore{}, "DEBUG"},
		"a head":                  {"HEAD", oneUpload, "cats", "", fakeStore{}, "DEBUG"},
		"a list":                  {"GET", uploads, "cats", "", fakeStore{}, "DEBUG"},
		"the contract":            {"GET", contract.OpenAPIPath, "", "", fakeStore{}, "DEBUG"},
		"a preflight":             {"OPTIONS", oneUpload, "", "", fakeStore{}, "DEBUG"},
		"a poll without a token":  {"GET", oneUpload, "", "", fakeStore{}, "INFO"},
		"a poll without access":   {"GET", oneUpload, "dogs", "", fakeStore{}, "INFO"},
		"a bad wait":              {"GET", oneUpload + "?wait=x", "cats", "", fakeStore{}, "INFO"},
		"a poll that fails":       {"GET", oneUpload, "cats", "", fakeStore{err: broken}, "ERROR"},
		"a list that fails":       {"GET", uploads, "cats", "", fakeStore{err: broken}, "ERROR"},
		"an unknown path":         {"GET", "/nothing", "", "", fakeStore{}, "INFO"},
		"a method for no path":    {"PUT", oneUpload, "cats", "", fakeStore{}, "INFO"},
		"a head of another path":  {"HEAD", "/nothing", "", "", fakeStore{}, "INFO"},
		"a preflight for nothing": {"OPTIONS", "/nothing", "", "", fakeStore{}, "INFO"},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, Config{}, c.store)
			rig.do(request(c.method, c.path, c.token, goodBody, "If-None-Match", c.header))
			if rec := rig.record(t); rec["level"] != c.want {
				t.Errorf("log has %v, want the level %s", rec, c.want)
			}
		})
	}
}

// Records logged with the context of a request carry its id.
func TestLogHandler(t *testing.T) {
	var log bytes.Buffer
	part := slog.New(LogHandler(slog.NewJSONHandler(&log, nil))).With("part", "keys").WithGroup("g")
	rig := newRig(t, Config{}, fakeStore{})
	rig.auth = authFunc(func(ctx context.Context, _ string) (Caller, error) {
		part.WarnContext(ctx, "by the way", "a", 1)
		return Caller{}, errors.New("no")
	})
	rig.do(request("POST", uploads, "cats", goodBody, "X-Request-Id", "abc-123"))
	part.InfoContext(WithRequestID(t.Context(), "lambda-1"), "earlier")
	part.Info("of none")
	for _, want := range []string{`"part":"keys","g":{"a":1,"request_id":"abc-123"}`, `"msg":"earlier","part":"keys","g":{"request_id":"lambda-1"}`, `"msg":"of none","part":"keys"}`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log has %s, want %s", &log, want)
		}
	}
}

type authFunc func(context.Context, string) (Caller, error)

func (f authFunc) Authenticate(ctx context.Context, token string) (Caller, error) {
	return f(ctx, token)
}

func TestClientsOwnTextStaysOutOfTheLog(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	rig.do(request("EVIL", "/v1/boards/EVIL/uploads?EVIL", "EVIL", "EVIL"))
	rig.do(request("POST", "/v1/boards/EVIL/uploads?EVIL", "EVIL", "EVIL"))
	if s := rig.log.String(); strings.Contains(s, "EVIL") || strings.Count(s, "\n") != 2 {
		t.Error(s)
	}
}

func TestHead(t *testing.T) {
	srv := httptest.NewServer(newRig(t, Config{}, fakeStore{}))
	defer srv.Close()
	resp, err := http.Head(srv.URL + "/healthz")
	if err != nil || resp.StatusCode != 200 || resp.ContentLength == 0 {
		t.Errorf("%+v, %v", resp, err)
	}
}

func TestErrorsIncludeTheirCause(t *testing.T) {
	cause := errors.New("x")
	if p := newProblem(contract.ProblemInternal, "d").because(cause); !errors.Is(p, cause) || p.Error() != "500 internal: d: x" {
		t.Error(p)
	}
	if e := (&TokenError{Reason: "r", Err: cause}); !errors.Is(e, cause) || e.Error() != "token refused: r: x" {
		t.Error(e)
	}
	if e := (&UnavailableError{Err: cause}); !errors.Is(e, cause) {
		t.Error(e)
	}
}
