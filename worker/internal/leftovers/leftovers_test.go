package leftovers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

var testRef = photo.Ref{Board: "cats", ID: "0123456789abcdef0123456789abcdef"}

// newBuckets returns two buckets with versioning that hold the tombstone of an erased photo, with one variant in its
// record.
func newBuckets(t *testing.T) (uploads, variants *storetest.Memory, variant string) {
	t.Helper()
	uploads, variants = storetest.NewMemory(), storetest.NewMemory()
	uploads.Versioned, variants.Versioned = true, true
	variant = testRef.VariantKey("large", "0123456789abcdef", photo.JPEG)
	m := photo.Tombstone(testRef, time.Now())
	m.Erasure = &photo.Erasure{ListedAt: time.Now(), ErasedAt: time.Now()}
	m.Erasure.Add(photo.ErasedObject{Bucket: photo.VariantsBucket, Key: variant, VersionID: "v0", Bytes: 3})
	text, err := m.MarshalIndented()
	if err != nil {
		t.Fatal(err)
	}
	variants.Upload(testRef.ManifestKey(), text, nil)
	uploads.Upload(testRef.Key()+"0", []byte("another photo whose key begins alike"), nil)
	return uploads, variants, variant
}

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, uploads, variants *storetest.Memory, variant string)
		want   []string // lines of "where what"
		buried bool     // there is a tombstone
	}{
		"erased": {func(*testing.T, *storetest.Memory, *storetest.Memory, string) {}, nil, true},
		"an original": {func(_ *testing.T, u, _ *storetest.Memory, _ string) { u.Upload(testRef.Key(), []byte("abc"), nil) },
			[]string{"uploads version v2 of 3 bytes"}, true},
		"an old version under a marker": {func(t *testing.T, u, _ *storetest.Memory, _ string) {
			u.Upload(testRef.Key(), []byte("abc"), nil)
			if err := u.Delete(t.Context(), []string{testRef.Key()}); err != nil {
				t.Fatal(err)
			}
		}, []string{"uploads version v2 of 3 bytes", "uploads delete marker v3"}, true},
		"a variant": {func(_ *testing.T, _, v *storetest.Memory, key string) { v.Upload(key, []byte("abcd"), nil) },
			[]string{"variants version v2 of 4 bytes"}, true},
		"an older manifest": {func(_ *testing.T, _, v *storetest.Memory, _ string) {
			v.Upload(testRef.ManifestKey(), v.Stored(testRef.ManifestKey()), nil)
		}, []string{"variants version v1 of"}, true},
		"a photo that was never removed": {func(_ *testing.T, _, v *storetest.Memory, _ string) {
			v.Versioned = false
			v.Upload(testRef.ManifestKey(), []byte(`{"version":1}`), nil)
		}, []string{"variants version null of 13 bytes"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			uploads, variants, variant := newBuckets(t)
			c.change(t, uploads, variants, variant)
			r, err := Find(t.Context(), Buckets{uploads, variants}, nil, "", testRef)
			if err != nil || r.Clean() != (len(c.want) == 0) || len(r.Left) != len(c.want) || (r.Tombstone != nil) != c.buried {
				t.Fatalf("%+v, %v, want %q", r, err, c.want)
			}
			for i, l := range r.Left {
				if got := l.Where + " " + l.What; !strings.HasPrefix(got, c.want[i]) {
					t.Errorf("got %q, want %q", got, c.want[i])
				}
			}
		})
	}
}

// TestRecorded: of a photo that never existed, nothing is left and nothing tells.
func TestRecorded(t *testing.T) {
	uploads, variants, _ := newBuckets(t)
	unknown := photo.Ref{Board: testRef.Board, ID: "fedcba9876543210fedcba9876543210"}
	for ref, want := range map[photo.Ref]bool{testRef: true, unknown: false} {
		r, err := Find(t.Context(), Buckets{uploads, variants}, nil, "", ref)
		if err != nil || !r.Clean() || r.Recorded() != want {
			t.Errorf("%s: %+v, %v, want recorded %v", ref, r, err, want)
		}
	}
	variants.Upload(unknown.ManifestKey(), []byte(`{"version":1}`), nil)
	if r, err := Find(t.Context(), Buckets{uploads, variants}, nil, "", unknown); err != nil || r.Clean() || !r.Recorded() {
		t.Errorf("with a manifest: %+v, %v", r, err)
	}
}

func TestFindAsksTheCDN(t *testing.T) {
	uploads, variants, variant := newBuckets(t)
	status, asked := http.StatusOK, []string{}
	cdn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path)
		w.Header().Set("Age", "17")
		w.WriteHeader(status)
		fmt.Fprint(w, "abc")
	}))
	defer cdn.Close()
	for answer, c := range map[int]struct{ left, fails bool }{200: {left: true}, 403: {}, 404: {}, 410: {}, 500: {fails: true}, 301: {fails: true}} {
		status, asked = answer, nil
		r, err := Find(t.Context(), Buckets{uploads, variants}, cdn.Client(), cdn.URL+"/", testRef)
		if (err != nil) != c.fails || !c.fails && r.Clean() == c.left || len(asked) != 1 || asked[0] != "GET /"+variant {
			t.Errorf("%d: %+v, %v, asked %q", answer, r, err, asked)
		}
		if c.left && (r.Left[0].Where != "cdn" || r.Left[0].What != "3 bytes, age 17 s, cache unknown") {
			t.Errorf("%+v", r.Left)
		}
	}
	cdn.Close()
	if _, err := Find(t.Context(), Buckets{uploads, variants}, http.DefaultClient, cdn.URL, testRef); err == nil {
		t.Error("a CDN that does not answer proves nothing, and there is no error")
	}
}
