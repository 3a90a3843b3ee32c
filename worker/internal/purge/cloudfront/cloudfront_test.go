package cloudfront_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awscloudfront "github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"darkroom/deploy/local/fake/fakecdn"
	"darkroom/worker/internal/awsfault"
	"darkroom/worker/internal/purge"
	"darkroom/worker/internal/purge/cloudfront"
	"darkroom/worker/internal/purge/purgetest"
	"darkroom/worker/photo"
)

const id = "EDFDVBD632BHDS5"

// direct is a transport to a handler without a network, so that it works in a synctest bubble.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// open returns a distribution whose API is h.
func open(h http.Handler) *cloudfront.Distribution {
	return cloudfront.New(awscloudfront.New(awscloudfront.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://cdn.test"), HTTPClient: &http.Client{Transport: direct{h}},
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""), RetryMaxAttempts: 1}), id)
}

// bucket is an origin in memory: the tags of each object.
type bucket map[string]string

func (b bucket) Fetch(_ context.Context, key string) (fakecdn.Answer, error) {
	tags, ok := b[key]
	if !ok {
		return fakecdn.Answer{}, fakecdn.ErrNoAnswer
	}
	return fakecdn.Answer{Header: http.Header{"Cache-Control": {"max-age=86400"}, http.CanonicalHeaderKey(photo.CacheTagHeader): {tags}}, Body: []byte(key)}, nil
}

func TestConformance(t *testing.T) {
	purgetest.Conformance(t, func(t *testing.T) purgetest.CDN {
		const delay = 20 * time.Second
		objects := bucket{}
		cdn := fakecdn.New(fakecdn.Config{Distribution: id, Origin: objects, Delay: delay})
		get := func(key string) int {
			w := httptest.NewRecorder()
			cdn.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+key, nil))
			return w.Code
		}
		n := 0
		return purgetest.CDN{Purger: open(cdn), Delay: delay, Cache: func(tags ...string) func() bool {
			n++
			key := fmt.Sprint("k/", n)
			objects[key] = strings.Join(tags, ", ")
			if status := get(key); status != http.StatusOK {
				t.Fatalf("GET %s: %d", key, status)
			}
			delete(objects, key)
			return func() bool { return get(key) == http.StatusOK }
		}}
	})
}

// answers is an API that always answers the same.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func failure(code string) string {
	return `<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>` + code + `</Code><Message>m</Message></Error><RequestId>1</RequestId></ErrorResponse>`
}

func TestErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		busy   bool
		code   string
	}{
		"too many in progress": {400, failure("TooManyInvalidationsInProgress"), true, "TooManyInvalidationsInProgress"},
		"throttled":            {429, failure("Throttling"), true, "Throttling"},
		"denied":               {403, failure("AccessDenied"), false, "AccessDenied"},
		"down":                 {500, "", false, ""},
		"no id":                {201, "<Invalidation></Invalidation>", false, ""},
	} {
		_, err := open(answers(tc.status, tc.body)).Purge(t.Context(), []string{"photo:cats/1"})
		if err == nil || errors.Is(err, purge.ErrBusy) != tc.busy || tc.code != "" && awsfault.Code(err) != tc.code || !strings.Contains(err.Error(), id) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if done, err := open(answers(403, failure("AccessDenied"))).Done(t.Context(), "I1"); done || err == nil || errors.Is(err, purge.ErrUnknown) {
		t.Errorf("a denied question: %v, %v", done, err)
	}
}

func TestCheck(t *testing.T) {
	config := func(inner string) string { return "<DistributionConfig>" + inner + "</DistributionConfig>" }
	for name, tc := range map[string]struct {
		status int
		body   string
		want   string // part of the error; empty for none
	}{
		"tags":                     {200, config("<CacheTagConfig><HeaderName>X-Amz-Meta-Cache-Tag</HeaderName></CacheTagConfig>"), ""},
		"no tags":                  {200, config(""), "set its CacheTagConfig"},
		"tags from another header": {200, config("<CacheTagConfig><HeaderName>edge-cache-tag</HeaderName></CacheTagConfig>"), "x-amz-meta-cache-tag"},
		"another distribution":     {404, failure("NoSuchDistribution"), "NoSuchDistribution"},
		"denied":                   {403, failure("AccessDenied"), "AccessDenied"},
		"down":                     {503, "", ""},
	} {
		err := open(answers(tc.status, tc.body)).Check(t.Context())
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if err := open(fakecdn.New(fakecdn.Config{Distribution: id})).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestValidID(t *testing.T) {
	for text, want := range map[string]bool{id: true, "E1": false, "": false, "d111111abcdef8.cloudfront.net": false, "arn:aws:cloudfront::1:distribution/E1ABC": false} {
		if err := cloudfront.ValidID(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
