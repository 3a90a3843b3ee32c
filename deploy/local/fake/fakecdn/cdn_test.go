package fakecdn

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/photo"
)

// objects is an origin in memory, by key. It counts how often it is read.
type objects struct {
	answers map[string]Answer
	fetched int
	err     error
}

func (o *objects) Fetch(_ context.Context, key string) (Answer, error) {
	o.fetched++
	a, ok := o.answers[key]
	switch {
	case o.err != nil:
		return Answer{}, o.err
	case !ok:
		return Answer{}, ErrNoAnswer
	}
	return a, nil
}

func variant(body string) Answer {
	return Answer{Header: http.Header{"Content-Type": {"image/jpeg"}, "Cache-Control": {"max-age=3600, s-maxage=86400, immutable"}, "Etag": {`"e"`},
		http.CanonicalHeaderKey(photo.CacheTagHeader): {"photo:cats/1,board:cats"}}, Body: []byte(body)}
}

func get(t *testing.T, d *CDN, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestCaches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &objects{answers: map[string]Answer{"c/cats/1/large.jpg": variant("meow"), "c/cats/1/" + photo.ManifestName: variant("{}")}}
		d := New(Config{Origin: o})
		for i, want := range []string{"Miss from cloudfront", "Hit from cloudfront"} {
			w := get(t, d, "GET", "/c/cats/1/large.jpg?"+strings.Repeat("a", i))
			if w.Code != 200 || w.Body.String() != "meow" || w.Header().Get("X-Cache") != want || w.Header().Get("Content-Type") != "image/jpeg" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("request %d: %d %q %v", i, w.Code, w.Body, w.Header())
			}
			time.Sleep(23 * time.Hour)
		}
		if w := get(t, d, "GET", "/c/cats/1/large.jpg", "Range", "bytes=1-2"); w.Code != 206 || w.Body.String() != "eo" {
			t.Errorf("a range: %d %q", w.Code, w.Body)
		}
		if w := get(t, d, "GET", "/c/cats/1/large.jpg", "If-None-Match", `"e"`); w.Code != 304 || w.Body.Len() > 0 {
			t.Errorf("a condition: %d %q", w.Code, w.Body)
		}
		if w := get(t, d, "HEAD", "/c/cats/1/large.jpg"); w.Code != 200 || w.Body.Len() > 0 {
			t.Errorf("a HEAD: %d %q", w.Code, w.Body)
		}
		if o.fetched != 2 {
			t.Errorf("the bucket was read %d times, want again after a day", o.fetched)
		}
		if w := get(t, d, "GET", "/c/cats/1/"+photo.ManifestName); w.Code != 403 {
			t.Errorf("a manifest: %d %q", w.Code, w.Body)
		}
		if w := get(t, d, "PUT", "/c/cats/1/large.jpg"); w.Code != 403 {
			t.Errorf("a PUT: %d", w.Code)
		}
	})
}

// TestAbsent checks that a missing object is remembered for ten seconds, and a failure of the bucket not at all.
func TestAbsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &objects{answers: map[string]Answer{}, err: errors.New("down")}
		d := New(Config{Origin: o})
		if w := get(t, d, "GET", "/k"); w.Code != 502 {
			t.Errorf("status %d", w.Code)
		}
		o.err = nil
		for _, want := range []int{403, 403, 200} {
			if w := get(t, d, "GET", "/k"); w.Code != want {
				t.Errorf("status %d, want %d", w.Code, want)
			}
			o.answers["k"] = variant("meow")
			time.Sleep(6 * time.Second)
		}
	})
}

// TestEvicts checks that the cache never exceeds its size in bytes.
func TestEvicts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &objects{answers: map[string]Answer{"a": variant("1234"), "b": variant("1234"), "c": variant("1234"), "large": variant("123456789")}}
		d := New(Config{Origin: o, MaxBytes: 8})
		for _, key := range []string{"a", "b", "c", "c", "b", "large", "large", "a"} {
			if w := get(t, d, "GET", "/"+key); w.Code != 200 {
				t.Errorf("%s: %d", key, w.Code)
			}
			time.Sleep(time.Second)
			if d.bytes > 8 {
				t.Errorf("%d bytes", d.bytes)
			}
		}
		if o.fetched != 6 {
			t.Errorf("the bucket was read %d times, want 6", o.fetched)
		}
	})
}

