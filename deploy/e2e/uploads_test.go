package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"mime/multipart"
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

// call makes one request to the API and decodes its answer, unless into is nil.
func (s *system) call(t *testing.T, bearer, method, url string, want int, into any, header ...string) http.Header {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		t.Fatalf("%s %s: %s %s, %v; want %d", method, url, resp.Status, body, err, want)
	}
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
	}
	return resp.Header
}

// TestAPhotosLife is a batch of tokens, a long poll, lists, a removal and an old token, each with the scope that it needs.
func TestAPhotosLife(t *testing.T) {
	s := startSystem(t, func(c *stack.Config) {
		c.APIEnv = []string{"AUTH_WRITE_SCOPE=uploads:write", "AUTH_READ_SCOPE=uploads:read"}
	})
	bearer := s.token(t, "ann", "cats")
	reader, err := (&tokens.Source{URL: s.Issuer, Subject: "bob", Boards: []string{"cats"}, Scope: "uploads:read"}).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	jpeg := small(t)
	one := contract.UploadRequest{ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}
	s.ask(t, reader, "cats", one, http.StatusForbidden)

	var grants []grant
	for _, g := range s.askMany(t, bearer, "cats", []contract.UploadRequest{one, one, one}) {
		if status, answer := g.put(t, jpeg, nil); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		grants = append(grants, g)
	}
	slices.SortFunc(grants, func(a, b grant) int { return strings.Compare(a.key(), b.key()) })
	for _, g := range grants {
		var up contract.Upload
		h := s.call(t, reader, "GET", g.StatusURL+"?wait=20s", http.StatusOK, &up)
		if up.ID != g.ID || up.State != "ready" || len(up.Variants) == 0 {
			t.Fatalf("%+v", up)
		}
		s.call(t, reader, "GET", g.StatusURL, http.StatusNotModified, nil, "If-None-Match", h.Get("ETag"))
	}

	list := s.API + "/boards/cats/uploads"
	var first, second contract.Page
	s.call(t, reader, "GET", list+"?limit=2", http.StatusOK, &first)
	if first.Next == "" {
		t.Fatalf("%+v", first)
	}
	s.call(t, reader, "GET", list+"?limit=2&cursor="+first.Next, http.StatusOK, &second)
	for i, up := range append(first.Uploads, second.Uploads...) {
		if up.ID != grants[i].ID || up.State != "ready" {
			t.Errorf("%d is %+v, want %s", i, up, grants[i].ID)
		}
	}
	if len(second.Uploads) != 1 || second.Next != "" {
		t.Errorf("second page: %+v", second)
	}
	if resp, err := http.Get(second.Uploads[0].Variants[0].URL); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("a variant of the list: %v %v", resp, err)
	} else {
		resp.Body.Close()
	}

	gone := grants[0]
	s.call(t, reader, "DELETE", gone.StatusURL, http.StatusForbidden, nil)
	h := s.call(t, reader, "GET", gone.StatusURL, http.StatusOK, nil)
	s.call(t, bearer, "DELETE", gone.StatusURL, http.StatusNoContent, nil)
	s.call(t, bearer, "DELETE", gone.StatusURL, http.StatusNoContent, nil)
	var up contract.Upload
	if s.call(t, reader, "GET", gone.StatusURL+"?wait=20s", http.StatusOK, &up, "If-None-Match", h.Get("ETag")); up.State != "removed" || len(up.Variants) != 0 {
		t.Errorf("after its removal: %+v", up)
	}
	var rest contract.Page
	if s.call(t, reader, "GET", list, http.StatusOK, &rest); len(rest.Uploads) != 2 {
		t.Errorf("after a removal: %+v", rest)
	}

	// The token is good for a while yet, and of no use.
	if status, answer := gone.put(t, jpeg, nil); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	eventually(t, "what came with an old token is removed", func() bool { return !s.stored(t, gone.key()) })
	manifest := gone.key() + "/manifest.json"
	eventually(t, "its variants are removed", func() bool {
		keys := slices.DeleteFunc(s.keys(t, fake.Variants), func(k string) bool { return !strings.HasPrefix(k, gone.key()) })
		return slices.Equal(keys, []string{manifest})
	})
	tags, err := s.s3().GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: ptr(fake.Variants), Key: &manifest})
	if err != nil || len(tags.TagSet) != 1 || *tags.TagSet[0].Key != "darkroom" || *tags.TagSet[0].Value != "removed" {
		t.Errorf("tags %+v, %v", tags, err)
	}
}

