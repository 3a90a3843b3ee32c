package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// fullManifest returns a manifest with everything that a client can see.
func fullManifest() *photo.Manifest {
	m := readyManifest()
	m.Photo.Animated, m.Photo.Damaged = true, true
	m.Photo.ThumbHash, m.Photo.Colour, m.Photo.PerceptualHash = "1QcSHQRnh493V4dIh4eXh1h4kJUI", "#a0b1c2", "9a395e0a1deaf2a1"
	m.Photo.Credit = photo.Credit{Copyright: "© 2026 Ann", Creator: "Ann; Zoë", Credit: "Agency", Description: "A bird"}
	m.Photo.ContentCredentials, m.Photo.ClaimGenerator = true, "Camera 1.0"
	m.Source.Labels = photo.Labels{Name: "a.jpg", Metadata: map[string]string{"album": "summer"}}
	m.Variants[0].SHA256, m.Variants[0].HDR = strings.Repeat("0a", 32), true
	m.Variants[0].Animated, m.Variants[0].Duration, m.Variants[0].Loops = true, 1200, 3
	return m
}

// TestDocument produces every answer that the document names and checks it against the document.
func TestDocument(t *testing.T) {
	rejected := &photo.Manifest{Version: 1, Board: "cats", ID: testID, State: photo.Rejected, Reason: photo.ReasonTooLarge, Detail: "70 MB", Created: fakeExpires}
	full := fakeStore{manifest: fullManifest()}
	down, broken := errors.New("down"), fakeStore{err: errors.New("forbidden")}
	const many, one, some, end, all = contract.UploadsPattern, contract.UploadPattern, contract.BatchPattern, contract.OutcomePattern, contract.OutcomesPattern
	const gone, keys = contract.ErasurePattern, contract.ErasureKeysPath
	type row struct {
		path   string
		req    *http.Request
		status int
		cfg    Config
		store  fakeStore
		signer error
	}
	scoped := Config{WriteScope: "w", ReadScope: "r"}
	rows := []row{
		{path: many, req: request("POST", uploads, "cats", goodBody), status: 201},
		{path: many, req: request("POST", uploads, "cats", digestBody(testDigest)), status: 201},
		{path: some, req: request("POST", batch, "cats", batchOf(3)), status: 201},
		{path: many, req: request("POST", uploads, "cats", `{"contentType":"image/png","form":true}`), status: 201, cfg: Config{AllowForm: true}},
		{path: many, req: request("POST", uploads, "cats", `{"contentType":"text/html","contentLength":1}`), status: 400},
		{path: some, req: request("POST", batch, "cats", `{"uploads":[{"contentType":"text/html"},`+goodBody+`]}`), status: 400},
		{path: some, req: request("POST", batch, "cats", `{"uploads":[{"contentType":"image/png","contentLength":9}]}`), status: 400, cfg: Config{MaxBytes: 5}},
		{path: many, req: request("POST", uploads, "cats", `{"contentType":"image/png","contentLength":9}`), status: 413, cfg: Config{MaxBytes: 5}},
		{path: many, req: request("POST", uploads, "cats", goodBody), status: 201, cfg: Config{Quota: &fakeQuota{verdict: verdict(false)}}},
		{path: many, req: request("POST", uploads, "cats", goodBody), status: 429, cfg: Config{Quota: &fakeQuota{verdict: verdict(false, 0)}}},
		{path: some, req: request("POST", batch, "cats", batchOf(3)), status: 429, cfg: Config{Quota: &fakeQuota{verdict: verdict(false, 0)}}},
		{path: some, req: request("POST", batch, "cats", batchOf(3)), status: 413, cfg: Config{Quota: &fakeQuota{verdict: verdict(true, 0)}}},
		{path: many, req: request("POST", uploads, "cats", goodBody), status: 500, signer: down},
		{path: some, req: request("POST", batch, "cats", strings.Repeat(" ", contract.MaxBody+1)), status: 413},
		{path: some, req: request("POST", batch, "cats", batchOf(2)), status: 500, signer: down},
		{path: many, req: request("GET", uploads, "cats", ""), status: 200},
		{path: many, req: request("GET", uploads, "cats", ""), status: 200,
			store: fakeStore{manifest: fullManifest(), page: Page{Originals: originals(testID), Next: testID}}},
		{path: all, req: request("GET", boardOutcomes+"?ids="+testID, "cats", ""), status: 200, store: full},
		{path: all, req: request("GET", boardOutcomes+"?ids="+testID, "cats", "", "Accept", "text/event-stream"), status: 200, store: full, cfg: Config{MaxStreams: 1}},
		{path: all, req: request("GET", boardOutcomes+"?ids="+testID, "cats", "", "If-None-Match", tagOf(t, boardOutcomes+"?ids="+testID, full)), status: 304, store: full},
		{path: all, req: request("GET", boardOutcomes, "cats", ""), status: 400},
		{path: all, req: request("GET", boardOutcomes+"?wait=0&ids="+testID, "cats", ""), status: 500, store: broken},
		{path: end, req: request("GET", oneUpload+"/outcome", "cats", ""), status: 200, store: full},
		{path: end, req: request("GET", oneUpload+"/outcome", "cats", "", "If-None-Match", tagOf(t, oneUpload, full)), status: 304, store: full, cfg: Config{MaxWait: new(time.Duration(0))}},
		{path: end, req: request("GET", oneUpload+"/outcome?wait=x", "cats", ""), status: 400},
		{path: end, req: request("GET", oneUpload+"/outcome", "cats", ""), status: 404, cfg: Config{IDKeys: testKeys}},
		{path: end, req: request("GET", oneUpload+"/outcome?wait=0", "cats", ""), status: 500, store: broken},
		{path: many, req: request("GET", uploads, "cats", "", "If-None-Match", tagOf(t, uploads, fakeStore{})), status: 304},
		{path: many, req: request("GET", uploads, "cats", "", "If-None-Match", "*"), status: 304},
		{path: one, req: request("GET", oneUpload, "cats", "", "If-None-Match", "*"), status: 304, store: full},
		{path: many, req: request("GET", uploads+"?limit=x", "cats", ""), status: 400},
		{path: many, req: request("GET", uploads, "cats", ""), status: 500, store: broken},
		{path: one, req: request("GET", oneUpload, "cats", ""), status: 200},
		{path: one, req: request("GET", oneUpload, "cats", ""), status: 200, store: fakeStore{original: true}},
		{path: one, req: request("GET", oneUpload, "cats", ""), status: 200, store: fakeStore{manifest: rejected}},
		{path: one, req: request("GET", oneUpload+"?wait=20s", "cats", ""), status: 200, store: fakeStore{manifest: photo.Tombstone(photo.Ref{Board: "cats", ID: testID}, fakeExpires)}},
		{path: one, req: request("GET", oneUpload, "cats", ""), status: 200, store: full},
		{path: one, req: request("GET", oneUpload, "cats", "", "If-None-Match", tagOf(t, oneUpload, full)), status: 304, store: full},
		{path: one, req: request("GET", oneUpload+"?wait=x", "cats", ""), status: 400},
		{path: one, req: request("GET", oneUpload, "cats", ""), status: 404, cfg: Config{IDKeys: testKeys}},
		{path: one, req: request("GET", oneUpload, "cats", ""), status: 500, store: broken},
		{path: one, req: request("DELETE", oneUpload, "cats", ""), status: 204},
		{path: one, req: request("DELETE", oneUpload, "cats", ""), status: 404, cfg: Config{IDKeys: testKeys}},
		{path: one, req: request("DELETE", uploads+"/17", "cats", ""), status: 400},
		{path: one, req: request("DELETE", oneUpload, "cats", ""), status: 500, store: broken},
		{path: gone, req: request("GET", oneErasure, "cats", ""), status: 200, cfg: Config{Receipts: &fakeReceipts{}}, store: fakeStore{manifest: erasedManifest()}},
		{path: gone, req: request("GET", oneErasure, "cats", ""), status: 202, cfg: Config{Receipts: &fakeReceipts{}}, store: fakeStore{manifest: photo.Tombstone(photo.Ref{Board: "cats", ID: testID}, fakeExpires)}},
		{path: gone, req: request("GET", uploads+"/17/erasure", "cats", ""), status: 400},
		{path: gone, req: request("GET", oneErasure, "cats", ""), status: 404, cfg: Config{Receipts: &fakeReceipts{}}, store: full},
		{path: gone, req: request("GET", oneErasure, "cats", ""), status: 404},
		{path: gone, req: request("GET", oneErasure, "cats", ""), status: 500, cfg: Config{Receipts: &fakeReceipts{}}, store: broken},
		{path: keys, req: request("GET", keys, "", ""), status: 200, cfg: Config{Receipts: &fakeReceipts{}}},
		{path: keys, req: request("GET", keys, "", ""), status: 404},
		{path: keys, req: request("GET", keys, "", ""), status: 500, cfg: Config{Receipts: &fakeReceipts{err: down}}},
		{path: keys, req: request("GET", keys, "", ""), status: 503, cfg: Config{Receipts: &fakeReceipts{err: errOutage}}},
		{path: "/problems/", req: request("GET", "/problems/", "", ""), status: 200},
		{path: "/problems/", req: request("GET", "/problems/", "", "", "Accept", "application/json"), status: 200},
		{path: "/problems/{slug}", req: request("GET", "/problems/timeout", "", ""), status: 200},
		{path: "/problems/{slug}", req: request("GET", "/problems/timeout", "", "", "Accept", "application/json"), status: 200},
		{path: "/problems/{slug}", req: request("GET", "/problems/teapot", "", ""), status: 404},
		{path: "/healthz", req: request("GET", "/healthz", "", ""), status: 200},
		{path: "/openapi.json", req: request("GET", "/openapi.json", "", ""), status: 200},
	}
	for _, r := range []row{{path: many, req: request("POST", uploads, "", goodBody)}, {path: some, req: request("POST", batch, "", batchOf(2))}, {path: many, req: request("GET", uploads, "", "")},
		{path: one, req: request("GET", oneUpload, "", "")}, {path: one, req: request("DELETE", oneUpload, "", "")},
		{path: gone, req: request("GET", oneErasure, "", ""), cfg: Config{Receipts: &fakeReceipts{}}},
		{path: end, req: request("GET", oneUpload+"/outcome?wait=0", "", "")}, {path: all, req: request("GET", boardOutcomes+"?wait=0&ids="+testID, "", "")}} {
		body, outage := goodBody, r
		if r.path == some {
			body = batchOf(2)
		}
		outage.req, outage.status, outage.store, outage.signer = request(r.req.Method, r.req.URL.RequestURI(), "cats", body), 503, fakeStore{err: errOutage}, errOutage
		rows = append(rows, outage)
		for token, status := range map[string]int{"": 401, "refused": 401, "dogs;w,r": 403, "cats": 403, "down": 503, "slow": 503} {
			again := row{path: r.path, req: request(r.req.Method, r.req.URL.RequestURI(), token, body), status: status, cfg: scoped}
			if token == "slow" {
				again.cfg.Timeout = time.Nanosecond
			}
			rows = append(rows, again)
		}
	}

	d := readDocument(t)
	made := map[string]bool{}
	for _, r := range rows {
		method := strings.ToLower(r.req.Method)
		name := fmt.Sprintf("%s %s %d", method, r.path, r.status)
		t.Run(name, func(t *testing.T) {
			body, err := io.ReadAll(r.req.Body)
			if err != nil {
				t.Fatal(err)
			}
			r.req.Body = io.NopCloser(bytes.NewReader(body))
			rig := newRig(t, r.cfg, r.store)
			rig.signer.err = r.signer
			resp := rig.do(r.req)
			if resp.StatusCode != r.status {
				t.Fatalf("status %d", resp.StatusCode)
			}
			if r.status == 201 {
				d.validate(t, body, "paths", r.path, method, "requestBody", "content", "application/json", "schema")
			}
			d.check(t, r.path, method, resp)
		})
		made[name] = true
	}

	documented := map[string]bool{}
	paths, _ := d.lookup("paths")
	for path := range paths {
		allow := []string{"OPTIONS"}
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			responses, _ := d.lookup("paths", path, method, "responses")
			for status := range responses {
				documented[fmt.Sprintf("%s %s %s", method, path, status)] = true
			}
			if responses != nil {
				allow = append(allow, strings.ToUpper(method))
			}
			if responses != nil && method == "get" {
				allow = append(allow, "HEAD")
			}
		}
		slices.Sort(allow)
		target := strings.NewReplacer("{board}", "cats", "{id}", testID, "{slug}", "timeout").Replace(path)
		if got := newRig(t, Config{}, fakeStore{}).do(request("OPTIONS", target, "", "")).Header.Get("Allow"); got != strings.Join(allow, ", ") {
			t.Errorf("%s allows %s, the document %v", path, got, allow)
		}
	}
	if diff := cmp.Diff(documented, made); diff != "" {
		t.Errorf("answers in the document (-) and in this test (+):\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(paths)), slices.Sorted(maps.Keys(newRig(t, Config{}, fakeStore{}).routes()))); diff != "" {
		t.Errorf("paths: %s", diff)
	}
}

func TestDocumentIsServed(t *testing.T) {
	resp := newRig(t, Config{}, fakeStore{}).do(request("GET", "/openapi.json", "", ""))
	body, _ := io.ReadAll(resp.Body)
	if !bytes.Equal(body, contract.OpenAPI) || resp.Header.Get("Content-Type") != "application/json" || !bytes.Contains(body, []byte(`"openapi": "3.1.0"`)) {
		t.Errorf("%d bytes of %s", len(body), resp.Header.Get("Content-Type"))
	}
}
