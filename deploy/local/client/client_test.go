package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/photo"

	"github.com/google/go-cmp/cmp"
)

// system is an API and an S3 in memory. Faults are taken from its lists, one a request.
type system struct {
	mu       sync.Mutex
	stored   map[string][]byte // by path
	requests []string          // "PUT /one", in order

	putFaults    []string // "lost request", "lost answer", or a status
	statusFaults []string
	polls        int // answers of "processing" before there is an outcome
	outcome      Outcome
	concurrent   int
	most         int // of concurrent PUTs
	slow         time.Duration
}

const wantType = "image/jpeg"

// RoundTrip makes the system the transport of a client, so that no test waits for a real network.
func (s *system) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	faults := &s.statusFaults
	if r.Method == http.MethodPut {
		faults = &s.putFaults
		s.concurrent++
		s.most = max(s.most, s.concurrent)
	}
	fault := ""
	if len(*faults) > 0 && (r.Method == http.MethodPut || r.Method == http.MethodGet) {
		fault, *faults = (*faults)[0], (*faults)[1:]
	}
	slow := s.slow
	s.mu.Unlock()
	if r.Method == http.MethodPut {
		time.Sleep(slow)
		defer func() { s.mu.Lock(); s.concurrent--; s.mu.Unlock() }()
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	w := httptest.NewRecorder()
	switch fault {
	case "lost request":
		return nil, errors.New("connection reset")
	case "", "lost answer":
		s.mu.Lock()
		s.serve(w, r, body)
		s.mu.Unlock()
	default:
		w.Code = map[string]int{"503": 503, "409": 409, "403": 403, "412": 412}[fault]
	}
	if fault == "lost answer" {
		return nil, io.ErrUnexpectedEOF
	}
	resp := w.Result()
	resp.Request = r
	return resp, r.Context().Err()
}