// askMany asks for a batch of tokens.
func (s *system) askMany(t *testing.T, bearer, board string, uploads []contract.UploadRequest) []grant {
	t.Helper()
	body, err := json.Marshal(contract.BatchRequest{Uploads: uploads})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.API+"/boards/"+board+"/uploads", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var ans struct{ Uploads []grant }
	if err := json.NewDecoder(resp.Body).Decode(&ans); err != nil || resp.StatusCode != http.StatusCreated || len(ans.Uploads) != len(uploads) {
		t.Fatalf("%s, %d tokens, %v", resp.Status, len(ans.Uploads), err)
	}
	return ans.Uploads
}

// small is a JPEG that takes no time.
func small(t *testing.T) []byte {
	t.Helper()
	p, err := samples.Photo("small.jpg", 64, 48, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	return p.Bytes
}

// send sends the form of a token as a browser does.
func (g grant) send(t *testing.T, fields map[string]string, file []byte) (status int, answer string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := w.WriteField(name, fields[name]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "IMG_0001.jpg")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(file)
	w.Close()
	req, err := http.NewRequestWithContext(t.Context(), g.Method, g.URL, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestFormIsBoundToOneObject(t *testing.T) {
	s := startSystem(t, func(c *stack.Config) { c.APIEnv = []string{"ALLOW_FORM=true"} })
	bearer := s.token(t, "ann", "cats")
	jpeg := small(t)
	sum := sha256.Sum256(jpeg)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	sized := contract.UploadRequest{Form: true, ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}
	anySize := contract.UploadRequest{Form: true, ContentType: "image/jpeg"}
	hashed := contract.UploadRequest{Form: true, ContentType: "image/jpeg", SHA256: digest}
	set := func(name, value string) func(map[string]string) {
		return func(f map[string]string) { f[name] = value }
	}
	drop := func(name string) func(map[string]string) {
		return func(f map[string]string) { delete(f, name) }
	}
	other := append([]byte{jpeg[0] ^ 1}, jpeg[1:]...)
	for name, tc := range map[string]struct {
		ask    contract.UploadRequest
		file   []byte
		change func(map[string]string)
	}{
		"more bytes":            {sized, append(slices.Clone(jpeg), '!'), nil},
		"fewer bytes":           {sized, jpeg[:len(jpeg)-1], nil},
		"no bytes":              {anySize, nil, nil},
		"other bytes":           {hashed, other, nil},
		"another digest":        {hashed, other, set("x-amz-checksum-sha256", strings.Repeat("A", 43)+"=")},
		"no digest":             {hashed, other, drop("x-amz-checksum-sha256")},
		"another type":          {anySize, jpeg, set("Content-Type", "text/html")},
		"no type":               {anySize, jpeg, drop("Content-Type")},
		"another owner":         {anySize, jpeg, set("x-amz-meta-owner", "eve")},
		"no owner":              {anySize, jpeg, drop("x-amz-meta-owner")},
		"one more field":        {anySize, jpeg, set("x-amz-meta-more", "1")},
		"a redirect":            {anySize, jpeg, set("success_action_redirect", "http://evil.example")},
		"another key":           {anySize, jpeg, set("key", "cats/"+strings.Repeat("0", 32))},
		"no policy":             {anySize, jpeg, drop("policy")},
		"another signature":     {anySize, jpeg, set("X-Amz-Signature", strings.Repeat("0", 64))},
		"another day's signing": {anySize, jpeg, set("X-Amz-Date", "20200101T000000Z")},
	} {
		t.Run(name, func(t *testing.T) {
			g := s.ask(t, bearer, "cats", tc.ask, http.StatusCreated)
			fields := maps.Clone(g.Fields)
			if tc.change != nil {
				tc.change(fields)
			}
			status, answer := g.send(t, fields, tc.file)
			if status < 400 || status >= 500 {
				t.Errorf("S3 answers %d %s", status, answer)
			}
			if s.stored(t, g.key()) || s.stored(t, "cats/"+strings.Repeat("0", 32)) {
				t.Error("it is stored all the same")
			}
		})
	}
	for name, ask := range map[string]contract.UploadRequest{"of its size": sized, "of any size": anySize, "of its bytes": hashed} {
		t.Run(name, func(t *testing.T) {
			g := s.ask(t, bearer, "cats", ask, http.StatusCreated)
			if status, answer := g.send(t, g.Fields, jpeg); status != http.StatusCreated || !strings.Contains(answer, string(g.ID)) {
				t.Fatalf("%d %s", status, answer)
			}
			var up contract.Upload
			if s.call(t, bearer, "GET", g.StatusURL+"?wait=20s", http.StatusOK, &up); up.State != "ready" {
				t.Errorf("%+v", up)
			}
		})
	}
}
