package photos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// memoryS3 is an S3 in memory, without a network, as far as a Store uses S3. A conditional write while another write to
// the same key is in progress gets 409.
type memoryS3 struct {
	took  time.Duration                                        // time of each request
	fault func(r *http.Request) (status int, code string)      // answer to a request instead of the usual one; 0: none
	lost  func(ctx context.Context, method, path string) error // error instead of an answer

	mu      sync.Mutex
	objects map[string]string // key: path, /bucket/key
	tags    map[string]string // key: the same path
	writing map[string]bool   // paths
	asked   []string          // method and path of each request, in order
}

func newMemoryS3() *memoryS3 {
	return &memoryS3{objects: map[string]string{}, tags: map[string]string{}, writing: map[string]bool{}}
}

// store returns a Store that uses m.
func (m *memoryS3) store(t *testing.T) *Store {
	t.Helper()
	s, err := New(s3.New(s3.Options{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", ""),
		BaseEndpoint: aws.String("http://s3.example"), UsePathStyle: true, Retryer: aws.NopRetryer{}, HTTPClient: m,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired}), Config{UploadsBucket: "photos-up", VariantsBucket: "photos-var"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Do implements s3.HTTPClient.
func (m *memoryS3) Do(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	m.asked = append(m.asked, r.Method+" "+r.URL.Path)
	m.mu.Unlock()
	if m.lost != nil {
		if err := m.lost(r.Context(), r.Method, r.URL.Path); err != nil {
			return nil, err
		}
	}
	w := httptest.NewRecorder()
	status, code := 0, ""
	if m.fault != nil {
		status, code = m.fault(r)
	}
	switch {
	case status != 0:
		refuse(w, r, status, code)
	case r.Method == http.MethodPut:
		m.put(w, r)
	default:
		time.Sleep(m.took)
		m.read(w, r)
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(s3Error(code))
	}
}

func etagOf(body string) string {
	return fmt.Sprintf("%q", strconv.Itoa(len(body))+body[:min(9, len(body))])
}

func (m *memoryS3) put(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "IncompleteBody")
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writing[path] {
		refuse(w, r, http.StatusConflict, "ConditionalRequestConflict")
		return
	}
	was, exists := m.objects[path]
	switch match := r.Header.Get("If-Match"); {
	case r.Header.Get("If-None-Match") == "*" && exists, match != "" && exists && match != etagOf(was):
		refuse(w, r, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	case match != "" && !exists:
		refuse(w, r, http.StatusNotFound, "NoSuchKey")
		return
	}
	m.writing[path] = true
	m.mu.Unlock()
	time.Sleep(m.took)
	m.mu.Lock()
	delete(m.writing, path)
	m.objects[path], m.tags[path] = string(body), r.Header.Get("x-amz-tagging")
}

func (m *memoryS3) read(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	path := r.URL.Path
	body, exists := m.objects[path]
	switch {
	case r.URL.Query().Get("list-type") == "2":
		m.list(w, strings.TrimSuffix(path, "/")+"/", r.URL.Query())
	case r.Method == http.MethodDelete:
		delete(m.objects, path)
		w.WriteHeader(http.StatusNoContent)
	case !exists:
		refuse(w, r, http.StatusNotFound, "NoSuchKey")
	case r.Header.Get("If-None-Match") == etagOf(body):
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("ETag", etagOf(body))
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodGet {
			io.WriteString(w, body)
		}
	}
}

// list answers as S3 does: it encodes keys if that is asked for, and otherwise writes character references that XML 1.0
// does not allow.
func (m *memoryS3) list(w http.ResponseWriter, bucket string, q url.Values) {
	text := func(s string) string {
		if q.Get("encoding-type") == "url" {
			return strings.ReplaceAll(url.QueryEscape(s), "%2F", "/")
		}
		var b strings.Builder
		for _, r := range s {
			if r < ' ' || r == '&' || r == '<' || r == '>' {
				fmt.Fprintf(&b, "&#x%x;", r)
			} else {
				b.WriteRune(r)
			}
		}
		return b.String()
	}
	most, _ := strconv.Atoi(q.Get("max-keys"))
	var out bytes.Buffer
	count, more := 0, false
	for _, path := range slices.Sorted(maps.Keys(m.objects)) {
		key, ok := strings.CutPrefix(path, bucket)
		if !ok || !strings.HasPrefix(key, q.Get("prefix")) || key <= q.Get("start-after") {
			continue
		}
		if more = count == most; more {
			break
		}
		count++
		fmt.Fprintf(&out, "<Contents><Key>%s</Key><ETag>%s</ETag><Size>%d</Size></Contents>", text(key), etagOf(m.objects[path]), len(m.objects[path]))
	}
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Prefix>%s</Prefix><StartAfter>%s</StartAfter>`+
		"<EncodingType>%s</EncodingType><IsTruncated>%v</IsTruncated>%s</ListBucketResult>",
		text(q.Get("prefix")), text(q.Get("start-after")), q.Get("encoding-type"), more, &out)
}
