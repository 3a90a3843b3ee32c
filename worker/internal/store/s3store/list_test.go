package s3store

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
)

// encodingS3 is a bucket that encodes keys as S3 does: in a URL encoding if a request asks for it, and otherwise as
// XML, with references for characters that XML 1.0 does not allow. A listing has pages of three keys.
type encodingS3 struct {
	ignore bool // it does not know the encoding

	mu      sync.Mutex
	objects map[string][]byte
}

func newEncodingS3(t *testing.T, ignore bool) *Bucket {
	t.Helper()
	srv := httptest.NewServer(&encodingS3{ignore: ignore, objects: map[string][]byte{}})
	t.Cleanup(srv.Close)
	return New(fakes3test.Client(srv.URL, Options), "b")
}

func (s *encodingS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case bucket != "b":
		http.NotFound(w, r)
	case r.URL.Query().Get("list-type") == "2":
		s.list(w, r.URL.Query())
	case r.URL.Query().Has("delete"):
		s.deleteObjects(w, r)
	case r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.objects[key] = body
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case s.objects[key] == nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
		w.Write(s.objects[key])
	}
}

func (s *encodingS3) list(w http.ResponseWriter, q url.Values) {
	after := q.Get("start-after")
	if token, err := hex.DecodeString(q.Get("continuation-token")); err == nil && len(token) > 0 {
		after = string(token)
	}
	fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>`)
	encode := asXML
	if q.Get("encoding-type") == "url" && !s.ignore {
		fmt.Fprint(w, "<EncodingType>url</EncodingType>")
		encode = func(k string) string { return strings.ReplaceAll(url.QueryEscape(k), "%2F", "/") }
	}
	page := 0
	for _, k := range slices.Sorted(maps.Keys(s.objects)) {
		if !strings.HasPrefix(k, q.Get("prefix")) || k <= after {
			continue
		}
		if page == 3 {
			fmt.Fprintf(w, "<IsTruncated>true</IsTruncated><NextContinuationToken>%x</NextContinuationToken>", after)
			break
		}
		page++
		after = k
		fmt.Fprintf(w, `<Contents><Key>%s</Key><Size>%d</Size><ETag>"%x"</ETag><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`,
			encode(k), len(s.objects[k]), md5.Sum(s.objects[k]))
	}
	fmt.Fprint(w, "</ListBucketResult>")
}

func (s *encodingS3) deleteObjects(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Object []struct{ Key string }
	}
	if err := xml.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, o := range in.Object {
		delete(s.objects, o.Key)
	}
	fmt.Fprint(w, "<DeleteResult></DeleteResult>")
}

// asXML escapes a key as S3 does without an encoding, even if no parser of XML accepts the result.
func asXML(key string) string {
	var b strings.Builder
	for _, r := range key {
		if r < ' ' || strings.ContainsRune("&<>\"'\uFFFE\uFFFF", r) {
			fmt.Fprintf(&b, "&#x%x;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestKeysAreListedEncoded(t *testing.T) {
	storetest.ControlCharacters(t, func(t *testing.T) store.Bucket { return newEncodingS3(t, false) })
}

// TestStoreThatIgnoresTheEncoding: its keys are taken as they are.
func TestStoreThatIgnoresTheEncoding(t *testing.T) {
	b := newEncodingS3(t, true)
	for _, k := range storetest.OddKeys {
		if err := b.Put(t.Context(), k, store.Content{Type: "text/plain", Body: []byte(k)}); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	for e, err := range b.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, e.Key)
	}
	if want := slices.Sorted(slices.Values(storetest.OddKeys)); !slices.Equal(keys, want) {
		t.Errorf("got %q, want %q", keys, want)
	}
}
