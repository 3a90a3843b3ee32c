package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func TestOutcomes(t *testing.T) {
	all := ids(30)
	const second = time.Second
	failBetween := func(from, to time.Duration, err error) func(photo.ID, time.Duration) error {
		return func(_ photo.ID, after time.Duration) error {
			if after >= from && after < to {
				return err
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		more        string
		ready       map[int]time.Duration // time of each outcome by index; the others have none
		fails       func(photo.ID, time.Duration) error
		slow        time.Duration
		status      int
		want        []int
		least, most time.Duration
	}{
		"no wait":                        {more: "&wait=0", ready: map[int]time.Duration{29: 0, 3: 0}, status: 200, want: []int{3, 29}},
		"no wait, nothing":               {more: "&wait=0s", status: 200},
		"no wait, a read fails":          {more: "&wait=0", ready: map[int]time.Duration{0: 0}, fails: func(id photo.ID, _ time.Duration) error { return map[photo.ID]error{all[29]: errOutage}[id] }, status: 503},
		"ready already":                  {more: "&wait=20s", ready: map[int]time.Duration{0: 0, 1: 0, 3: 0, 4: 0, 8: 0}, status: 200, want: []int{0, 1, 3, 4}},
		"the first becomes ready":        {more: "&wait=20s", ready: map[int]time.Duration{0: 5 * second}, status: 200, want: []int{0}, least: 5 * second, most: 6 * second},
		"the last becomes ready":         {more: "&wait=20s", ready: map[int]time.Duration{29: 5 * second}, status: 200, want: []int{29}, least: 5 * second, most: 9 * second},
		"others while the first is slow": {more: "&wait=20s", ready: map[int]time.Duration{20: 0, 21: 0}, status: 200, want: []int{20, 21}, most: 3 * second},
		"by default":                     {more: "", ready: map[int]time.Duration{0: 0}, status: 200, want: []int{0}},
		"nothing":                        {more: "&wait=20s", status: 200, least: 20 * second, most: 20 * second},
		"nothing, by default":            {status: 200, least: 20 * second, most: 20 * second},
		"seconds":                        {more: "&wait=3", status: 200, least: 3 * second, most: 3 * second},
		"nothing, in a wait of a day":    {more: "&wait=86400", status: 200, least: 20 * second, most: 20 * second},
		"longer than is allowed":         {more: "&wait=1h", status: 200, least: 20 * second, most: 20 * second},
		"S3 is down for a while":         {more: "&wait=20s", ready: map[int]time.Duration{0: 0}, fails: failBetween(0, 5*second, errOutage), status: 200, want: []int{0}, least: 5 * second, most: 6 * second},
		"S3 goes down":                   {more: "&wait=20s", ready: map[int]time.Duration{0: 4 * second}, fails: failBetween(3*second, 99*second, errOutage), status: 200, least: 20 * second, most: 20 * second},
		"S3 is down":                     {more: "&wait=20s", fails: failBetween(0, 99*second, errOutage), status: 503, least: 20 * second, most: 20 * second},
		"S3 refuses":                     {more: "&wait=20s", fails: failBetween(0, 99*second, http.ErrNotSupported), status: 500, least: 20 * second, most: 20 * second},
		"slow reads":                     {more: "&wait=3s", slow: 2 * second, status: 200, least: 3 * second, most: 3 * second},
		"reads slower than allowed":      {more: "&wait=3s", slow: time.Hour, status: 503, least: 3 * second, most: 3 * second},
		"one fails, another is ready":    {more: "&wait=20s", ready: map[int]time.Duration{1: 0}, fails: func(id photo.ID, _ time.Duration) error { return map[photo.ID]error{all[0]: errOutage}[id] }, status: 200, want: []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newBurst()
				store.fails, store.slow = c.fails, c.slow
				for i, at := range c.ready {
					store.ready[all[i]] = at
				}
				rig := newRig(t, Config{}, store)
				start := time.Now()
				got, resp := rig.ask(t, all, c.more)
				var want []photo.ID
				for _, i := range c.want {
					want = append(want, all[i])
				}
				if took := time.Since(start); resp.StatusCode != c.status || !slices.Equal(got, want) || took < c.least || took > c.most {
					t.Errorf("%d %s after %v", resp.StatusCode, got, took)
				}
				if c.status == 200 && resp.Header.Get("Cache-Control") != "private, no-cache" || strings.Join(resp.Header.Values("Vary"), ", ") != "Prefer, Accept" {
					t.Errorf("header %v", resp.Header)
				}
				if rec := rig.record(t); c.fails != nil && c.more != "&wait=0" && (rec["failed_reads"] == nil || rec["error"] == nil || rec["level"] == "INFO") {
					t.Errorf("log has %v", rec)
				}
			})
		})
	}
}

