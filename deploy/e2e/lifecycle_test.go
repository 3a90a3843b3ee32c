package e2e

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/token-lambda/contract"
)

// TestPhotoLifecycle uses a batch of tokens, a long poll, lists, a delete and an old token, each with the scope that it
// needs.
func TestPhotoLifecycle(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) {
		c.APIEnv = []string{"AUTH_WRITE_SCOPE=uploads:write", "AUTH_READ_SCOPE=uploads:read", "AUTH_ADMIN_SCOPE=photos:admin", "BOARD_DELETE=owner"}
	})
	bearer := s.token(t, "ann", "cats")
	reader, err := (&tokens.Source{URL: s.Issuer, Subject: "bob", Boards: []string{"cats"}, Scope: "uploads:read"}).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	jpeg := small(t)
	one := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg)), Name: `Grüße "1".jpg`, Metadata: map[string]string{"album": "a  b&c"}}
	s.requestUpload(t, reader, "cats", one, http.StatusForbidden)

	var grants []grant
	for _, g := range s.requestUploads(t, bearer, "cats", []contract.UploadRequest{one, one, one}) {
		if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		grants = append(grants, g)
	}
	slices.SortFunc(grants, func(a, b grant) int { return strings.Compare(a.key(), b.key()) })
	for _, g := range grants {
		var up contract.Upload
		h := s.call(t, reader, "GET", g.OutcomeURL, http.StatusOK, &up)
		if up.ID != g.ID || up.State != "ready" || len(up.Variants) == 0 || up.Name != one.Name || !maps.Equal(up.Metadata, one.Metadata) {
			t.Fatalf("%+v", up)
		}
		s.call(t, reader, "GET", g.StatusURL, http.StatusNotModified, nil, "If-None-Match", h.Get("ETag"))
	}

	list := s.API + contract.UploadsPath("cats")
	var first, second contract.Page
	page := s.call(t, reader, "GET", list+"?limit=2", http.StatusOK, &first)
	s.call(t, reader, "GET", list+"?limit=2", http.StatusNotModified, nil, "If-None-Match", page.Get("ETag"))
	if first.Next == "" {
		t.Fatalf("%+v", first)
	}
	s.call(t, reader, "GET", list+"?limit=2&cursor="+first.Next, http.StatusOK, &second)
	for i, up := range append(first.Uploads, second.Uploads...) {
		var alone contract.Upload
		s.call(t, reader, "GET", grants[i].StatusURL, http.StatusOK, &alone)
		if up.ID != grants[i].ID || up.State != "ready" || up.Uploaded.IsZero() || !up.Uploaded.Equal(alone.Uploaded) || !up.Updated.Equal(alone.Updated) {
			t.Errorf("photo %d is %+v, want %s", i, up, grants[i].ID)
		}
	}
	if len(second.Uploads) != 1 || second.Next != "" {
		t.Errorf("second page: %+v", second)
	}
	if resp, err := http.Get(second.Uploads[0].Variants[0].URL); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("a variant in the list: %v %v", resp, err)
	} else {
		resp.Body.Close()
	}

	gone := grants[0]
	s.call(t, reader, "DELETE", gone.StatusURL, http.StatusForbidden, nil)
	s.call(t, s.token(t, "bob", "cats"), "DELETE", gone.StatusURL, http.StatusForbidden, nil)
	admin, err := (&tokens.Source{URL: s.Issuer, Subject: "eve", Boards: []string{"cats"}, Scope: "uploads:write photos:admin"}).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.call(t, admin, "DELETE", grants[2].StatusURL, http.StatusNoContent, nil)
	h := s.call(t, reader, "GET", gone.StatusURL, http.StatusOK, nil)
	s.call(t, bearer, "DELETE", gone.StatusURL, http.StatusNoContent, nil)
	s.call(t, bearer, "DELETE", gone.StatusURL, http.StatusNoContent, nil)
	var up contract.Upload
	if s.call(t, reader, "GET", gone.OutcomeURL, http.StatusOK, &up, "If-None-Match", h.Get("ETag")); up.State != "removed" || len(up.Variants) != 0 {
		t.Errorf("deleted photo: %+v", up)
	}
	var rest contract.Page
	if s.call(t, reader, "GET", list, http.StatusOK, &rest); len(rest.Uploads) != 1 {
		t.Errorf("list after the two deletes: %+v", rest)
	}

	// The upload token is still valid, but the worker removes the photo that is uploaded with it.
	if status, answer := gone.put(t, jpeg, nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	eventually(t, "the upload with an old token is removed", func() bool { return !s.isStored(t, gone.key()) })
	manifest := gone.ref().ManifestKey()
	eventually(t, "the variants are removed", func() bool {
		keys := slices.DeleteFunc(s.keys(t, fake.Variants), func(k string) bool { return !strings.HasPrefix(k, gone.ref().Prefix()) })
		return slices.Equal(keys, []string{manifest})
	})
	tags, err := s.s3().GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: ptr(fake.Variants), Key: &manifest})
	if err != nil || len(tags.TagSet) != 1 || *tags.TagSet[0].Key != "darkroom" || *tags.TagSet[0].Value != "removed" {
		t.Errorf("tags %+v, %v", tags, err)
	}
}

// small returns a JPEG that is quick to render.
func small(t *testing.T) []byte {
	t.Helper()
	p, err := samples.Photo("small.jpg", 64, 48, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	return p.Bytes
}
