package api

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func TestCreateUpload(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	body := `{"contentType":"Image/JPEG; q=1","contentLength":67108864,"sha256":"` + testDigest + `"}`
	resp := rig.do(request("POST", "https://photos.example"+uploads, "dogs,cats", body, "Content-Type", "application/json; charset=utf-8"))
	raw, _ := io.ReadAll(resp.Body)
	var got contract.NewUpload
	if err := json.Unmarshal(raw, &got); err != nil || resp.StatusCode != 201 {
		t.Fatalf("%d %s %v", resp.StatusCode, raw, err)
	}
	id, err := photo.ParseID(string(got.ID))
	if err != nil {
		t.Fatal(err)
	}
	ref := photo.Ref{Board: "cats", ID: id}
	want := contract.NewUpload{ID: id, State: photo.Awaiting, ExpiresAt: fakeExpires.UTC(),
		StatusURL:  "https://photos.example/v1/boards/cats/uploads/" + string(id),
		OutcomeURL: "https://photos.example/v1/boards/cats/uploads/" + string(id) + "/outcome",
		Limits:     contract.Limits{ContentTypes: allTypes(), MaxBytes: testMaxBytes, MaxPixels: photo.DefaultMaxPixels},
		Upload: contract.Token{Method: "PUT", URL: "https://s3/" + ref.Key() + "?a=1&X-Amz-Signature=secret",
			Headers: map[string]string{"content-type": "image/jpeg"}, Fields: map[string]string{}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&Upload{Ref: ref, Owner: "ann", ContentType: "image/jpeg", ContentLength: 67108864, SHA256: testDigest, Lifetime: 256 * time.Second,
		Limits: photo.Limits{MaxBytes: testMaxBytes, MaxPixels: photo.DefaultMaxPixels, Formats: photo.Readable}}, rig.signer.got); diff != "" {
		t.Error(diff)
	}
	if !bytes.Contains(raw, []byte("?a=1&X-Amz")) {
		t.Errorf("ampersands are escaped: %s", raw)
	}
	if resp.Header.Get("Location") != want.StatusURL || resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("header %v", resp.Header)
	}
	rec := rig.record(t)
	for k, v := range map[string]any{"board": "cats", "id": string(id), "status": 201.0, "method": "POST", "route": "/v1/boards/{board}/uploads", "level": "INFO"} {
		if rec[k] != v {
			t.Errorf("log has %s=%v, want %v", k, rec[k], v)
		}
	}
	if s := rig.log.String(); strings.Contains(s, "secret") || strings.Contains(s, "https:") || strings.Contains(s, "dogs") {
		t.Errorf("the log holds a URL or the token: %s", s)
	}
}

