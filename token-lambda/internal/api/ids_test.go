package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

var testKeys = photo.IDKeys{[]byte(strings.Repeat("k", photo.MinIDKey))}

// With a key, the state of an id that nobody has uploaded to says whether it was issued and whether it can still be
// used.
func TestIDKeys(t *testing.T) {
	const life = 2 * time.Minute
	ready := func(ref photo.Ref) *photo.Manifest {
		m := readyManifest()
		m.ID, m.Variants[0].Key = ref.ID, ref.Prefix()+"large.jpg"
		return m
	}
	foreign := photo.IDKeys{[]byte(strings.Repeat("f", photo.MinIDKey))}
	for name, c := range map[string]struct {
		id       func(time.Time) photo.ID // default: of this board
		keys     photo.IDKeys
		original bool
		manifest bool
		age      time.Duration
		want     any // a state, or the type of a problem
	}{
		"fresh":                              {keys: testKeys, want: photo.Awaiting},
		"at the end of its life":             {keys: testKeys, age: life, want: photo.Awaiting},
		"expired":                            {keys: testKeys, age: life + time.Millisecond, want: photo.Expired},
		"expired long ago":                   {keys: testKeys, age: 1000 * time.Hour, want: photo.Expired},
		"arrived, the token expired":         {keys: testKeys, age: life + time.Hour, original: true, want: photo.Processing},
		"ready, the token expired":           {keys: testKeys, age: life + time.Hour, original: true, manifest: true, want: photo.Ready},
		"for another board":                  {id: func(at time.Time) photo.ID { return testKeys.NewID("dogs", at, life) }, keys: testKeys, want: contract.ProblemUploadUnknown},
		"of another key":                     {id: func(at time.Time) photo.ID { return foreign.NewID("cats", at, life) }, keys: testKeys, want: contract.ProblemUploadUnknown},
		"of another key, arrived":            {id: func(at time.Time) photo.ID { return foreign.NewID("cats", at, life) }, keys: testKeys, original: true, want: photo.Processing},
		"of an older key":                    {keys: append(foreign, testKeys...), want: photo.Awaiting},
		"without a mac":                      {id: func(time.Time) photo.ID { return photo.NewID() }, keys: testKeys, want: contract.ProblemUploadUnknown},
		"without a mac, ready":               {id: func(time.Time) photo.ID { return photo.NewID() }, keys: testKeys, original: true, manifest: true, want: photo.Ready},
		"hexadecimal":                        {id: func(time.Time) photo.ID { return testID }, keys: testKeys, want: contract.ProblemUploadUnknown},
		"hexadecimal, arrived":               {id: func(time.Time) photo.ID { return testID }, keys: testKeys, original: true, want: photo.Processing},
		"without a key: hexadecimal":         {id: func(time.Time) photo.ID { return testID }, want: photo.Awaiting},
		"without a key: with a mac, expired": {age: time.Hour, want: photo.Awaiting},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				id := testKeys.NewID("cats", time.Now(), life)
				if c.id != nil {
					id = c.id(time.Now())
				}
				ref := photo.Ref{Board: "cats", ID: id}
				store := fakeStore{original: c.original}
				if c.manifest {
					store.manifest = ready(ref)
				}
				time.Sleep(c.age)
				rig := newRig(t, Config{IDKeys: c.keys}, store)
				resp := rig.do(request("GET", uploads+"/"+string(id), "cats", ""))
				var got struct{ State, Type string }
				if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
					t.Fatal(err)
				}
				switch want := c.want.(type) {
				case photo.State:
					if resp.StatusCode != http.StatusOK || got.State != string(want) {
						t.Errorf("%d %+v, want %s", resp.StatusCode, got, want)
					}
				case string:
					if resp.StatusCode != http.StatusNotFound || got.Type != want {
						t.Errorf("%d %+v, want 404 %s", resp.StatusCode, got, want)
					}
				}
			})
		})
	}
}

// A wait ends at once for an id that was never issued, and when the token expires.
func TestWaitEndsWithTheToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, Config{IDKeys: testKeys}, fakeStore{})
		start := time.Now()
		resp := rig.do(request("GET", oneUpload+"?wait=20s", "cats", ""))
		if took := time.Since(start); resp.StatusCode != http.StatusNotFound || took != 0 {
			t.Errorf("unknown: %d after %v", resp.StatusCode, took)
		}
		id := testKeys.NewID("cats", start, 5*time.Second)
		var up contract.Upload
		resp = rig.do(request("GET", uploads+"/"+string(id)+"?wait=20s", "cats", ""))
		if err := json.NewDecoder(resp.Body).Decode(&up); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); up.State != photo.Expired || took < 5*time.Second || took > 5*time.Second+lastPause {
			t.Errorf("%+v after %v", up, took)
		}
	})
}

// Removing a photo leaves a tombstone. Nobody can fill the bucket with tombstones of photos that never existed.
func TestRemoveRefusesUnknownIDs(t *testing.T) {
	fresh := testKeys.NewID("cats", time.Now(), time.Hour)
	for name, c := range map[string]struct {
		id     photo.ID
		store  fakeStore
		status int
	}{
		"unknown":           {testID, fakeStore{}, http.StatusNotFound},
		"unknown, arrived":  {testID, fakeStore{original: true}, http.StatusNoContent},
		"issued, no upload": {fresh, fakeStore{}, http.StatusNoContent},
	} {
		asked := ""
		c.store.asked = &asked
		rig := newRig(t, Config{IDKeys: testKeys}, c.store)
		resp := rig.do(request("DELETE", uploads+"/"+string(c.id), "cats", ""))
		if removed := strings.Contains(strings.ToLower(asked), "remove"); resp.StatusCode != c.status || removed != (c.status == http.StatusNoContent) {
			t.Errorf("%s: %d, asked the store %q", name, resp.StatusCode, asked)
		}
	}
}

// Every id that is issued can be verified, and expires with its token.
func TestIssuedIDsVerify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, Config{IDKeys: testKeys, TokenTTL: 90 * time.Second}, fakeStore{})
		var token contract.NewUpload
		resp := rig.do(request("POST", uploads, "cats", goodBody))
		if err := json.NewDecoder(resp.Body).Decode(&token); err != nil || resp.StatusCode != http.StatusCreated {
			t.Fatal(resp.StatusCode, err)
		}
		if expires, err := testKeys.Verify(photo.Ref{Board: "cats", ID: token.ID}); err != nil || !expires.Equal(time.Now().Add(90*time.Second)) {
			t.Errorf("%s expires %v, %v", token.ID, expires, err)
		}
	})
}

// A wait for many photos ends for those whose ids were never issued, and finds those that are in S3 all the same.
func TestOutcomesOfUnknownIDs(t *testing.T) {
	for name, c := range map[string]struct {
		store fakeStore
		want  string
	}{
		"unknown":          {fakeStore{}, string(photo.Expired)},
		"unknown, arrived": {fakeStore{original: true}, ""},
		"outage":           {fakeStore{err: errOutage}, "problem"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				rig := newRig(t, Config{IDKeys: testKeys}, c.store)
				resp := rig.do(request("GET", boardOutcomes+"?ids="+testID+"&wait=5", "cats", ""))
				var page contract.Page
				if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
					t.Fatal(err)
				}
				got := ""
				if resp.StatusCode != http.StatusOK {
					got = "problem"
				} else if len(page.Uploads) > 0 {
					got = string(page.Uploads[0].State)
				}
				if took := time.Since(start); got != c.want || (took == 0) != (c.want == string(photo.Expired)) {
					t.Errorf("%q after %v, want %q", got, took, c.want)
				}
			})
		})
	}
}
