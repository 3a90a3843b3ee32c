package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const oneErasure = oneUpload + "/erasure"

// fakeReceipts signs nothing: a receipt is its payload after a word.
type fakeReceipts struct{ err error }

func (f *fakeReceipts) Sign(_ context.Context, payload []byte) (string, error) {
	return "signed." + string(payload), f.err
}

func (f *fakeReceipts) Keys(context.Context) (contract.KeySet, error) {
	return contract.KeySet{Keys: []contract.Key{{KeyType: "EC", Curve: "P-256", X: "x", Y: "y", ID: "1", Algorithm: "ES256", Use: "sig"}}}, f.err
}

// erasedManifest returns the tombstone of a photo of which S3 holds nothing any more.
func erasedManifest() *photo.Manifest {
	ref := photo.Ref{Board: "cats", ID: testID}
	m := photo.Tombstone(ref, fakeExpires)
	m.Erasure = &photo.Erasure{ListedAt: fakeExpires, ErasedAt: fakeExpires.Add(time.Second), Omitted: 3}
	m.Erasure.Add(photo.ErasedObject{Bucket: photo.UploadsBucket, Key: ref.Key(), VersionID: "v1", ETag: `"e"`, SHA256: "ab", Bytes: 7})
	return m
}

func TestReceipt(t *testing.T) {
	m := erasedManifest()
	m.Erasure.Purge = &photo.Purge{RequestedAt: fakeExpires.Add(2 * time.Second), PurgedAt: fakeExpires.Add(time.Minute)}
	r := newRig(t, Config{Receipts: &fakeReceipts{}, PublicURL: "https://api.example/"}, fakeStore{manifest: m})
	resp := r.do(request("GET", oneErasure, "cats", ""))
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/jose" {
		t.Fatalf("%d %s %s, %v", resp.StatusCode, resp.Header.Get("Content-Type"), body, err)
	}
	payload, ok := strings.CutPrefix(string(body), "signed.")
	var got map[string]any
	if err := json.Unmarshal([]byte(payload), &got); err != nil || !ok {
		t.Fatalf("%s: %v", body, err)
	}
	if iat, ok := got["iat"].(float64); !ok || time.Since(time.Unix(int64(iat), 0)).Abs() > time.Hour {
		t.Errorf("iat is %v", got["iat"])
	}
	delete(got, "iat")
	want := map[string]any{"iss": "https://api.example", "sub": "cats/" + testID, "board": "cats", "id": testID,
		"removed": "2026-11-23T12:00:00.000Z", "erased": "2026-11-23T12:00:01.000Z", "purging": "2026-11-23T12:00:02.000Z", "purged": "2026-11-23T12:01:00.000Z",
		"omitted": 3.0, "objects": []any{map[string]any{"bucket": "uploads", "key": "cats/" + testID, "versionId": "v1", "etag": `"e"`, "sha256": "ab", "bytes": 7.0}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestReceiptOnlyWhenNothingIsLeft: a receipt never comes early, and not for a photo that exists.
func TestReceiptOnlyWhenNothingIsLeft(t *testing.T) {
	change := func(f func(m *photo.Manifest)) *photo.Manifest {
		m := erasedManifest()
		f(m)
		return m
	}
	for name, c := range map[string]struct {
		manifest *photo.Manifest
		original bool
		status   int
		want     string
	}{
		"erased":              {manifest: erasedManifest(), status: 200, want: "signed."},
		"just removed":        {manifest: change(func(m *photo.Manifest) { m.Erasure = nil }), status: 202, want: `"objects":0}`},
		"being erased":        {manifest: change(func(m *photo.Manifest) { m.Erasure.ErasedAt = time.Time{} }), status: 202, want: `"objects":4}`},
		"erased again":        {manifest: change(func(m *photo.Manifest) { m.Erasure.ErasedAt = time.Time{}; m.Erasure.Purge = nil }), status: 202, want: `"objects":4}`},
		"caches not purged":   {manifest: change(func(m *photo.Manifest) { m.Erasure.Purge = &photo.Purge{RequestedAt: fakeExpires} }), status: 202, want: `"purging":"2026-11-23T12:00:00.000Z"`},
		"ready":               {manifest: readyManifest(), status: 404, want: "not-removed"},
		"processing":          {original: true, status: 404, want: "not-removed"},
		"nothing has arrived": {status: 404, want: "not-removed"},
	} {
		t.Run(name, func(t *testing.T) {
			resp := newRig(t, Config{Receipts: &fakeReceipts{}}, fakeStore{manifest: c.manifest, original: c.original}).do(request("GET", oneErasure, "cats", ""))
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != c.status || !strings.Contains(string(body), c.want) {
				t.Errorf("%d %s, %v, want %d and %q", resp.StatusCode, body, err, c.status, c.want)
			}
			if (resp.Header.Get("Retry-After") != "") != (c.status == http.StatusAccepted) {
				t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
			}
		})
	}
	for name, c := range map[string]struct {
		cfg    Config
		status int
		want   string
	}{
		"no key":          {Config{}, 404, "no-receipts"},
		"an unknown id":   {Config{Receipts: &fakeReceipts{}, IDKeys: testKeys}, 404, "upload-unknown"},
		"the key is down": {Config{Receipts: &fakeReceipts{err: errOutage}}, 503, "storage-unavailable"},
	} {
		store := fakeStore{}
		if c.status == 503 {
			store.manifest = erasedManifest()
		}
		resp := newRig(t, c.cfg, store).do(request("GET", oneErasure, "cats", ""))
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}
