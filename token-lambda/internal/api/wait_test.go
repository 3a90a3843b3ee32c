package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// timeline is a store in which the original and the manifest appear some time after the start. Zero is never.
type timeline struct {
	fakeStore
	start              time.Time
	original, manifest time.Duration
	fails, recovers    time.Duration
	failure            error         // default an outage
	slow               time.Duration // time of each read
	reads, heads       *int
}

func (s timeline) since(d time.Duration) bool { return d != 0 && time.Since(s.start) >= d }

func (s timeline) Manifest(ctx context.Context, _ photo.Ref, _ *photo.Source) (*photo.Manifest, error) {
	*s.reads++
	select {
	case <-time.After(s.slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case s.since(s.fails) && !s.since(s.recovers):
		return nil, cmp.Or[error](s.failure, &OutageError{Err: errors.New("S3 is down")})
	case s.since(s.manifest):
		return readyManifest(), nil
	}
	return nil, nil
}

func (s timeline) Original(context.Context, photo.Ref) (*photo.Source, error) {
	*s.heads++
	return sourceIf(s.since(s.original)), nil
}

func TestWait(t *testing.T) {
	awaiting := tagOf(t, oneUpload, fakeStore{})
	for name, c := range map[string]struct {
		query    string
		seen     string // If-None-Match
		deadline time.Duration
		store    timeline
		status   int
		state    photo.State
		least    time.Duration // bounds of the time that it takes
		most     time.Duration
	}{
		"no wait":                   {query: "", status: 200, state: photo.Awaiting},
		"wait of nothing":           {query: "?wait=0s", status: 200, state: photo.Awaiting},
		"ready already":             {query: "?wait=20s", store: timeline{manifest: 1}, status: 200, state: photo.Ready, most: time.Millisecond},
		"ready after a while":       {query: "?wait=20s", store: timeline{original: 1, manifest: 7 * time.Second}, status: 200, state: photo.Ready, least: 7 * time.Second, most: 8 * time.Second},
		"not within the wait":       {query: "?wait=3s", store: timeline{original: 1, manifest: 7 * time.Second}, status: 200, state: photo.Processing, least: 3 * time.Second, most: 3 * time.Second},
		"longer than is allowed":    {query: "?wait=1h", status: 200, state: photo.Awaiting, least: contract.MaxWait, most: contract.MaxWait},
		"with time left to answer":  {query: "?wait=20s", deadline: 5 * time.Second, status: 200, state: photo.Awaiting, least: 4 * time.Second, most: 4 * time.Second},
		"no time left to wait":      {query: "?wait=20s", deadline: 900 * time.Millisecond, status: 200, state: photo.Awaiting},
		"slow reads":                {query: "?wait=3s", store: timeline{slow: 2 * time.Second}, status: 200, state: photo.Awaiting, least: 5 * time.Second, most: 5 * time.Second},
		"reads slower than allowed": {query: "?wait=3s", store: timeline{slow: time.Hour}, status: 503, least: 13 * time.Second, most: 13 * time.Second},
		"S3 goes down":              {query: "?wait=20s", store: timeline{original: 1, fails: 2 * time.Second}, status: 200, state: photo.Processing, least: 20 * time.Second, most: 20 * time.Second},
		"S3 goes down for a while":  {query: "?wait=20s", store: timeline{original: 1, fails: 2 * time.Second, recovers: 9 * time.Second, manifest: 3 * time.Second}, status: 200, state: photo.Ready, least: 9 * time.Second, most: 10 * time.Second},
		"S3 comes back":             {query: "?wait=20s", store: timeline{original: 1, fails: 1, recovers: 5 * time.Second, manifest: 7 * time.Second}, status: 200, state: photo.Ready, least: 7 * time.Second, most: 8 * time.Second},
		"S3 comes back unchanged":   {query: "?wait=20s", seen: awaiting, store: timeline{fails: 1, recovers: 5 * time.Second}, status: 304, least: 20 * time.Second, most: 20 * time.Second},
		"S3 comes back with news":   {query: "?wait=20s", seen: awaiting, store: timeline{original: 1, fails: 1, recovers: 5 * time.Second}, status: 200, state: photo.Processing, least: 5 * time.Second, most: 6 * time.Second},
		"S3 is down":                {query: "?wait=20s", store: timeline{fails: 1}, status: 503, least: 20 * time.Second, most: 20 * time.Second},
		"S3 is down, no wait":       {query: "", store: timeline{fails: 1}, status: 503},
		"S3 is down, and was seen":  {query: "?wait=3s", seen: awaiting, store: timeline{fails: 1}, status: 503, least: 3 * time.Second, most: 3 * time.Second},
		"S3 refuses":                {query: "?wait=3s", store: timeline{fails: 1, failure: errors.New("AccessDenied")}, status: 500, least: 3 * time.Second, most: 3 * time.Second},
		"S3 refuses for a while":    {query: "?wait=20s", store: timeline{manifest: 1, fails: 1, recovers: 5 * time.Second, failure: errors.New("AccessDenied")}, status: 200, state: photo.Ready, least: 5 * time.Second, most: 6 * time.Second},
		"anything new":              {query: "?wait=20s", seen: awaiting, store: timeline{original: 4 * time.Second, manifest: 9 * time.Second}, status: 200, state: photo.Processing, least: 4 * time.Second, most: 5 * time.Second},
		"nothing new":               {query: "?wait=20s", seen: awaiting, status: 304, least: 20 * time.Second, most: 20 * time.Second},
		"new at once":               {query: "?wait=20s", seen: `"other"`, status: 200, state: photo.Awaiting},
		"seen and no wait":          {query: "", seen: `"x", ` + awaiting, status: 304},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reads, heads := 0, 0
				c.store.start, c.store.reads, c.store.heads = time.Now(), &reads, &heads
				time.Sleep(time.Nanosecond) // what appears after 1 ns exists by now
				rig := newRig(t, Config{}, c.store)
				ctx := t.Context()
				if c.deadline != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				req := request("GET", oneUpload+c.query, "cats", "").WithContext(ctx)
				if c.seen != "" {
					req.Header.Set("If-None-Match", c.seen)
				}
				start := time.Now()
				resp := rig.do(req)
				took := time.Since(start)
				var got contract.Upload
				if c.status == 200 {
					if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
						t.Fatal(err)
					}
				}
				if resp.StatusCode != c.status || got.State != c.state || took < c.least || took > c.most {
					t.Errorf("%d %s after %v", resp.StatusCode, got.State, took)
				}
				if rec := rig.record(t); c.store.fails != 0 && c.query != "" && (rec["failed_reads"] == nil || rec["error"] == nil || rec["level"] == "INFO") {
					t.Errorf("log has %v", rec)
				}
				if retry := resp.Header.Get("Retry-After"); (retry != "") != (c.status == 503) {
					t.Errorf("%d with Retry-After %q", resp.StatusCode, retry)
				}
				if reads > 30 || heads > reads {
					t.Errorf("%d reads of the manifest and %d of the original", reads, heads)
				}
				if c.state == photo.Processing && c.store.original == 1 && heads != 1 {
					t.Errorf("%d reads of an original that had arrived", heads)
				}
			})
		})
	}
}

