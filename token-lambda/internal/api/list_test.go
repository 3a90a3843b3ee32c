package api

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const secondID = "1123456789abcdef0123456789abcdef"

func TestList(t *testing.T) {
	ready := contract.Upload{ID: testID, State: photo.Ready, Width: 4000, Height: 3000, Uploaded: uploadedAt, Updated: updatedAt,
		Variants: []contract.Variant{{Name: "large", URL: "https://s3/" + testRef.Prefix() + "large.jpg?X-Amz-Signature=secret",
			ContentType: "image/jpeg", Width: 1600, Height: 1200, Bytes: 9, SHA256: "00"}}}
	damagedManifest, damaged := readyManifest(), ready
	damagedManifest.MarkDamaged(photo.Recipe{})
	damaged.Damaged = true
	for name, c := range map[string]struct {
		query string
		store fakeStore
		asked string
		want  contract.Page
	}{
		"nothing":    {"", fakeStore{}, `list cats "" 20`, contract.Page{Uploads: []contract.Upload{}}},
		"ready":      {"", fakeStore{manifest: readyManifest(), page: Page{Originals: originals(testID)}}, `list cats "" 20`, contract.Page{Uploads: []contract.Upload{ready}}},
		"damaged":    {"", fakeStore{manifest: damagedManifest, page: Page{Originals: originals(testID)}}, `list cats "" 20`, contract.Page{Uploads: []contract.Upload{damaged}}},
		"processing": {"?limit=1", fakeStore{page: Page{Originals: originals(testID), Next: testID}}, `list cats "" 1`, contract.Page{Uploads: []contract.Upload{{ID: testID, State: photo.Processing, Uploaded: uploadedAt}}, Next: testID}},
		"in the order of the store": {"?limit=100&cursor=" + testID, fakeStore{page: Page{Originals: originals(secondID, testID), Next: "stray&"}}, `list cats "` + testID + `" 100`,
			contract.Page{Uploads: []contract.Upload{{ID: secondID, State: photo.Processing, Uploaded: uploadedAt}, {ID: testID, State: photo.Processing, Uploaded: uploadedAt}}, Next: "stray&"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.store.asked = new(string)
			rig := newRig(t, Config{}, c.store)
			resp := rig.do(request("GET", uploads+c.query, "cats", ""))
			var got contract.Page
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != 200 || resp.Header.Get("Cache-Control") != "private, no-cache" {
				t.Fatal(resp.StatusCode, err, resp.Header)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || *c.store.asked != c.asked {
				t.Errorf("asked %s, want %s; %s", *c.store.asked, c.asked, diff)
			}
			if rec := rig.record(t); rec["board"] != "cats" || strings.Contains(rig.log.String(), "secret") {
				t.Errorf("log has %v", rec)
			}
		})
	}
}

// TestListTag: a page has an entity tag, and a client that already has the page does not get it again.
func TestListTag(t *testing.T) {
	tags := map[string]string{}
	other := readyManifest()
	other.Created = other.Created.Add(time.Hour)
	for name, store := range map[string]fakeStore{
		"empty":              {},
		"processing":         {page: Page{Originals: originals(testID)}},
		"ready":              {page: Page{Originals: originals(testID)}, manifest: readyManifest()},
		"rendered again":     {page: Page{Originals: originals(testID)}, manifest: other},
		"more to come":       {page: Page{Originals: originals(testID), Next: testID}, manifest: readyManifest()},
		"two are processing": {page: Page{Originals: originals(testID, secondID)}},
		"in another order":   {page: Page{Originals: originals(secondID, testID)}},
	} {
		rig := newRig(t, Config{}, store)
		tag := rig.do(request("GET", uploads, "cats", "")).Header.Get("ETag")
		if before := tags[tag]; before != "" || !strings.HasPrefix(tag, `W/"`) {
			t.Errorf("%s has the tag %s, as %q", name, tag, before)
		}
		tags[tag] = name
		resp := rig.do(request("GET", uploads, "cats", "", "If-None-Match", `"x", `+tag))
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != 304 || resp.Header.Get("ETag") != tag || len(body) > 0 {
			t.Errorf("%s again: %d, %d bytes, %v", name, resp.StatusCode, len(body), resp.Header)
		}
		rig.signer.variant = Presigned{URL: "https://s3/", Expires: fakeExpires} // the URLs are others from now on
		if resp := rig.do(request("GET", uploads, "cats", "", "If-None-Match", tag)); (resp.StatusCode == 304) != (store.manifest == nil) {
			t.Errorf("%s with other URLs: %d", name, resp.StatusCode)
		}
	}
	if resp := newRig(t, Config{}, fakeStore{}).do(request("GET", uploads, "dogs", "", "If-None-Match", "*")); resp.StatusCode != 403 {
		t.Errorf("a caller without access: %d", resp.StatusCode)
	}
}

// A page that is too large for AWS Lambda is cut, and the next page continues there.
func TestListIsCut(t *testing.T) {
	m := readyManifest()
	m.Variants[0].Name = strings.Repeat("n", maxPageBytes/3)
	rig := newRig(t, Config{}, fakeStore{manifest: m, page: Page{Originals: originals(testID, testID, testID, testID)}})
	resp := rig.do(request("GET", uploads, "cats", ""))
	body, _ := io.ReadAll(resp.Body)
	var got contract.Page
	if err := json.Unmarshal(body, &got); err != nil || len(got.Uploads) != 2 || got.Next != testID || len(body) > maxPageBytes+100 {
		t.Errorf("%d uploads in %d bytes, next %s, %v", len(got.Uploads), len(body), got.Next, err)
	}
	m.Variants[0].Name = strings.Repeat("n", maxPageBytes)
	resp = rig.do(request("GET", uploads, "cats", ""))
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || len(got.Uploads) != 1 {
		t.Errorf("photos that are too large on their own: %d, %v", len(got.Uploads), err)
	}
}
