package s3store

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/worker/internal/store"
)

// TestCheckFailsLikeAJob has S3 give each answer to all operations of a check, or to one of them, and otherwise answer
// as it does where all is well.
func TestCheckFailsLikeAJob(t *testing.T) {
	for name, tc := range map[string]struct {
		method string // the operation that fails, see operation; empty for all
		client answers
		ok     bool
	}{
		"all is well":              {ok: true},
		"an object":                {method: "GET", client: answer(200, ""), ok: true},
		"not found without a code": {client: answer(404, "")},
		"AccessDenied":             {client: s3Error(403, "AccessDenied")},
		"403":                      {client: answer(403, "")},
		"301":                      {client: answer(301, "")},
		"KMS":                      {client: s3Error(400, "KMS.DisabledException")},
		"500":                      {client: answer(500, "")},
		"507":                      {client: answer(507, "")},
		"no bucket":                {client: s3Error(404, "NoSuchBucket")},
		"nobody listens":           {client: refuse(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)})},
		"no permission to read":    {method: "GET", client: s3Error(403, "AccessDenied")},
		"no permission to list":    {method: "LIST", client: s3Error(403, "AccessDenied")},
		"no permission to erase":   {method: "LIST VERSIONS", client: s3Error(403, "AccessDenied")},
		"no list of versions":      {method: "LIST VERSIONS", client: s3Error(501, "NotImplemented")},
		"no permission to write":   {method: "PUT", client: s3Error(403, "AccessDenied")},
		"another write":            {method: "PUT", client: s3Error(409, "ConditionalRequestConflict"), ok: true},
		"condition":                {method: "PUT", client: s3Error(412, "PreconditionFailed"), ok: true},
		"condition not known":      {method: "PUT", client: s3Error(501, "NotImplemented")},
	} {
		t.Run(name, func(t *testing.T) {
			for _, written := range []bool{false, true} {
				b := faked(func(r *http.Request) (*http.Response, error) {
					method := operation(r)
					switch {
					case tc.client != nil && (tc.method == "" || tc.method == method):
						return tc.client(r)
					case method == "LIST":
						return answer(200, "<ListBucketResult/>")(r)
					case method == "LIST VERSIONS":
						return answer(200, "<ListVersionsResult/>")(r)
					}
					return s3Error(404, "NoSuchKey")(r)
				}, 1)
				want := tc.ok
				if written {
					b = b.Written()
				} else if tc.method == "PUT" {
					want = true
				}
				if err := b.Check(t.Context()); (err == nil) != want {
					t.Errorf("written %v: %v", written, err)
				}
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if faked(refuse(context.Canceled), 1).Check(ctx) == nil {
		t.Error("nobody waited for an answer, and there is one")
	}
}

// operation returns the method of a request, or which listing it asks for.
func operation(r *http.Request) string {
	switch q := r.URL.Query(); {
	case q.Has("list-type"):
		return "LIST"
	case q.Has("versions"):
		return "LIST VERSIONS"
	}
	return r.Method
}

// TestCheckDeletesWhatItStored has a store without conditional writes, which stores the object of the check.
func TestCheckDeletesWhatItStored(t *testing.T) {
	var requests []string
	b := faked(func(r *http.Request) (*http.Response, error) {
		requests = append(requests, operation(r))
		switch operation(r) {
		case http.MethodPut:
			return answer(200, "")(r)
		case http.MethodPost:
			return answer(200, "<DeleteResult/>")(r)
		case "LIST":
			return answer(200, "<ListBucketResult/>")(r)
		case "LIST VERSIONS":
			return answer(200, "<ListVersionsResult/>")(r)
		}
		return s3Error(404, "NoSuchKey")(r)
	}, 1).Written()
	if err := b.Check(t.Context()); !errors.Is(err, errUnconditional) {
		t.Errorf("got %v, want errUnconditional", err)
	}
	if got := strings.Join(requests, " "); got != "GET LIST LIST VERSIONS PUT POST" {
		t.Errorf("requests %s, want a delete after the put", got)
	}
}

// TestCheckOverS3 also looks at what a check leaves behind.
func TestCheckOverS3(t *testing.T) {
	client := fakes3test.Client(fakes3test.Start(t))
	name := newBucket(t, client)
	b := New(client, name).Written()
	if err := b.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for e, err := range b.List(t.Context(), "", "") {
		t.Errorf("left %q, %v", e.Key, err)
	}
	for _, b := range []*Bucket{New(client, "no-such-bucket"), New(client, "no-such-bucket").Written()} {
		if err := b.Check(t.Context()); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "no-such-bucket") {
			t.Errorf("got %v, want ErrUnavailable of that bucket", err)
		}
	}
}