// TestWaitByPreference: the header Prefer asks for the same wait as the parameter, which comes first.
func TestWaitByPreference(t *testing.T) {
	for name, c := range map[string]struct {
		method, query, prefer string
		applied               string
		status                int
		took                  time.Duration
	}{
		"preference":           {"GET", "", "respond-async, wait=3", "wait=3", 200, 3 * time.Second},
		"longer than allowed":  {"GET", "", "wait=100", "wait=20", 200, contract.MaxWait},
		"none at all":          {"GET", "", "wait=0", "wait=0", 200, 0},
		"one that is no wait":  {"GET", "", "return=minimal", "", 200, 0},
		"one that is no time":  {"GET", "", "wait=soon", "", 200, 0},
		"parameter":            {"GET", "?wait=2s", "", "", 200, 2 * time.Second},
		"parameter and header": {"GET", "?wait=2s", "wait=3", "", 200, 2 * time.Second},
		"wrong parameter":      {"GET", "?wait=soon", "wait=3", "", 400, 0},
		"without a body":       {"HEAD", "", "wait=3", "", 200, 0},
		"seconds":              {"GET", "?wait=2", "", "", 200, 2 * time.Second},
		"very many seconds":    {"GET", "?wait=99999999999999999999", "", "", 200, contract.MaxWait},
		"less than nothing":    {"GET", "?wait=-1", "", "", 400, 0},
		"part of a second":     {"GET", "?wait=1.5", "", "", 400, 0},
		"outcome":              {"GET", "/outcome", "", "", 200, contract.MaxWait},
		"shorter outcome":      {"GET", "/outcome?wait=2", "", "", 200, 2 * time.Second},
		"outcome at once":      {"GET", "/outcome?wait=0", "wait=3", "", 200, 0},
		"preferred outcome":    {"GET", "/outcome", "wait=3", "wait=3", 200, 3 * time.Second},
		"outcome, other words": {"GET", "/outcome", "wait=soon", "", 200, contract.MaxWait},
		"outcome, no body":     {"HEAD", "/outcome", "", "", 200, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rig := newRig(t, Config{CORSOrigins: []string{"https://app.example"}}, fakeStore{original: true})
				start := time.Now()
				resp := rig.do(request(c.method, oneUpload+c.query, "cats", "", "Prefer", c.prefer))
				if took := time.Since(start); took != c.took || resp.StatusCode != c.status {
					t.Errorf("%d after %v", resp.StatusCode, took)
				}
				if got := resp.Header.Get("Preference-Applied"); got != c.applied {
					t.Errorf("Preference-Applied %q, want %q", got, c.applied)
				}
				if got := strings.Join(resp.Header.Values("Vary"), ", "); got != "Origin, Prefer" {
					t.Errorf("Vary %q", got)
				}
			})
		})
	}
}

