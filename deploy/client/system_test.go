package client

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// system is an API and an S3 in memory. Each request takes one fault from the lists.
type system struct {
	mu       sync.Mutex
	stored   map[string][]byte // key: path of the URL
	requests []string          // "PUT /one", in order

	putFaults    []string // "lost request", "lost answer", "sent twice" by a proxy, or a status
	statusFaults []string
	granted      int // tokens, each with a URL of its own
	polls        int // polls answered with "processing" before the outcome
	outcome      contract.Upload
	concurrent   int
	most         int // highest number of concurrent PUTs
	slow         time.Duration
}

const wantType = "image/jpeg"

// RoundTrip makes the system the transport of a client, so that tests need no network.
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
	case "", "lost answer", "sent twice":
		s.mu.Lock()
		if fault == "sent twice" {
			s.serve(httptest.NewRecorder(), r, body)
		}
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
	case r.Method == http.MethodPost && r.URL.Path == "/v1/boards/cats/uploads":
		var in contract.UploadRequest
		if err := json.Unmarshal(body, &in); err != nil || in.ContentType != wantType {
			w.Header().Set("Content-Type", contract.ProblemContentType)
			w.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(w).Encode(contract.Problem{Title: "Bad Request", Detail: "contentType is not accepted"})
			return
		}
		w.WriteHeader(http.StatusCreated)
		s.granted++
		json.NewEncoder(w).Encode(contract.NewUpload{StatusURL: "http://api/status", OutcomeURL: "http://api/outcome", Upload: contract.Token{
			Method: "PUT", URL: fmt.Sprintf("http://s3/%d?X-Amz-Signature=deadbeef", s.granted),
			Headers: map[string]string{"content-type": in.ContentType, "if-none-match": "*", "x-amz-checksum-sha256": in.SHA256},
		}})
	case r.URL.Path == "/outcome":
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
	return &system{stored: map[string][]byte{}, outcome: contract.Upload{State: photo.Ready, Width: 4, Height: 3, Variants: []contract.Variant{{Name: "large"}}}}
}

func (s *system) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(Config{API: "http://api", Board: "cats", Tokens: StaticToken("secret"), HTTP: &http.Client{Transport: s}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
