package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func TestUpload(t *testing.T) {
	rejected := contract.Upload{State: photo.Rejected, Reason: photo.ReasonTruncated, Detail: "too short"}
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
		{name: "sent twice on the way", prepare: func(s *system) { s.putFaults = []string{"sent twice"} }, want: photo.Ready, puts: 1},
		{name: "412, and nothing there", prepare: func(s *system) { s.putFaults, s.polls = []string{"412"}, 1<<20 }, err: "no outcome within 1m0s", puts: 1},
		{name: "S3 is gone", prepare: func(s *system) {
			s.putFaults = strings.Fields(strings.Repeat("503 ", 20))
		}, err: "after 14 attempts", puts: 14},
		{name: "never an outcome", prepare: func(s *system) { s.polls = 1 << 20 }, err: "no outcome within 1m0s", puts: 1},
		{name: "wrong type", typ: "text/plain", err: "contentType is not accepted"},
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

// TestRetryAfter: the client waits as long as the API asks for, within reason, before it tries again.
func TestRetryAfter(t *testing.T) {
	for header, c := range map[string]struct{ least, most time.Duration }{
		"":       {100 * time.Millisecond, 200 * time.Millisecond},
		"soon":   {100 * time.Millisecond, 200 * time.Millisecond},
		"-5":     {100 * time.Millisecond, 200 * time.Millisecond},
		"7":      {7 * time.Second, 7700 * time.Millisecond},
		"100000": {mostAsked, mostAsked + mostAsked/10},
	} {
		synctest.Test(t, func(t *testing.T) {
			start, tries := time.Now(), 0
			err := Retry(t.Context(), func() error {
				if tries++; tries == 2 {
					return nil
				}
				w := httptest.NewRecorder()
				if header != "" {
					w.Header().Set("Retry-After", header)
				}
				w.Header().Set("Content-Type", contract.ProblemContentType)
				w.WriteHeader(http.StatusServiceUnavailable)
				fmt.Fprintf(w, `{"type":%q,"detail":"Storage is not available at the moment."}`, contract.ProblemStorageUnavailable)
				return ResponseError(w.Result())
			})
			if took := time.Since(start); err != nil || took < c.least || took > c.most {
				t.Errorf("Retry-After %q: tried again after %v, %v", header, took, err)
			}
		})
	}
}

// TestQuota: the client waits for the next minute, and reports the quota of a day at once, in the words of the API.
func TestQuota(t *testing.T) {
	const detail = "The quota of board cats is 600 photos a minute, with 0 left."
	for after, want := range map[string]struct {
		tries int
		err   string
		least time.Duration
	}{"60": {3, "<nil>", 2 * time.Minute}, "61": {1, "429 Too Many Requests: " + detail, 0}} {
		synctest.Test(t, func(t *testing.T) {
			start, tries := time.Now(), 0
			err := Retry(t.Context(), func() error {
				if tries++; tries == 3 {
					return nil
				}
				w := httptest.NewRecorder()
				w.Header().Set("Retry-After", after)
				w.Header().Set("Content-Type", contract.ProblemContentType)
				w.WriteHeader(http.StatusTooManyRequests)
				fmt.Fprintf(w, `{"type":%q,"detail":%q}`, contract.ProblemQuotaExceeded, detail)
				return ResponseError(w.Result())
			})
			if tries != want.tries || fmt.Sprint(err) != want.err || time.Since(start) < want.least {
				t.Errorf("Retry-After %s: %d tries, %v after %v", after, tries, err, time.Since(start))
			}
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
		s.client(t).UploadAll(t.Context(), nil, 4, func(Result) { t.Error("there is a result without photos") })
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
	good := contract.Variant{Name: "large", URL: "http://s3/v?X-Amz-Signature=1", Bytes: 5, SHA256: hex.EncodeToString(sum[:])}
	if b, err := c.Download(t.Context(), good); err != nil || string(b) != "bytes" {
		t.Errorf("%q, %v", b, err)
	}
	for want, spoil := range map[string]func(*contract.Variant){
		"more than the 4 bytes":            func(v *contract.Variant) { v.Bytes = 4 },
		"5 bytes, the API reports 9":       func(v *contract.Variant) { v.Bytes = 9 },
		"digest":                           func(v *contract.Variant) { v.SHA256 = strings.Repeat("0", 64) },
		"AccessDenied Request has expired": func(v *contract.Variant) { v.URL = "http://s3/other?X-Amz-Signature=1" },
		"missing protocol scheme":          func(v *contract.Variant) { v.URL = "://x?X-Amz-Signature=1" },
	} {
		v := good
		spoil(&v)
		if _, err := c.Download(t.Context(), v); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Signature") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// answers gives one status after the other.
type answers []int

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.Method != http.MethodDelete || r.URL.Path != "/photo" || r.Header.Get("Authorization") != "Bearer x" {
		(*a)[0] = http.StatusBadRequest
	}
	w.WriteHeader((*a)[0])
	*a = (*a)[1:]
	return w.Result(), nil
}

func TestRemove(t *testing.T) {
	for _, c := range []struct {
		answers answers
		err     string
	}{{answers{204}, ""}, {answers{503, 429, 204}, ""}, {answers{403}, "remove the photo: 403"}, {answers{200}, "remove the photo: 200"}} {
		synctest.Test(t, func(t *testing.T) {
			client, err := New(Config{API: "http://api", Board: "cats", Tokens: StaticToken("x"), HTTP: &http.Client{Transport: &c.answers}})
			if err != nil {
				t.Fatal(err)
			}
			err = client.Remove(t.Context(), "http://api/photo")
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) || len(c.answers) > 0 {
				t.Errorf("%v, want %q; %v left", err, c.err, c.answers)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []Config{{Board: "cats", Tokens: StaticToken("x")}, {API: "http://a", Board: "cats"}, {API: "http://a", Board: "No Board", Tokens: StaticToken("x")}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
