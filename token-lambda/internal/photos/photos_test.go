package photos

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

var testRef = photo.Ref{Board: "cats", ID: "0123456789abcdef0123456789abcdef"}

// fakeS3 gives every request the same answer and remembers the last request.
type fakeS3 struct {
	status int
	body   []byte
	header map[string]string
	asked  string
	query  url.Values
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked = r.Method + " " + r.URL.Path
	if f.query = r.URL.Query(); f.query.Get("list-type") != "" {
		f.asked = "LIST" + f.asked[3:]
	}
	for name, value := range f.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(f.status)
	w.Write(f.body)
}

func newStore(t *testing.T, f *fakeS3) *Store {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	s, err := New(s3.New(s3.Options{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", ""),
		BaseEndpoint: &srv.URL, UsePathStyle: true, Retryer: aws.NopRetryer{}}), Config{UploadsBucket: "photos-up", VariantsBucket: "photos-var"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func s3Error(code string) []byte {
	return fmt.Appendf(nil, `<?xml version="1.0"?><Error><Code>%s</Code><Message>m</Message></Error>`, code)
}

func testManifest(t *testing.T) (*photo.Manifest, []byte) {
	m := &photo.Manifest{Version: photo.ManifestVersion, Board: testRef.Board, ID: testRef.ID, State: photo.Rejected,
		Reason: photo.ReasonCorrupt, Created: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	b, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	return m, b
}

func TestManifest(t *testing.T) {
	m, b := testManifest(t)
	const get, beside = "GET " + manifestPath, "GET " + manifestPath + ".absent"
	for name, c := range map[string]struct {
		manifest string // "": none
		faults   map[string]string
		want     *photo.Manifest
		err      string
		unusable bool // the fault is that of this manifest alone
	}{
		"there":               {manifest: string(b), want: m},
		"absent":              {},
		"no bucket":           {faults: map[string]string{get: "no-bucket"}, err: "NoSuchBucket"},
		"forbidden":           {manifest: string(b), faults: map[string]string{get: "403", beside: "403"}, err: "s3:ListBucket"},
		"forbidden, alone":    {manifest: string(b), faults: map[string]string{get: "403"}, err: "AccessDenied", unusable: true},
		"forbidden, and down": {manifest: string(b), faults: map[string]string{get: "403", beside: "503"}, err: "s3:ListBucket"},
		"archived":            {manifest: string(b), faults: map[string]string{get: "archived"}, err: "InvalidObjectState", unusable: true},
		"down":                {manifest: string(b), faults: map[string]string{get: "503"}, err: "SlowDown"},
		"not JSON":            {manifest: "{", err: "manifest of cats/", unusable: true},
		"another photo":       {manifest: strings.Replace(string(b), "0123", "9999", 1), err: "another photo", unusable: true},
		"another state":       {manifest: strings.Replace(string(b), "rejected", "gone", 1), err: "gone", unusable: true},
		"a newer state":       {manifest: `{"version": 7, "board": "cats", "id": "0123456789abcdef0123456789abcdef", "state": "x"}`, err: "newer release", unusable: true},
		"too large":           {manifest: string(b) + strings.Repeat(" ", photo.MaxManifestBytes), err: "larger than 1048576 bytes", unusable: true},
	} {
		t.Run(name, func(t *testing.T) {
			s3 := newMemoryS3()
			s3.fault = faults(c.faults)
			if c.manifest != "" {
				s3.objects[manifestPath] = c.manifest
			}
			stored, err := s3.store(t).Manifest(t.Context(), testRef, "")
			want := StoredManifest{Manifest: c.want}
			if c.manifest != "" && (c.want != nil || c.unusable && c.faults == nil) {
				want.ETag, want.Bytes = etagOf(c.manifest), int64(len(c.manifest))
			}
			if diff := cmp.Diff(want, stored); diff != "" {
				t.Error(diff)
			}
			if (c.err == "") != (err == nil) || err != nil && (!strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), testRef.Key())) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if errors.Is(err, photo.ErrManifest) != c.unusable {
				t.Errorf("error %v; want one about this manifest: %v", err, c.unusable)
			}
		})
	}
	s3 := newMemoryS3()
	s3.objects[manifestPath] = ""
	if _, err := s3.store(t).Manifest(t.Context(), testRef, ""); !errors.Is(err, photo.ErrManifest) {
		t.Errorf("an empty manifest: %v", err)
	}
}

func TestOriginal(t *testing.T) {
	there := &photo.Source{Bytes: 7, ETag: `"e"`, VersionID: "v", Modified: time.Date(2026, 11, 23, 12, 0, 1, 0, time.UTC), Owner: "ann b"}
	for name, c := range map[string]struct {
		status int
		want   *photo.Source
		err    string
	}{
		"there":     {200, there, ""},
		"absent":    {404, nil, ""},
		"forbidden": {403, nil, "s3:ListBucket"},
		"broken":    {503, nil, "503"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeS3{status: c.status, header: map[string]string{"Content-Length": "7", "ETag": `"e"`, "x-amz-version-id": "v",
				"Last-Modified": "Mon, 23 Nov 2026 12:00:01 GMT", "x-amz-meta-owner": "ann%20b"}}
			got, err := newStore(t, f).Original(t.Context(), testRef)
			if !cmp.Equal(got, c.want) || (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v, %v", got, err)
			}
			if want := "HEAD /photos-up/" + testRef.Key(); f.asked != want {
				t.Errorf("asked %s, want %s", f.asked, want)
			}
		})
	}
}

func listing(truncated bool, keys ...string) []byte {
	b := fmt.Appendf(nil, "<ListBucketResult><IsTruncated>%v</IsTruncated>", truncated)
	for _, k := range keys {
		b = fmt.Appendf(b, "<Contents><Key>%s</Key><LastModified>2026-11-23T12:00:01.987Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size></Contents>", k)
	}
	return append(b, "</ListBucketResult>"...)
}

// listed returns what a listing of the ids says.
func listed(ids ...photo.ID) (all []api.Original) {
	for _, id := range ids {
		all = append(all, api.Original{ID: id, Source: photo.Source{Bytes: 7, ETag: `"e"`, Modified: time.Date(2026, 11, 23, 12, 0, 1, 0, time.UTC)}})
	}
	return all
}

func TestList(t *testing.T) {
	const one, two = "0123456789abcdef0123456789abcdef", "1123456789abcdef0123456789abcdef"
	for name, c := range map[string]struct {
		s3     fakeS3
		cursor string
		want   api.Page
		err    string
	}{
		"nothing":       {fakeS3{status: 200, body: listing(false)}, "", api.Page{}, ""},
		"the last page": {fakeS3{status: 200, body: listing(false, "cats/"+one, "cats/"+two)}, one, api.Page{Originals: listed(one, two)}, ""},
		"a page":        {fakeS3{status: 200, body: listing(true, "cats/"+one, "cats/"+two)}, "", api.Page{Originals: listed(one, two), Next: two}, ""},
		"strays":        {fakeS3{status: 200, body: listing(true, "cats/"+one, "cats/"+two+"/x")}, "", api.Page{Originals: listed(one), Next: two + "/x"}, ""},
		"strays alone":  {fakeS3{status: 200, body: listing(true, "cats/x")}, "", api.Page{Next: "x"}, ""},
		"forbidden":     {fakeS3{status: 403, body: s3Error("AccessDenied")}, "", api.Page{}, "s3:ListBucket"},
		"no bucket":     {fakeS3{status: 404, body: s3Error("NoSuchBucket")}, "", api.Page{}, "NoSuchBucket"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := newStore(t, &c.s3).List(t.Context(), "cats", c.cursor, 7)
			if diff := cmp.Diff(c.want, got); diff != "" || (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%v %s", err, diff)
			}
			after := ""
			if c.cursor != "" {
				after = "cats/" + c.cursor
			}
			if q := c.s3.query; c.s3.asked != "LIST /photos-up" || q.Get("prefix") != "cats/" || q.Get("max-keys") != "7" || q.Get("start-after") != after {
				t.Errorf("asked %s %v", c.s3.asked, q)
			}
		})
	}
}

func TestConfigValidate(t *testing.T) {
	for _, c := range []Config{{UploadsBucket: "a"}, {VariantsBucket: "a"}} {
		if _, err := New(nil, c); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