// TestMaxWait: the operator's limit cuts every wait. With 0 all answers come at once, and none applies a preference.
func TestMaxWait(t *testing.T) {
	for _, c := range []struct {
		longest                 time.Duration
		target, prefer, applied string
		took                    time.Duration
	}{
		{0, oneUpload + "?wait=20s", "", "", 0},
		{0, oneUpload, "wait=20", "", 0},
		{0, oneUpload + "/outcome", "", "", 0},
		{0, oneUpload + "/outcome?wait=5", "wait=20", "", 0},
		{0, boardOutcomes + "?ids=" + testID, "wait=20", "", 0},
		{5 * time.Second, oneUpload + "?wait=20s", "", "", 5 * time.Second},
		{5 * time.Second, oneUpload, "", "", 0},
		{5 * time.Second, oneUpload, "wait=20", "wait=5", 5 * time.Second},
		{5 * time.Second, oneUpload + "/outcome", "", "", 5 * time.Second},
		{5 * time.Second, oneUpload + "/outcome?wait=3", "", "", 3 * time.Second},
		{5 * time.Second, boardOutcomes + "?ids=" + testID, "", "", 5 * time.Second},
		{5 * time.Second, boardOutcomes + "?ids=" + testID, "wait=9", "wait=5", 5 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			resp := newRig(t, Config{MaxWait: &c.longest}, fakeStore{original: true}).do(request("GET", c.target, "cats", "", "Prefer", c.prefer))
			if took := time.Since(start); took != c.took || resp.StatusCode != 200 || resp.Header.Get("Preference-Applied") != c.applied {
				t.Errorf("%s within %v, prefer %q: %d after %v, applied %q", c.target, c.longest, c.prefer, resp.StatusCode, took, resp.Header.Get("Preference-Applied"))
			}
		})
	}
	for _, wrong := range []time.Duration{-1, contract.MaxWait + 1} {
		if err := withTestLimits(Config{MaxWait: &wrong}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "MAX_WAIT: ") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func TestWaitEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, Config{}, fakeStore{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		rig.do(request("GET", oneUpload+"?wait=20s", "cats", "").WithContext(ctx))
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v", took)
		}
		if rec := rig.record(t); rec["status"] != 499.0 {
			t.Errorf("log has %v", rec)
		}
	})
}

// TestClientGoesDuringARead tries waits whose clients go before S3 has answered. That is no failure of S3.
func TestClientGoesDuringARead(t *testing.T) {
	for _, path := range []string{oneUpload + "?wait=20s", oneUpload + "/outcome", "/v1/boards/cats/outcomes?ids=" + string(testID)} {
		synctest.Test(t, func(t *testing.T) {
			reads, heads := 0, 0
			rig := newRig(t, Config{}, timeline{start: time.Now(), slow: time.Minute, reads: &reads, heads: &heads})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(time.Second, cancel)
			rig.do(request("GET", path, "cats", "").WithContext(ctx))
			if rec := rig.record(t); rec["status"] != 499.0 || rec["failed_reads"] != nil || rec["level"] != "DEBUG" {
				t.Errorf("GET %s: log has %v, want status 499 at DEBUG without failed_reads", path, rec)
			}
		})
	}
}

func TestWaitEndsWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, Config{}, fakeStore{original: true})
		time.AfterFunc(3*time.Second, rig.Drain)
		for _, want := range []time.Duration{3 * time.Second, firstPause} { // later requests do not wait
			start := time.Now()
			resp := rig.do(request("GET", oneUpload+"?wait=20s", "cats", ""))
			if took := time.Since(start); took > want || resp.StatusCode != 200 {
				t.Errorf("%d after %v", resp.StatusCode, took)
			}
		}
	})
}