func TestForm(t *testing.T) {
	for name, c := range map[string]struct {
		body        string
		status      int
		least, most int64
	}{
		"of known size":   {`{"contentType":"image/jpeg","contentLength":5,"form":true}`, 201, 5, 5},
		"of unknown size": {`{"contentType":"image/jpeg","form":true}`, 201, 1, 1000},
		"too large":       {`{"contentType":"image/jpeg","contentLength":1001,"form":true}`, 413, 0, 0},
		"negative":        {`{"contentType":"image/jpeg","contentLength":-1,"form":true}`, 400, 0, 0},
		"of another type": {`{"contentType":"text/html","form":true}`, 400, 0, 0},
	} {
		rig := newRig(t, Config{AllowForm: true, MaxBytes: 1000}, fakeStore{})
		resp := rig.do(request("POST", uploads, "cats", c.body))
		var got contract.NewUpload
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != c.status {
			t.Errorf("%s: %d, %v", name, resp.StatusCode, err)
		}
		if c.status != 201 {
			continue
		}
		if up := rig.signer.got; up.ContentLength != c.most || rig.signer.least != c.least || up.Owner != "ann" {
			t.Errorf("%s: %d to %d bytes, %+v", name, rig.signer.least, up.ContentLength, up)
		}
		if got.Upload.Method != "POST" || got.Upload.Fields["key"] != "cats/"+string(got.ID) || got.Upload.Headers == nil || strings.Contains(rig.log.String(), "secret") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// pathOf returns the path that takes this body: that of a batch or that of one upload.
func pathOf(body string) string {
	if strings.HasPrefix(body, `{"uploads":`) {
		return batch
	}
	return uploads
}

func batchOf(n int) string {
	return `{"uploads":[` + strings.Repeat(goodBody+",", n-1) + goodBody + "]}"
}

func TestCreateBatch(t *testing.T) {
	rig := newRig(t, Config{}, fakeStore{})
	resp := rig.do(request("POST", batch, "cats", batchOf(contract.MaxBatch)))
	var got contract.NewUploads
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != 201 || len(got.Uploads) != contract.MaxBatch {
		t.Fatalf("%d, %d tokens, %v", resp.StatusCode, len(got.Uploads), err)
	}
	ids := map[photo.ID]bool{}
	for i, up := range got.Uploads {
		ids[up.ID] = true
		if i > 0 && up.ID >= got.Uploads[i-1].ID {
			t.Errorf("upload %d does not sort as newer than the one before it: %s, %s", i, up.ID, got.Uploads[i-1].ID)
		}
		if !strings.Contains(up.Upload.URL, string(up.ID)) || up.State != photo.Awaiting || !strings.HasSuffix(up.StatusURL, oneUpload[:len(uploads)+1]+string(up.ID)) || up.Upload.Headers == nil {
			t.Errorf("%+v", up)
		}
	}
	if rec := rig.record(t); len(ids) != contract.MaxBatch || rec["uploads"] != float64(contract.MaxBatch) || rec["id"] != nil || resp.Header.Get("Location") != "" {
		t.Errorf("%d ids; log has %v", len(ids), rec)
	}
}

// A token lives as long as its upload needs: two minutes, or the time that a slow client takes to send it.
func TestTokenLifetime(t *testing.T) {
	for body, want := range map[string]time.Duration{
		goodBody: 2 * time.Minute,
		`{"contentType":"image/jpeg","contentLength":52428800}`:                                                                    200 * time.Second,
		`{"uploads":[{"contentType":"image/jpeg","contentLength":26214400},{"contentType":"image/png","contentLength":26214400}]}`: 200 * time.Second,
		`{"contentType":"image/jpeg","form":true}`:                                                                                 256 * time.Second,
	} {
		rig := newRig(t, Config{AllowForm: true}, fakeStore{})
		if resp := rig.do(request("POST", pathOf(body), "cats", body)); resp.StatusCode != 201 || rig.signer.got.Lifetime != want {
			t.Errorf("%s: %d, lifetime %v, want %v", body, resp.StatusCode, rig.signer.got.Lifetime, want)
		}
	}
}

func TestBatchListsFaults(t *testing.T) {
	rig := newRig(t, Config{MaxBytes: 5}, fakeStore{})
	resp := rig.do(request("POST", batch, "cats", `{"uploads":[`+goodBody+`,{"contentType":"text/html","contentLength":1},`+goodBody+`,
		{"contentType":"image/png","contentLength":6}]}`))
	var p contract.Problem
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || resp.StatusCode != 400 || p.Slug() != contract.ProblemBatchInvalid {
		t.Fatalf("%d %+v %v", resp.StatusCode, p, err)
	}
	const base = "http://example.com/problems/"
	want := []contract.Fault{{Index: 1, Type: base + "type-not-allowed", Title: "Media type not allowed", Allowed: allTypes()},
		{Index: 3, Type: base + "upload-too-large", Title: "Upload too large", Limit: 5}}
	if diff := cmp.Diff(want, p.Uploads, cmpopts.IgnoreFields(contract.Fault{}, "Detail")); diff != "" || p.Uploads[0].Detail == "" {
		t.Error(diff)
	}
	if rig.signer.got != nil {
		t.Errorf("signed %v", rig.signer.got)
	}
}

func TestRequireSHA256(t *testing.T) {
	rig := newRig(t, Config{RequireSHA256: true}, fakeStore{})
	resp := rig.do(request("POST", uploads, "*", goodBody))
	var p contract.Problem
	json.NewDecoder(resp.Body).Decode(&p)
	if resp.StatusCode != 400 || p.Slug() != contract.ProblemDigestRequired {
		t.Errorf("without: %d %+v", resp.StatusCode, p)
	}
	if resp := rig.do(request("POST", uploads, "*", digestBody(testDigest))); resp.StatusCode != 201 {
		t.Errorf("with: %d", resp.StatusCode)
	}
}

func TestAllowedTypes(t *testing.T) {
	for name, c := range map[string]struct {
		allowed     []string
		contentType string
		want        int
	}{
		"any":                    {nil, "image/avif", 201},
		"another name for HEIC":  {nil, "image/heif", 201},
		"the name alone":         {[]string{"image/heif"}, "image/heif", 201},
		"which is not all HEIC":  {[]string{"image/heif"}, "image/heic", 400},
		"HEIC is not taken":      {[]string{"image/jpeg"}, "image/heif", 400},
		"not a type of a photo":  {nil, "text/html", 400},
		"a type beside the list": {[]string{"image/jpeg"}, "image/png", 400},
	} {
		resp := newRig(t, Config{AllowedTypes: c.allowed}, fakeStore{}).do(request("POST", uploads, "*", `{"contentType":"`+c.contentType+`","contentLength":5}`))
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, c.want)
		}
	}
}

