package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/stack"
	"darkroom/token-lambda/contract"
)

// send posts the form of a token as a browser does.
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
	req, err := http.NewRequestWithContext(t.Context(), g.Upload.Method, g.Upload.URL, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return exchange(t, req)
}

func TestFormIsBoundToOneObject(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.APIEnv = []string{"ALLOW_FORM=true"} })
	bearer := s.token(t, "ann", "cats")
	jpeg := small(t)
	sum := sha256.Sum256(jpeg)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	sized := contract.UploadRequest{Form: true, ContentType: "image/jpeg", ContentLength: int64(len(jpeg))}
	anySize := contract.UploadRequest{Form: true, ContentType: "image/jpeg"}
	hashed := contract.UploadRequest{Form: true, ContentType: "image/jpeg", SHA256: digest, Name: "é 1.jpg", Metadata: map[string]string{"album": "a b"}}
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
			g := s.requestUpload(t, bearer, "cats", tc.ask, http.StatusCreated)
			fields := maps.Clone(g.Upload.Fields)
			if tc.change != nil {
				tc.change(fields)
			}
			status, answer := g.send(t, fields, tc.file)
			if status < 400 || status >= 500 {
				t.Errorf("S3 answers %d %s", status, answer)
			}
			if s.isStored(t, g.key()) || s.isStored(t, "cats/"+strings.Repeat("0", 32)) {
				t.Error("the upload is stored")
			}
		})
	}
	for name, ask := range map[string]contract.UploadRequest{"of its size": sized, "of any size": anySize, "of its bytes": hashed} {
		t.Run(name, func(t *testing.T) {
			g := s.requestUpload(t, bearer, "cats", ask, http.StatusCreated)
			if status, answer := g.send(t, g.Upload.Fields, jpeg); status != http.StatusCreated || !strings.Contains(answer, string(g.ID)) {
				t.Fatalf("%d %s", status, answer)
			}
			var up contract.Upload
			if s.call(t, bearer, "GET", g.OutcomeURL, http.StatusOK, &up); up.State != "ready" {
				t.Errorf("%+v", up)
			}
		})
	}
}
