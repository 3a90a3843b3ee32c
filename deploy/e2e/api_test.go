package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// request sends a request to the API and returns the answer's status, header and body. A body other than nil is sent as
// JSON. header lists names and values.
func (s *system) request(t *testing.T, bearer, method, url string, body any, header ...string) (int, http.Header, []byte) {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, content)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", contract.ContentType)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return resp.StatusCode, resp.Header, answer
}

// call makes a request whose answer must have the status want. It decodes the answer unless into is nil, and returns
// its header.
func (s *system) call(t *testing.T, bearer, method, url string, want int, into any, header ...string) http.Header {
	t.Helper()
	status, got, answer := s.request(t, bearer, method, url, nil, header...)
	if status != want {
		t.Fatalf("%s %s: status %d %s, want %d", method, url, status, answer, want)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
	}
	return got
}

// requestUpload creates an upload. The status of the answer must be want, and a refusal must have a problem document.
func (s *system) requestUpload(t *testing.T, bearer, board string, body any, want int) grant {
	t.Helper()
	status, header, answer := s.request(t, bearer, http.MethodPost, s.API+contract.UploadsPath(photo.Board(board)), body)
	if status != want {
		t.Fatalf("POST uploads: status %d %s, want %d", status, answer, want)
	}
	var g grant
	if want == http.StatusCreated {
		if err := json.Unmarshal(answer, &g); err != nil {
			t.Fatal(err)
		}
		return g
	}
	var problem contract.Problem
	err := json.Unmarshal(answer, &problem)
	if _, known := contract.FindProblemType(problem.Slug()); err != nil || !known || header.Get("Content-Type") != contract.ProblemContentType {
		t.Errorf("a refusal without a problem document: %s %s", header.Get("Content-Type"), answer)
	}
	return g
}

// requestUploads creates several uploads at once.
func (s *system) requestUploads(t *testing.T, bearer, board string, uploads []contract.UploadRequest) []grant {
	t.Helper()
	status, _, answer := s.request(t, bearer, http.MethodPost, s.API+contract.BatchPath(photo.Board(board)), contract.BatchRequest{Uploads: uploads})
	var created contract.NewUploads
	if err := json.Unmarshal(answer, &created); err != nil || status != http.StatusCreated || len(created.Uploads) != len(uploads) {
		t.Fatalf("status %d, %d uploads, %v; want %d", status, len(created.Uploads), err, len(uploads))
	}
	var grants []grant
	for _, up := range created.Uploads {
		grants = append(grants, grant(up))
	}
	return grants
}
