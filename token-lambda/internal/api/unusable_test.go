package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// shelf is a store whose photos each have their own manifest, or error.
type shelf struct {
	fakeStore
	errs map[photo.ID]error
}

func (s shelf) Manifest(_ context.Context, ref photo.Ref, _ *photo.Source) (*photo.Manifest, error) {
	if err := s.errs[ref.ID]; err != nil {
		return nil, err
	}
	m := *s.manifest
	m.ID = ref.ID
	m.Variants = []photo.Variant{{Name: "large", Key: ref.Prefix() + "large.jpg"}}
	return &m, nil
}

var errUnusable = fmt.Errorf("manifest of cats/x: %w: it is empty", photo.ErrManifest)

// unusableRecords returns the log records about manifests that cannot be used, by key.
func (r *rig) unusableRecords(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for line := range strings.Lines(r.log.String()) {
		var rec map[string]any
		if err := json.Unmarshal([]byte(line), &rec); err != nil {
			t.Fatal(err)
		}
		if key, ok := rec["key"].(string); ok {
			all[key] = rec
		}
	}
	return all
}

// TestUnusableManifests: a photo whose manifest cannot be used is processing, the log says why, and it is counted. The
// other photos of its page are served.
func TestUnusableManifests(t *testing.T) {
	stray := fakeStore{manifest: strayManifest(), page: Page{Originals: originals(testID), Next: testID}}
	broken := fakeStore{manifestErr: errUnusable, page: stray.page}
	for name, c := range map[string]struct {
		path   string
		store  Store
		states []photo.State
		count  int
		reason string
	}{
		"status":            {oneUpload, broken, []photo.State{photo.Processing}, 1, "it is empty"},
		"status, stray key": {oneUpload, stray, []photo.State{photo.Processing}, 1, "outside of the photo's keys"},
		"a page of one":     {uploads + "?limit=1", broken, []photo.State{photo.Processing}, 1, "it is empty"},
		"a stray key":       {uploads, stray, []photo.State{photo.Processing}, 1, "outside of the photo's keys"},
		"one of a page": {uploads, shelf{fakeStore{manifest: readyManifest(), page: Page{Originals: originals(secondID, testID), Next: testID}},
			map[photo.ID]error{testID: errUnusable}}, []photo.State{photo.Ready, photo.Processing}, 1, "it is empty"},
		"none": {uploads, shelf{fakeStore{manifest: readyManifest(), page: stray.page}, nil}, []photo.State{photo.Ready}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := &counted{}
			rig := newRig(t, Config{Metrics: m}, c.store)
			resp := rig.do(request("GET", c.path, "cats", ""))
			var got struct {
				contract.Upload
				contract.Page
			}
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != 200 {
				t.Fatal(resp.StatusCode, err)
			}
			if c.path == oneUpload {
				got.Uploads = []contract.Upload{got.Upload}
			} else if got.Next != testID {
				t.Errorf("next page is %q", got.Next)
			}
			var states []photo.State
			for _, up := range got.Uploads {
				states = append(states, up.State)
				if up.State == photo.Processing && (up.Variants != nil || up.ID != testID) {
					t.Errorf("%+v", up)
				}
			}
			if fmt.Sprint(states) != fmt.Sprint(c.states) {
				t.Errorf("states %v, want %v", states, c.states)
			}
			recs := rig.unusableRecords(t)
			rec := recs[testRef.ManifestKey()]
			if len(recs) != c.count || c.count == 1 && (rec["level"] != "WARN" || !strings.Contains(fmt.Sprint(rec["error"]), c.reason) || rec["request_id"] != resp.Header.Get("X-Request-Id")) {
				t.Errorf("log has %v", recs)
			}
			if len(m.all) != 1 || m.all[0].UnusableManifests != c.count {
				t.Errorf("measured %+v", m.all)
			}
		})
	}
}

// TestWaitForUnusableManifest: a wait goes on until the manifest has been made again, and logs nothing if it has.
func TestWaitForUnusableManifest(t *testing.T) {
	for recovers, want := range map[time.Duration]photo.State{7 * time.Second: photo.Ready, time.Hour: photo.Processing} {
		synctest.Test(t, func(t *testing.T) {
			reads := 0
			store := timeline{start: time.Now(), reads: &reads, fails: 1, failure: errUnusable, recovers: recovers, manifest: 1}
			time.Sleep(time.Nanosecond)
			rig := newRig(t, Config{}, store)
			start := time.Now()
			resp := rig.do(request("GET", oneUpload+"?wait=20s", "cats", ""))
			var got contract.Upload
			if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != 200 || got.State != want {
				t.Errorf("%d %s, %v; want %s", resp.StatusCode, got.State, err, want)
			}
			if took := time.Since(start); took < min(recovers, 20*time.Second) || took > min(recovers+time.Second, 20*time.Second) {
				t.Errorf("answered after %v", took)
			}
			if recs := rig.unusableRecords(t); len(recs) != map[photo.State]int{photo.Ready: 0, photo.Processing: 1}[want] {
				t.Errorf("log has %v", recs)
			}
		})
	}
}
