package photos

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/photo"
)

// script answers each request with the next status, and ETag or error code, of a list. It remembers the requests.
type script struct {
	answers []string
	asked   []string
	put     []byte
	tagging string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		s.put, _ = io.ReadAll(r.Body)
		s.tagging = r.Header.Get("x-amz-tagging")
	}
	s.asked = append(s.asked, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("If-Match")+r.Header.Get("If-None-Match")))
	var status int
	var word string
	fmt.Sscan(s.answers[0], &status, &word)
	s.answers = s.answers[1:]
	if strings.HasPrefix(word, `"`) {
		w.Header().Set("ETag", word)
		word = ""
	}
	w.WriteHeader(status)
	if word != "" {
		w.Write(s3Error(word))
	}
}

func TestRemove(t *testing.T) {
	head, put, remove := "HEAD /photos-var/"+testRef.ManifestKey(), "PUT /photos-var/"+testRef.ManifestKey(), "DELETE /photos-up/"+testRef.Key()
	for name, c := range map[string]struct {
		answers []string
		asked   []string
		err     string
	}{
		"no manifest":           {[]string{"404", "200", "204"}, []string{head, put + " *", remove}, ""},
		"a manifest":            {[]string{`200 "a"`, "200", "204"}, []string{head, put + ` "a"`, remove}, ""},
		"a worker is faster":    {[]string{"404", "412", `200 "a"`, "200", "204"}, []string{head, put + " *", head, put + ` "a"`, remove}, ""},
		"a worker removes it":   {[]string{`200 "a"`, "404 NoSuchKey", "404", "200", "204"}, []string{head, put + ` "a"`, head, put + " *", remove}, ""},
		"a worker is writing":   {[]string{"404", "409 ConditionalRequestConflict", `200 "a"`, "200", "204"}, []string{head, put + " *", head, put + ` "a"`, remove}, ""},
		"always another":        {slices.Repeat([]string{"404", "412"}, removals), slices.Repeat([]string{head, put + " *"}, removals), "in a row"},
		"no bucket of variants": {[]string{"404", "404 NoSuchBucket"}, []string{head, put + " *"}, "NoSuchBucket"},
		"may not read":          {[]string{"403"}, []string{head}, "s3:ListBucket"},
		"may not write":         {[]string{"404", "403 AccessDenied"}, []string{head, put + " *"}, "s3:PutObjectTagging"},
		"may not remove":        {[]string{"404", "200", "403 AccessDenied"}, []string{head, put + " *", remove}, "s3:DeleteObject"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: c.answers}
			srv := httptest.NewServer(s)
			defer srv.Close()
			store, err := New(s3.New(s3.Options{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", ""),
				BaseEndpoint: &srv.URL, UsePathStyle: true, Retryer: aws.NopRetryer{},
				RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired}), Config{UploadsBucket: "photos-up", VariantsBucket: "photos-var"})
			if err != nil {
				t.Fatal(err)
			}
			err = store.Remove(t.Context(), testRef)
			if (c.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if !slices.Equal(s.asked, c.asked) {
				t.Errorf("asked %q, want %q", s.asked, c.asked)
			}
			if c.err != "" {
				return
			}
			if m, err := photo.ParseManifest(testRef, s.put); err != nil || m.State != photo.Removed || s.tagging != "darkroom=removed" {
				t.Errorf("wrote %s with the tag %s, %v", s.put, s.tagging, err)
			}
		})
	}
}
