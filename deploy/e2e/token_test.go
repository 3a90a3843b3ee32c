package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/local/fake"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// grant is a new upload with the helpers of these tests.
type grant contract.NewUpload

// ref returns the photo on board cats.
func (g grant) ref() photo.Ref { return photo.Ref{Board: "cats", ID: g.ID} }

// key returns the key of the original.
func (g grant) key() string { return g.ref().Key() }

// put uploads body with the token and returns S3's answer. change, if not nil, alters the request first.
func (g grant) put(t *testing.T, body []byte, change func(*http.Request)) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), g.Upload.Method, g.Upload.URL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range g.Upload.Headers {
		req.Header.Set(name, value)
	}
	if change != nil {
		change(req)
	}
	return exchange(t, req)
}

func TestUploadTokenAllowsOneUploadOfItsBytes(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	bearer := s.token(t, "ann", "cats")
	photo := []byte("these bytes and no others")
	sum := sha256.Sum256(photo)
	wanted := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(photo)), SHA256: base64.StdEncoding.EncodeToString(sum[:])}
	unhashed := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(photo))}
	setQuery := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			q := r.URL.Query()
			q.Set(name, value)
			r.URL.RawQuery = q.Encode()
		}
	}

	t.Run("signed headers", func(t *testing.T) {
		g := s.requestUpload(t, bearer, "cats", wanted, http.StatusCreated)
		u, err := url.Parse(g.Upload.URL)
		if err != nil {
			t.Fatal(err)
		}
		signed := strings.Split(u.Query().Get("X-Amz-SignedHeaders"), ";")
		for _, name := range []string{"content-length", "content-type", "host", "if-none-match", "x-amz-checksum-sha256", "x-amz-meta-owner"} {
			if !slices.Contains(signed, name) {
				t.Errorf("%s is not among the signed headers %v", name, signed)
			}
			if u.Query().Has(name) {
				t.Errorf("%s is in the query, where S3 ignores it", name)
			}
			// A page may not set these two headers, and every client sends them anyway.
			if _, listed := g.Upload.Headers[name]; listed == (name == "host" || name == "content-length") {
				t.Errorf("header %s is in the token: %v, want %v", name, listed, !listed)
			}
		}
		if left := time.Until(g.ExpiresAt); left <= 0 || left > 6*time.Minute {
			t.Errorf("the token expires in %v", left)
		}
	})

	for name, tc := range map[string]struct {
		ask    contract.UploadRequest
		body   []byte
		change func(*http.Request)
		want   []int
	}{
		"other bytes of that length": {wanted, []byte("THESE bytes and no others"), nil, []int{400, 403}},
		"other bytes with their own digest": {wanted, []byte("THESE bytes and no others"), func(r *http.Request) {
			other := sha256.Sum256([]byte("THESE bytes and no others"))
			r.Header.Set("x-amz-checksum-sha256", base64.StdEncoding.EncodeToString(other[:]))
		}, []int{403}},
		"more bytes":            {unhashed, append(slices.Clone(photo), "!!"...), nil, []int{400, 403}},
		"fewer bytes":           {unhashed, photo[:5], nil, []int{400, 403}},
		"another type":          {wanted, photo, func(r *http.Request) { r.Header.Set("content-type", "text/html") }, []int{403}},
		"another owner":         {wanted, photo, func(r *http.Request) { r.Header.Set("x-amz-meta-owner", "eve") }, []int{403}},
		"no type":               {wanted, photo, func(r *http.Request) { r.Header.Del("content-type") }, []int{400, 403}},
		"no digest":             {wanted, photo, func(r *http.Request) { r.Header.Del("x-amz-checksum-sha256") }, []int{400, 403}},
		"no owner":              {wanted, photo, func(r *http.Request) { r.Header.Del("x-amz-meta-owner") }, []int{400, 403}},
		"no if-none-match":      {wanted, photo, func(r *http.Request) { r.Header.Del("if-none-match") }, []int{400, 403}},
		"another if-none-match": {wanted, photo, func(r *http.Request) { r.Header.Set("if-none-match", "x") }, []int{400, 403, 501}},
		"one more x-amz header": {wanted, photo, func(r *http.Request) { r.Header.Set("x-amz-meta-more", "1") }, []int{400, 403}},
		"another key":           {wanted, photo, func(r *http.Request) { r.URL.Path += "0" }, []int{403}},
		"another bucket":        {wanted, photo, func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, fake.Uploads, fake.Variants, 1) }, []int{403}},
		"another method":        {wanted, nil, func(r *http.Request) { r.Method, r.Body, r.ContentLength = "DELETE", http.NoBody, 0 }, []int{400, 403}},
		"a longer expiry":       {wanted, photo, setQuery("X-Amz-Expires", "86400"), []int{403}},
		"fewer signed headers":  {wanted, photo, setQuery("X-Amz-SignedHeaders", "host"), []int{403}},
		"another signature":     {wanted, photo, setQuery("X-Amz-Signature", strings.Repeat("0", 64)), []int{403}},
		// versitygw answers 404.
		"someone else's key pair": {wanted, photo, setQuery("X-Amz-Credential", "eve/20261123/us-east-1/s3/aws4_request"),
			[]int{400, 403, 404}},
	} {
		t.Run(name, func(t *testing.T) {
			g := s.requestUpload(t, bearer, "cats", tc.ask, http.StatusCreated)
			status, answer := g.put(t, tc.body, tc.change)
			if !slices.Contains(tc.want, status) {
				t.Errorf("S3 answers %d %s, want one of %v", status, answer, tc.want)
			}
			if s.isStored(t, g.key()) {
				t.Error("the upload is stored")
			}
		})
	}

	t.Run("a second upload", func(t *testing.T) {
		g := s.requestUpload(t, bearer, "cats", wanted, http.StatusCreated)
		if status, answer := g.put(t, photo, nil); status != http.StatusOK {
			t.Fatalf("first PUT: %d %s", status, answer)
		}
		if status, answer := g.put(t, photo, nil); status != http.StatusPreconditionFailed {
			t.Errorf("second PUT: %d %s, want 412", status, answer)
		}
	})
	t.Run("concurrent uploads", func(t *testing.T) {
		g := s.requestUpload(t, bearer, "cats", wanted, http.StatusCreated)
		statuses := make(chan int)
		for range 8 {
			go func() {
				status, _ := g.put(t, photo, nil)
				statuses <- status
			}()
		}
		count := map[int]int{}
		for range 8 {
			count[<-statuses]++
		}
		if count[200] != 1 || count[200]+count[412]+count[409] != 8 {
			t.Errorf("statuses %v, want one 200 and otherwise 412 or 409", count)
		}
	})
}

