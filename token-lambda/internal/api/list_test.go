package api

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

const secondID = "1123456789abcdef0123456789abcdef"

func TestList(t *testing.T) {
	ready := contract.Upload{ID: testID, State: photo.Ready, Width: 4000, Height: 3000, Created: fakeExpires.UTC(),
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
		"ready":      {"", fakeStore{manifest: readyManifest(), page: Page{IDs: []photo.ID{testID}}}, `list cats "" 20`, contract.Page{Uploads: []contract.Upload{ready}}},
		"damaged":    {"", fakeStore{manifest: damagedManifest, page: Page{IDs: []photo.ID{testID}}}, `list cats "" 20`, contract.Page{Uploads: []contract.Upload{damaged}}},
		"processing": {"?limit=1", fakeStore{page: Page{IDs: []photo.ID{testID}, Next: testID}}, `list cats "" 1`, contract.Page{Uploads: []contract.Upload{{ID: testID, State: photo.Processing}}, Next: testID}},
		"in the order of the store": {"?limit=100&cursor=" + testID, fakeStore{page: Page{IDs: []photo.ID{secondID, testID}, Next: "stray&"}}, `list cats "` + testID + `" 100`,
			contract.Page{Uploads: []contract.Upload{{ID: secondID, State: photo.Processing}, {ID: testID, State: photo.Processing}}, Next: "stray&"}},
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

// A page that is too large for AWS Lambda is cut, and the next page continues there.
func TestListIsCut(t *testing.T) {
	m := readyManifest()
	m.Variants[0].Name = strings.Repeat("n", maxPageBytes/3)
	rig := newRig(t, Config{}, fakeStore{manifest: m, page: Page{IDs: []photo.ID{testID, testID, testID, testID}}})
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
