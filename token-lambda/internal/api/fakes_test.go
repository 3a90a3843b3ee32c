package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"darkroom/worker/photo"
)

// fakeAuth accepts tokens that list boards and, after a semicolon, scopes. Some words make it fail.
type fakeAuth struct{}

func (fakeAuth) Authenticate(ctx context.Context, token string) (Caller, error) {
	switch token {
	case "refused":
		return Caller{}, &TokenError{Reason: "it has expired", Err: errors.New("expired by 1h")}
	case "down":
		return Caller{}, &UnavailableError{RetryAfter: 1500 * time.Millisecond, Err: errors.New("no keys")}
	case "broken":
		return Caller{}, errors.New("disk on fire")
	case "panics":
		panic("boom")
	case "aborts":
		panic(http.ErrAbortHandler)
	case "slow":
		<-ctx.Done()
		return Caller{}, ctx.Err()
	}
	boards, scopes, _ := strings.Cut(token, ";")
	return Caller{Subject: "ann", Boards: strings.Split(boards, ","), Scopes: strings.Split(scopes, ",")}, nil
}

// fakeSigner presigns nothing and remembers what it was given.
type fakeSigner struct {
	got     *Upload
	least   int64 // minimum size of a form's photo
	err     error
	variant Presigned // answer of SignVariant, if set
}

var fakeExpires = time.Date(2026, 11, 23, 13, 0, 0, 0, time.FixedZone("", 3600))

func (s *fakeSigner) SignUpload(_ context.Context, u Upload) (Presigned, error) {
	s.got = &u
	return Presigned{Method: "PUT", URL: "https://s3/" + u.Ref.Key() + "?a=1&X-Amz-Signature=secret",
		Headers: map[string]string{"content-type": u.ContentType}, Expires: fakeExpires}, s.err
}

func (s *fakeSigner) SignForm(_ context.Context, f Form) (Presigned, error) {
	s.got, s.least = &f.Upload, f.MinLength
	return Presigned{Method: "POST", URL: "https://s3/", Headers: map[string]string{},
		Fields: map[string]string{"key": f.Ref.Key(), "X-Amz-Signature": "secret"}, Expires: fakeExpires}, s.err
}

func (s *fakeSigner) SignVariant(_ context.Context, key string) (Presigned, error) {
	if s.variant.URL != "" {
		return s.variant, s.err
	}
	return Presigned{Method: "GET", URL: "https://s3/" + key + "?X-Amz-Signature=secret"}, s.err
}

// fakeStore has the same answer for every photo.
type fakeStore struct {
	manifest *photo.Manifest
	original bool
	source   *photo.Source // the original's; default testSource
	err      error
	page     Page
	asked    *string // calls of List and Remove

	manifestErr error // error of Manifest alone
}

// fakeQuota has the same verdict on every request and remembers what it was asked.
type fakeQuota struct {
	verdict QuotaVerdict
	err     error
	got     []QuotaUse
}

func (q *fakeQuota) Take(ctx context.Context, use QuotaUse) (QuotaVerdict, error) {
	q.got = append(q.got, use)
	return q.verdict, cmp.Or(q.err, ctx.Err())
}

// testSource is the original of every photo.
var testSource = photo.Source{Bytes: 5, ETag: `"e"`, Modified: time.Date(2026, 11, 23, 11, 59, 30, 0, time.UTC)}

// sourceIf returns the original, or nil if it has not arrived.
func sourceIf(arrived bool) *photo.Source {
	if !arrived {
		return nil
	}
	source := testSource
	return &source
}

// originals returns a listing of the ids.
func originals(ids ...photo.ID) (all []Original) {
	for _, id := range ids {
		all = append(all, Original{ID: id, Source: testSource})
	}
	return all
}

var errOutage = &OutageError{Err: errors.New("503 SlowDown")}

func (s fakeStore) Manifest(context.Context, photo.Ref, *photo.Source) (*photo.Manifest, error) {
	return s.manifest, cmp.Or(s.manifestErr, s.err)
}

func (s fakeStore) Original(context.Context, photo.Ref) (*photo.Source, error) {
	return cmp.Or(s.source, sourceIf(s.original)), s.err
}

func (s fakeStore) List(_ context.Context, board photo.Board, cursor string, limit int) (Page, error) {
	s.note("list %s %q %d", board, cursor, limit)
	return s.page, s.err
}

func (s fakeStore) Remove(_ context.Context, ref photo.Ref) error {
	s.note("remove %s", ref)
	return s.err
}

func (s fakeStore) note(format string, args ...any) {
	if s.asked != nil {
		*s.asked += fmt.Sprintf(format, args...)
	}
}

const (
	testID        = "0123456789abcdef0123456789abcdef"
	uploads       = "/v1/boards/cats/uploads"
	batch         = uploads + "/batch"
	oneUpload     = uploads + "/" + testID
	boardOutcomes = "/v1/boards/cats/outcomes"
	goodBody      = `{"contentType":"image/jpeg","contentLength":5}`
)

var testRef = photo.Ref{Board: "cats", ID: testID}

var testDigest = base64.StdEncoding.EncodeToString(make([]byte, 32))

const testMaxBytes = 64 << 20 // limit where a test sets none

// withTestLimits fills in the limits that cfg lacks.
func withTestLimits(cfg Config) Config {
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = testMaxBytes
	}
	if cfg.MaxPixels == 0 {
		cfg.MaxPixels = photo.DefaultMaxPixels
	}
	return cfg
}

// rig is an API with its fakes and its log.
type rig struct {
	*API
	signer *fakeSigner
	log    *bytes.Buffer
}

func newRig(t testing.TB, cfg Config, store Store) *rig {
	t.Helper()
	cfg = withTestLimits(cfg)
	r := &rig{signer: &fakeSigner{}, log: &bytes.Buffer{}}
	var err error
	r.API, err = New(cfg, fakeAuth{}, r.signer, store, slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func request(method, target, token, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func (r *rig) do(req *http.Request) *http.Response {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Result()
}

func (r *rig) record(t *testing.T) map[string]any {
	t.Helper()
	var rec map[string]any
	if lines := strings.Count(r.log.String(), "\n"); lines != 1 {
		t.Fatalf("%d log records, want 1:\n%s", lines, r.log)
	}
	if err := json.Unmarshal(r.log.Bytes(), &rec); err != nil {
		t.Fatal(err)
	}
	return rec
}