func (s *system) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	switch {
	case r.Host == "s3" && r.Method == http.MethodPut:
		sum := sha256.Sum256(body)
		switch _, exists := s.stored[r.URL.Path]; {
		case r.Header.Get("Content-Type") != wantType, r.Header.Get("If-None-Match") != "*",
			r.Header.Get("x-amz-checksum-sha256") != base64.StdEncoding.EncodeToString(sum[:]),
			r.ContentLength != int64(len(body)), r.Header.Get("Authorization") != "":
			http.Error(w, fmt.Sprint("not as signed: ", r.Header), http.StatusForbidden)
		case exists:
			w.WriteHeader(http.StatusPreconditionFailed)
		default:
			s.stored[r.URL.Path] = body
		}
	case r.Header.Get("Authorization") != "Bearer secret":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == http.MethodPost && r.URL.Path == "/boards/cats/uploads":
		var in struct {
			ContentType, SHA256 string
			ContentLength       int64
		}
		if err := json.Unmarshal(body, &in); err != nil || in.ContentType != wantType {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"title":"Bad Request","detail":"contentType is not taken"}`)
			return
		}
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(upload{
			Method: "PUT", URL: fmt.Sprintf("http://s3/%d?X-Amz-Signature=deadbeef", len(s.requests)), StatusURL: "http://api/status",
			Headers: map[string]string{"content-type": in.ContentType, "content-length": fmt.Sprint(in.ContentLength),
				"if-none-match": "*", "x-amz-checksum-sha256": in.SHA256},
		})
	case r.URL.Path == "/status":
		if s.polls--; s.polls >= 0 {
			fmt.Fprint(w, `{"state":"processing"}`)
			return
		}
		json.NewEncoder(w).Encode(s.outcome)
	default:
		http.NotFound(w, r)
	}
}

func newSystem() *system {
	return &system{stored: map[string][]byte{}, outcome: Outcome{State: photo.Ready, Width: 4, Height: 3, Variants: []Variant{{Name: "large"}}}}
}

func (s *system) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(Config{API: "http://api", Board: "cats", Tokens: StaticToken("secret"), HTTP: &http.Client{Transport: s}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUpload(t *testing.T) {
	rejected := Outcome{State: photo.Rejected, Reason: photo.ReasonTruncated, Detail: "too short"}
	for _, c := range []struct {
		name    string
		prepare func(*system)
		typ     string
		want    photo.State // "" for an error
		err     string
		puts    int
	}{
		{name: "at once", want: photo.Ready, puts: 1},
		{name: "after a while", prepare: func(s *system) { s.polls = 5 }, want: photo.Ready, puts: 1},
		{name: "rejected", prepare: func(s *system) { s.outcome = rejected }, want: photo.Rejected, puts: 1},
		{name: "lost requests", prepare: func(s *system) { s.putFaults = []string{"lost request", "503", "409"} }, want: photo.Ready, puts: 4},
		{name: "lost answer", prepare: func(s *system) { s.putFaults = []string{"lost answer"} }, want: photo.Ready, puts: 2},
		{name: "status falters", prepare: func(s *system) { s.statusFaults = []string{"503", "lost answer", "lost request"} }, want: photo.Ready, puts: 1},
		{name: "refused", prepare: func(s *system) { s.putFaults = []string{"403"} }, err: "403", puts: 1},
		{name: "taken before the first attempt", prepare: func(s *system) { s.putFaults = []string{"412"} }, err: "412", puts: 1},
		{name: "S3 is gone", prepare: func(s *system) {
			s.putFaults = strings.Fields(strings.Repeat("503 ", 20))
		}, err: "after 8 attempts", puts: 8},
		{name: "never an outcome", prepare: func(s *system) { s.polls = 1 << 20 }, err: "no outcome within 1m0s", puts: 1},
		{name: "wrong type", typ: "text/plain", err: "contentType is not taken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSystem()
				if c.prepare != nil {
					c.prepare(s)
				}
				typ := wantType
				if c.typ != "" {
					typ = c.typ
				}
				out, err := s.client(t).Upload(t.Context(), FromBytes("a.jpg", typ, []byte("bytes of a photo")))
				if out.State != c.want && c.want != "" || (err == nil) != (c.want != "") {
					t.Fatalf("%+v, %v", out, err)
				}
				if err != nil && (!strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "Signature")) {
					t.Errorf("error %v, want %q and no signature", err, c.err)
				}
				puts := 0
				for _, r := range s.requests {
					if strings.HasPrefix(r, "PUT") {
						puts++
					}
				}
				if puts != c.puts {
					t.Errorf("%d PUTs, want %d", puts, c.puts)
				}
				if c.want != "" && (len(s.stored) != 1 || !cmp.Equal(out.Variants, s.outcome.Variants)) {
					t.Errorf("stored %d, outcome %+v", len(s.stored), out)
				}
			})
		})
	}
}

func TestUploadStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem()
		s.polls = 1 << 20
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := s.client(t).Upload(ctx, FromBytes("a.jpg", wantType, []byte("x")))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestUploadAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSystem()
		s.slow = time.Second
		var photos []Photo
		for i := range 10 {
			photos = append(photos, FromBytes(fmt.Sprint(i), wantType, []byte{byte(i)}))
		}
		seen := map[string]int{}
		s.client(t).UploadAll(t.Context(), photos, 4, func(r Result) {
			if r.Err != nil {
				t.Errorf("%s: %v", r.Photo.Name, r.Err)
			}
			seen[r.Photo.Name]++
		})
		if len(seen) != 10 || len(s.stored) != 10 || s.most != 4 {
			t.Errorf("saw %v, stored %d, at most %d at once", seen, len(s.stored), s.most)
		}

		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		s.client(t).UploadAll(ctx, photos, 2, func(Result) { n++; cancel() })
		if n == 0 || n > 4 {
			t.Errorf("%d results after the context ended at the first", n)
		}
		s.client(t).UploadAll(t.Context(), nil, 4, func(Result) { t.Error("a result of nothing") })
	})
}

type download map[string]string

func (d download) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if body, ok := d[r.URL.Path]; ok {
		io.WriteString(w, body)
	} else {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
	}
	return w.Result(), nil
}

func TestDownload(t *testing.T) {
	sum := sha256.Sum256([]byte("bytes"))
	c, err := New(Config{API: "http://api", Board: "cats", Tokens: StaticToken("x"), HTTP: &http.Client{Transport: download{"/v": "bytes"}}})
	if err != nil {
		t.Fatal(err)
	}
	good := Variant{Name: "large", URL: "http://s3/v?X-Amz-Signature=1", Bytes: 5, SHA256: hex.EncodeToString(sum[:])}
	if b, err := c.Download(t.Context(), good); err != nil || string(b) != "bytes" {
		t.Errorf("%q, %v", b, err)
	}
	for want, spoil := range map[string]func(*Variant){
		"5 bytes or more":                  func(v *Variant) { v.Bytes = 4 },
		"5 bytes or more, the manifest":    func(v *Variant) { v.Bytes = 9 },
		"digest":                           func(v *Variant) { v.SHA256 = strings.Repeat("0", 64) },
		"AccessDenied Request has expired": func(v *Variant) { v.URL = "http://s3/other?X-Amz-Signature=1" },
		"missing protocol scheme":          func(v *Variant) { v.URL = "://x?X-Amz-Signature=1" },
	} {
		v := good
		spoil(&v)
		if _, err := c.Download(t.Context(), v); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Signature") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []Config{{Board: "cats", Tokens: StaticToken("x")}, {API: "http://a", Board: "cats"}, {API: "http://a", Board: "No Board", Tokens: StaticToken("x")}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	const png = "\x89PNG\r\n\x1a\n"
	write(t, filepath.Join(dir, "a.jpg"), png)
	write(t, filepath.Join(dir, "deep", "er", "B.JPG"), "no picture")
	write(t, filepath.Join(dir, "notes.txt"), "hello")
	write(t, filepath.Join(dir, ".hidden.png"), png)
	write(t, filepath.Join(dir, ".git", "c.png"), png)
	write(t, filepath.Join(dir, "noname"), "GIF89a")
	write(t, filepath.Join(dir, "none", "x.txt"), "")
	write(t, filepath.Join(dir, "empty.gif"), "")

	got, err := Find([]string{dir, filepath.Join(dir, "notes.txt"), filepath.Join(dir, "noname")})
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{}
	for _, p := range got {
		rel, _ := filepath.Rel(dir, p.Name)
		types[rel] = p.ContentType
	}
	want := map[string]string{
		"a.jpg": "image/png", "deep/er/B.JPG": "image/jpeg", "notes.txt": "text/plain; charset=utf-8", "noname": "image/gif", "empty.gif": "image/gif",
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "missing.jpg")} {
		if _, err := Find([]string{bad}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestFileThatChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jpg")
	write(t, path, "short")
	p, err := FromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, "longer than before")
	if _, err := newSystem().client(t).Upload(t.Context(), p); err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("%v", err)
	}
}

// counting is an issuer whose tokens live for an hour.
type counting struct{ calls int }

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if c.calls++; c.calls == 1 {
		w.WriteHeader(http.StatusBadGateway)
		return w.Result(), nil
	}
	body, _ := io.ReadAll(r.Body)
	if string(body) != `{"subject":"ann","boards":["cats"],"ttl":"1h0m0s"}` {
		w.WriteHeader(http.StatusBadRequest)
		w.Write(body)
		return w.Result(), nil
	}
	fmt.Fprintf(w, `{"token":"t%d","expiresAt":%q}`, c.calls, time.Now().Add(time.Hour).Format(time.RFC3339))
	return w.Result(), nil
}

func TestIssuerRenewsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := &Issuer{URL: "http://issuer", Subject: "ann", Boards: []string{"cats"}, TTL: time.Hour, HTTP: &http.Client{Transport: &counting{}}}
		for _, want := range []string{"t2", "t2", "t3"} {
			if want == "t3" {
				time.Sleep(time.Hour - renewal + time.Second)
			}
			if got, err := i.Token(t.Context()); err != nil || got != want {
				t.Fatalf("%q, %v, want %q", got, err, want)
			}
		}
	})
}
