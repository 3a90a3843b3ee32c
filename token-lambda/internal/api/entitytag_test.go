package api

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// tagOf returns the entity tag of the answer to a GET.
func tagOf(t *testing.T, target string, store Store) string {
	t.Helper()
	resp := newRig(t, Config{}, store).do(request("GET", target, "cats", ""))
	tag := resp.Header.Get("ETag")
	if resp.StatusCode != 200 || !strings.HasPrefix(tag, `W/"`) || resp.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("%d, header %v", resp.StatusCode, resp.Header)
	}
	return tag
}

func TestEntityTag(t *testing.T) {
	other := readyManifest()
	other.Variants[0].SHA256 = "01"
	tags := map[string]string{}
	for name, store := range map[string]Store{"awaiting": fakeStore{}, "processing": fakeStore{original: true},
		"ready": fakeStore{manifest: readyManifest()}, "of other bytes": fakeStore{manifest: other}} {
		tag := tagOf(t, oneUpload, store)
		if tags[tag] != "" {
			t.Errorf("%s has the tag of %s", name, tags[tag])
		}
		tags[tag] = name
	}
	// Other instances sign other URLs. Only a later expiry changes the tag.
	rig := newRig(t, Config{}, fakeStore{manifest: readyManifest()})
	tag := func(sig string, expires time.Time) string {
		rig.signer.variant = Presigned{URL: "https://s3/?X-Amz-Signature=" + sig, Expires: expires}
		return rig.do(request("GET", oneUpload, "cats", "")).Header.Get("ETag")
	}
	first := tag("a", fakeExpires)
	if second := tag("b", fakeExpires); second != first {
		t.Errorf("the tag of another URL is %s, and was %s", second, first)
	}
	if third := tag("b", fakeExpires.Add(time.Second)); third == first {
		t.Errorf("with a URL that expires later it still is %s", third)
	}
	// A caller without access to the board does not learn whether a tag matches.
	if resp := rig.do(request("GET", oneUpload, "dogs", "", "If-None-Match", first)); resp.StatusCode != http.StatusForbidden {
		t.Errorf("a caller without access, with the tag: %d", resp.StatusCode)
	}
}
