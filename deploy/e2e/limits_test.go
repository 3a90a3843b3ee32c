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

// TestLimitsOfABoard sends what the board does not take as if it were something else: only the worker can see that.
func TestLimitsOfABoard(t *testing.T) {
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
		t.Fatal("there is no such sample")
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
	s.ask(t, s.token(t, "ann", "cats"), "cats", contract.UploadRequest{ContentType: "image/png", ContentLength: 10}, http.StatusBadRequest)
}

func TestScopes(t *testing.T) {
	s := startSystem(t, nil)
	for scope, want := range map[string]struct{ upload, look int }{
		issuer.ReadScope:  {http.StatusForbidden, http.StatusOK},
		issuer.WriteScope: {http.StatusCreated, http.StatusForbidden},
		"other":           {http.StatusForbidden, http.StatusForbidden},
	} {
		source := tokens.Source{URL: s.Issuer, Subject: "ann", Boards: []string{"cats"}, Scope: scope}
		bearer, err := source.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.ask(t, bearer, "cats", contract.UploadRequest{ContentType: "image/jpeg", ContentLength: 10}, want.upload)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.API+"/boards/cats/uploads", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+bearer)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want.look {
			t.Errorf("scope %s: the list is answered with %s, want %d", scope, resp.Status, want.look)
		}
	}
}
