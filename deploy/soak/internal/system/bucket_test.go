package system

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// If S3 has an object but does not deliver all of it, the object is unreadable and the check goes on. A server that does
// not answer ends the check.
func TestGet(t *testing.T) {
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		refuse := func(status int, code string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
		}
		switch key := strings.TrimPrefix(r.URL.Path, "/b/"); {
		case key == "none":
			refuse(http.StatusNotFound, "NoSuchKey")
		case key == "forbidden":
			refuse(http.StatusForbidden, "AccessDenied")
		case key == "cut", key == "cut once" && n == 1:
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("01234"))
		case key == "mismatch":
			w.Header().Set("x-amz-checksum-crc32", "AAAAAA==")
			w.Write([]byte("0123456789"))
		default:
			w.Header().Set("ETag", `"e"`)
			w.Write([]byte("0123456789"))
		}
	}))
	defer server.Close()
	open := func(url string) Bucket {
		return Bucket{s3.New(s3.Options{BaseEndpoint: &url, Region: "us-east-1", UsePathStyle: true, Retryer: aws.NopRetryer{},
			Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}), "b"}
	}
	for key, want := range map[string]error{"whole": nil, "cut once": nil, "none": ErrNoObject, "forbidden": ErrUnreadable, "cut": ErrUnreadable, "mismatch": ErrUnreadable} {
		requests.Store(0)
		body, etag, err := open(server.URL).Get(t.Context(), key)
		if !errors.Is(err, want) || want == nil && (string(body) != "0123456789" || etag != `"e"`) {
			t.Errorf("%s: %q %s, %v; want %v", key, body, etag, err, want)
		}
	}
	if _, _, err := open("http://127.0.0.1:1").Get(t.Context(), "whole"); err == nil || errors.Is(err, ErrUnreadable) {
		t.Errorf("no server: %v", err)
	}
}