// TestExpiredUploadToken signs a token as of ten minutes ago instead of waiting until one expires.
func TestExpiredUploadToken(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	photo := []byte("late")
	g := s.requestUpload(t, s.token(t, "ann", "cats"), "cats", contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(photo))}, http.StatusCreated)
	sign := func(at time.Time) grant {
		u, err := url.Parse(g.Upload.URL)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = url.Values{"X-Amz-Expires": {"300"}, "x-id": {"PutObject"}}.Encode()
		req, err := http.NewRequest(g.Upload.Method, u.String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.ContentLength = int64(len(photo))
		for name, value := range g.Upload.Headers {
			req.Header.Set(name, value)
		}
		keys := aws.Credentials{AccessKeyID: fake.AccessKey, SecretAccessKey: fake.SecretKey}
		signed, _, err := v4.NewSigner().PresignHTTP(t.Context(), keys, req, "UNSIGNED-PAYLOAD", "s3", fake.Region, at)
		if err != nil {
			t.Fatal(err)
		}
		return grant{ID: g.ID, Upload: contract.Token{Method: g.Upload.Method, URL: signed, Headers: g.Upload.Headers}}
	}
	if status, answer := sign(time.Now().Add(-10*time.Minute)).put(t, photo, nil); status != http.StatusForbidden {
		t.Errorf("S3 answers %d %s, want 403", status, answer)
	}
	if s.isStored(t, g.key()) {
		t.Error("the upload is stored")
	}
	if status, answer := sign(time.Now()).put(t, photo, nil); status != http.StatusOK {
		t.Errorf("signed now: %d %s, want 200: the refusal above must be due to its age", status, answer)
	}
}

func TestBearerTokenAndRequestAreChecked(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	good := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: 10}
	cats := s.token(t, "ann", "cats")
	s.requestUpload(t, "", "cats", good, http.StatusUnauthorized)
	s.requestUpload(t, "nonsense", "cats", good, http.StatusUnauthorized)
	s.requestUpload(t, cats[:len(cats)-4]+"AAAA", "cats", good, http.StatusUnauthorized)
	s.requestUpload(t, cats, "dogs", good, http.StatusForbidden)
	s.requestUpload(t, cats, "Cats", good, http.StatusBadRequest)
	s.requestUpload(t, cats, "cats", contract.UploadRequest{ContentType: "image/svg+xml", ContentLength: 10}, http.StatusBadRequest)
	s.requestUpload(t, cats, "cats", contract.UploadRequest{ContentType: "image/jpeg", ContentLength: 64<<20 + 1}, http.StatusRequestEntityTooLarge)
	s.requestUpload(t, cats, "cats", contract.UploadRequest{ContentType: "image/jpeg"}, http.StatusBadRequest)
	s.requestUpload(t, cats, "cats", "text", http.StatusBadRequest)
	s.requestUpload(t, s.token(t, "root", "*"), "dogs", good, http.StatusCreated)
}

// isStored reports whether the uploads bucket has an object under this key.
func (s *system) isStored(t *testing.T, key string) bool {
	t.Helper()
	out, err := s.s3().ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: ptr(fake.Uploads), Prefix: &key})
	if err != nil {
		t.Fatal(fmt.Errorf("list: %w", err))
	}
	return len(out.Contents) > 0
}

func ptr[T any](v T) *T { return &v }
