package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// TestBoardLimits uploads files that the board does not accept under a type that it does. Only the worker can detect
// that.
func TestBoardLimits(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) {
		c.APIEnv = []string{`BOARD_LIMITS={"cats": {"contentTypes": ["image/jpeg"], "maxPixels": 100000}}`, "PUBLIC_BASE_URL=https://cdn.example/v"}
	})
	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	sample := func(is func(samples.Sample) bool) samples.Sample {
		for _, one := range all {
			if is(one) {
				return one
			}
		}
		t.Fatal("no such sample")
		return samples.Sample{}
	}
	small, err := samples.Photo("small.jpg", 320, 240, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sample samples.Sample
		state  photo.State
		reason photo.Reason
	}{
		"within the limits": {small, photo.Ready, ""},
		"many pixels":       {sample(func(s samples.Sample) bool { return s.ContentType == "image/jpeg" && s.Width > 1000 }), photo.Rejected, photo.ReasonTooManyPixels},
		"a HEIC":            {sample(func(s samples.Sample) bool { return s.ContentType == "image/heic" }), photo.Rejected, photo.ReasonUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := s.client(t, "cats").Upload(t.Context(), client.FromBytes(c.sample.Name, "image/jpeg", c.sample.Bytes))
			if err != nil || out.State != c.state || out.Reason != c.reason {
				t.Fatalf("%+v, %v, want %s %s", out, err, c.state, c.reason)
			}
			for _, v := range out.Variants {
				key, plain := strings.CutPrefix(v.URL, "https://cdn.example/v/")
				if _, err := s.s3().HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: ptr(fake.Variants), Key: &key}); !plain || err != nil {
					t.Errorf("variant %s is at %s, %v", v.Name, v.URL, err)
				}
			}
		})
	}
	s.requestUpload(t, s.token(t, "ann", "cats"), "cats", contract.UploadRequest{ContentType: "image/png", ContentLength: 10}, http.StatusBadRequest)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	for scope, want := range map[string]struct{ upload, list int }{
		issuer.ReadScope:  {http.StatusForbidden, http.StatusOK},
		issuer.WriteScope: {http.StatusCreated, http.StatusForbidden},
		"other":           {http.StatusForbidden, http.StatusForbidden},
	} {
		source := tokens.Source{URL: s.Issuer, Subject: "ann", Boards: []string{"cats"}, Scope: scope}
		bearer, err := source.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.requestUpload(t, bearer, "cats", contract.UploadRequest{ContentType: "image/jpeg", ContentLength: 10}, want.upload)
		s.call(t, bearer, http.MethodGet, s.API+contract.UploadsPath("cats"), want.list, nil)
	}
}