func TestFreshness(t *testing.T) {
	for control, want := range map[string]time.Duration{
		"": 24 * time.Hour, "max-age=60": time.Minute, "s-maxage=5, max-age=60": 5 * time.Second, "max-age=60, s-maxage=5": 5 * time.Second,
		"no-cache": 0, "no-store": 0, "private, max-age=5": 0, "max-age=0": 0, "max-age=x": 24 * time.Hour, "Max-Age=99999999, immutable": 365 * 24 * time.Hour,
	} {
		if got := freshness(control); got != want {
			t.Errorf("%q: %v, want %v", control, got, want)
		}
	}
}

// TestAPI sends requests that AWS's client never sends.
func TestAPI(t *testing.T) {
	const signed, base = "AWS4-HMAC-SHA256 Credential=a", "/2020-05-31/distribution/E1/"
	post := func(d *CDN, path, authorization, body string) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	batchXML := func(reference string, quantity string, items ...string) string {
		return `<InvalidationBatch xmlns="` + namespace + `"><CallerReference>` + reference + `</CallerReference><Paths><Quantity>` + quantity + `</Quantity><Items><Path>` + strings.Join(items, "</Path><Path>") + `</Path></Items></Paths></InvalidationBatch>`
	}
	for name, tc := range map[string]struct {
		path, authorization, body string
		status                    int
		want                      string
	}{
		"a tag":                {base + "invalidation", signed, batchXML("r", "1", "#photo:cats/1"), 201, "InProgress"},
		"a path":               {base + "invalidation", signed, batchXML("r", "2", "/a*", "/b"), 201, "InProgress"},
		"no signature":         {base + "invalidation", "", batchXML("r", "1", "#a"), 403, "MissingAuthenticationToken"},
		"another distribution": {"/2020-05-31/distribution/E2/invalidation", signed, batchXML("r", "1", "#a"), 404, "NoSuchDistribution"},
		"no XML":               {base + "invalidation", signed, "", 400, "MalformedInput"},
		"no reference":         {base + "invalidation", signed, batchXML("", "1", "#a"), 400, "InvalidArgument"},
		"another quantity":     {base + "invalidation", signed, batchXML("r", "2", "#a"), 400, "InvalidArgument"},
		"neither tag nor path": {base + "invalidation", signed, batchXML("r", "1", "a"), 400, "InvalidArgument"},
		"a comma":              {base + "invalidation", signed, batchXML("r", "1", "#a,b"), 400, "InvalidArgument"},
		"a long tag":           {base + "invalidation", signed, batchXML("r", "1", "#"+strings.Repeat("a", 257)), 400, "InvalidArgument"},
		"16 wildcards":         {base + "invalidation", signed, batchXML("r", "16", strings.Split(strings.Repeat("/a* ", 15)+"/a*", " ")...), 400, "TooManyInvalidationsInProgress"},
	} {
		if status, body := post(New(Config{Distribution: "E1"}), tc.path, tc.authorization, tc.body); status != tc.status || !strings.Contains(body, tc.want) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	d := New(Config{Distribution: "E1", Delay: time.Hour})
	_, first := post(d, base+"invalidation", signed, batchXML("r", "1", "#a"))
	if _, again := post(d, base+"invalidation", signed, batchXML("r", "1", "#a")); again != first {
		t.Errorf("the same reference again: %s, want %s", again, first)
	}
	if status, body := post(d, base+"invalidation", signed, batchXML("r", "1", "#b")); status != 400 || !strings.Contains(body, "InvalidationBatchAlreadyExists") {
		t.Errorf("the same reference with another tag: %d %s", status, body)
	}
}
