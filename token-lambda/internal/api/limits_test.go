package api

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func TestLimitsOfABoard(t *testing.T) {
	rig := newRig(t, Config{MaxBytes: 100, MaxPixels: 1000, AllowForm: true, AllowedTypes: []string{"image/jpeg", "image/heic", "image/png"}, Boards: map[photo.Board]Limits{
		"cats": {MaxBytes: 5, ContentTypes: []string{"image/heif", "image/heic"}}, "dogs": {MaxPixels: 10}}}, fakeStore{})
	post := func(board, body string) (*http.Response, []byte) {
		resp := rig.do(request("POST", "/v1/boards/"+board+"/uploads", "*", body))
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, b
	}
	for name, c := range map[string]struct {
		board, body string
		want        contract.Limits
		bound       string
	}{
		"less of two":     {"cats", `{"contentType":"image/heic","contentLength":5}`, contract.Limits{ContentTypes: []string{"image/heif", "image/heic"}, MaxBytes: 5, MaxPixels: 1000}, "bytes=5&format=heic&pixels=1000"},
		"of a form":       {"cats", `{"contentType":"image/heif","form":true}`, contract.Limits{ContentTypes: []string{"image/heif", "image/heic"}, MaxBytes: 5, MaxPixels: 1000}, "bytes=5&format=heic&pixels=1000"},
		"less of one":     {"dogs", `{"contentType":"image/png","contentLength":100}`, contract.Limits{ContentTypes: []string{"image/jpeg", "image/heic", "image/png"}, MaxBytes: 100, MaxPixels: 10}, "bytes=100&format=jpeg&format=heic&format=png&pixels=10"},
		"none of its own": {"cows", `{"contentType":"image/png","contentLength":100}`, contract.Limits{ContentTypes: []string{"image/jpeg", "image/heic", "image/png"}, MaxBytes: 100, MaxPixels: 1000}, "bytes=100&format=jpeg&format=heic&format=png&pixels=1000"},
	} {
		resp, body := post(c.board, c.body)
		var got contract.NewUpload
		if err := json.Unmarshal(body, &got); err != nil || resp.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %d %s %v", name, resp.StatusCode, body, err)
		}
		if diff := cmp.Diff(c.want, got.Limits); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if bound := rig.signer.got.Limits.String(); bound != c.bound {
			t.Errorf("%s: the token is bound to %s, want %s", name, bound, c.bound)
		}
		if most := rig.signer.got.ContentLength; most > c.want.MaxBytes {
			t.Errorf("%s: the token takes %d bytes", name, most)
		}
	}
	for name, c := range map[string]struct {
		board, body string
		status      int
		limit       int64
		allowed     []string
	}{
		"bytes":  {"cats", `{"contentType":"image/heic","contentLength":6}`, 413, 5, nil},
		"type":   {"cats", `{"contentType":"image/png","contentLength":5}`, 400, 0, []string{"image/heif", "image/heic"}},
		"of all": {"dogs", `{"contentType":"image/png","contentLength":101}`, 413, 100, nil},
	} {
		resp, body := post(c.board, c.body)
		var got contract.Problem
		if err := json.Unmarshal(body, &got); err != nil || resp.StatusCode != c.status || got.Limit != c.limit || !cmp.Equal(got.Allowed, c.allowed) {
			t.Errorf("%s: %d %s %v", name, resp.StatusCode, body, err)
		}
	}
}