func TestOutcomesByPreference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		resp := newRig(t, Config{}, newBurst()).do(request("GET", boardOutcomes+"?ids="+testID, "cats", "", "Prefer", "wait=3"))
		if took := time.Since(start); took != 3*time.Second || resp.StatusCode != 200 || resp.Header.Get("Preference-Applied") != "wait=3" {
			t.Errorf("%d after %v, header %v", resp.StatusCode, took, resp.Header)
		}
	})
}

// TestOutcomesOfExpiredTokens: a photo that never arrived has an outcome when its token expires, and one that is only
// slow has none.
func TestOutcomesOfExpiredTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newBurst()
		never, slow := testKeys.NewID("cats", time.Now(), 5*time.Second), testKeys.NewID("cats", time.Now(), 5*time.Second)
		store.arrived = map[photo.ID]bool{slow: true}
		rig := newRig(t, Config{IDKeys: testKeys}, store)
		for query, want := range map[string]string{
			string(slow) + "," + string(never): string(never) + " expired",
			string(slow):                       "",
		} {
			start := time.Now()
			resp := rig.do(request("GET", boardOutcomes+"?wait=20s&ids="+query, "cats", ""))
			var page contract.Page
			if err := json.NewDecoder(resp.Body).Decode(&page); err != nil || resp.StatusCode != 200 {
				t.Fatal(resp.StatusCode, err)
			}
			got := ""
			for _, up := range page.Uploads {
				got += fmt.Sprintf("%s %s", up.ID, up.State)
			}
			if took := time.Since(start); got != want || took > 20*time.Second {
				t.Errorf("%q after %v, want %q", got, took, want)
			}
		}
		if store.heads > 4 {
			t.Errorf("originals were looked for %d times", store.heads)
		}
	})
}

func TestOutcomesEndWithServerAndClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRig(t, Config{}, newBurst())
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(3*time.Second, cancel)
		rig.do(request("GET", boardOutcomes+"?wait=20s&ids="+testID, "cats", "").WithContext(ctx))
		if rec := rig.record(t); rec["status"] != 499.0 {
			t.Errorf("the client has gone: log has %v", rec)
		}
		time.AfterFunc(3*time.Second, rig.Drain)
		start := time.Now()
		if got, resp := rig.ask(t, ids(3), "&wait=20s"); got != nil || resp.StatusCode != 200 || time.Since(start) != 3*time.Second {
			t.Errorf("the server drains: %d after %v", resp.StatusCode, time.Since(start))
		}
	})
}

func TestOutcomesRefusesInvalidIDs(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat("%032x,", contract.MaxPage+1), ",")
	numbers := make([]any, contract.MaxPage+1)
	for i := range numbers {
		numbers[i] = i
	}
	for query, detail := range map[string]string{
		"ids=":                                 "send 1 to 100 ids",
		"ids=17":                               `ids has "17"`,
		"ids=" + testID + ",":                  `ids has ""`,
		"":                                     "send 1 to 100 ids",
		"ids=" + testID + "&wait=x":            "wait is",
		"ids=" + fmt.Sprintf(many, numbers...): "more than 100 ids",
	} {
		resp := newRig(t, Config{}, newBurst()).do(request("GET", boardOutcomes+"?"+query, "cats", ""))
		var p contract.Problem
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || resp.StatusCode != 400 || p.Slug() != contract.ProblemQueryInvalid || !strings.Contains(p.Detail, detail) {
			t.Errorf("%.60s: %d %s, want %q", query, resp.StatusCode, p.Detail, detail)
		}
	}
	store := newBurst()
	store.ready[testID] = 0
	if got, _ := newRig(t, Config{}, store).ask(t, []photo.ID{testID, testID}, "&wait=0"); len(got) != 1 || store.total() != 1 {
		t.Errorf("an id twice: %v and %d reads", got, store.total())
	}
	if resp := newRig(t, Config{}, store).do(request("GET", boardOutcomes+"?ids="+testID, "dogs", "")); resp.StatusCode != 403 {
		t.Errorf("a caller without access: %d", resp.StatusCode)
	}
}

// TestUnusableOutcomes: a manifest that cannot be used is no outcome. The log names it once, however often it was read.
func TestUnusableOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newBurst()
		store.fails = func(photo.ID, time.Duration) error { return errUnusable }
		m := &counted{}
		rig := newRig(t, Config{Metrics: m}, store)
		if got, resp := rig.ask(t, ids(2), "&wait=5s"); got != nil || resp.StatusCode != 200 {
			t.Errorf("%d %v", resp.StatusCode, got)
		}
		if records := rig.unusableRecords(t); len(records) != 2 || m.all[0].UnusableManifests != 2 || strings.Count(rig.log.String(), "\n") != 3 {
			t.Errorf("%d counted, log:\n%s", m.all[0].UnusableManifests, rig.log)
		}
	})
}