var uploadedAt, updatedAt = contract.NewTime(testSource.Modified), contract.NewTime(fakeExpires)

func TestStatus(t *testing.T) {
	rejected := &photo.Manifest{Version: 1, Board: "cats", ID: testID, State: photo.Rejected, Reason: photo.ReasonCorrupt,
		Detail: "wasm error: bad", Source: testSource, Created: fakeExpires} // an older release wrote such details
	damaged := readyManifest()
	damaged.MarkDamaged(photo.Recipe{Damaged: true})
	for name, c := range map[string]struct {
		store fakeStore
		want  contract.Upload
	}{
		"awaiting":   {fakeStore{}, contract.Upload{ID: testID, State: photo.Awaiting}},
		"processing": {fakeStore{original: true}, contract.Upload{ID: testID, State: photo.Processing, Uploaded: uploadedAt}},
		"rejected":   {fakeStore{manifest: rejected, original: true}, contract.Upload{ID: testID, State: photo.Rejected, Reason: photo.ReasonCorrupt, Detail: photo.RefusalFor(photo.ReasonCorrupt).Detail(), Uploaded: uploadedAt, Updated: updatedAt}},
		"removed": {fakeStore{manifest: photo.Tombstone(photo.Ref{Board: "cats", ID: testID}, fakeExpires), original: true},
			contract.Upload{ID: testID, State: photo.Removed, Updated: updatedAt}},
		"ready": {fakeStore{manifest: readyManifest()}, contract.Upload{ID: testID, State: photo.Ready, Width: 4000, Height: 3000, Uploaded: uploadedAt, Updated: updatedAt,
			Variants: []contract.Variant{{Name: "large", URL: "https://s3/" + testRef.Prefix() + "large.jpg?X-Amz-Signature=secret",
				ContentType: "image/jpeg", Width: 1600, Height: 1200, Bytes: 9, SHA256: "00"}}}},
		"damaged": {fakeStore{manifest: damaged}, contract.Upload{ID: testID, State: photo.Ready, Width: 4000, Height: 3000, Damaged: true, Uploaded: uploadedAt, Updated: updatedAt,
			Variants: []contract.Variant{{Name: "large", URL: "https://s3/" + testRef.Prefix() + "large.jpg?X-Amz-Signature=secret",
				ContentType: "image/jpeg", Width: 1600, Height: 1200, Bytes: 9, SHA256: "00"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, Config{}, c.store)
			resp := rig.do(request("GET", oneUpload, "cats", ""))
			var got contract.Upload
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != 200 {
				t.Fatal(resp.StatusCode, err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if rec := rig.record(t); rec["id"] != testID || rec["board"] != "cats" || strings.Contains(rig.log.String(), "secret") {
				t.Errorf("log has %v", rec)
			}
		})
	}
}
