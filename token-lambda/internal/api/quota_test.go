package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dunglas/httpsfv"
	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
)

// verdict returns one with three policies, of which those with these positions are exceeded.
func verdict(never bool, exceeded ...int) QuotaVerdict {
	v := QuotaVerdict{Never: never, Policies: []QuotaPolicy{
		{Scope: QuotaBoard, Unit: QuotaPhotos, Window: "minute", Limit: 600, Known: !never, Left: 3, Resets: 11500 * time.Millisecond},
		{Scope: QuotaBoard, Unit: QuotaBytes, Window: "day", Limit: 10 << 30, Known: !never, Left: 5000, Resets: 43200 * time.Second},
		{Scope: QuotaSubject, Unit: QuotaPhotos, Window: "day", Limit: 1, Known: false}}}
	for _, i := range exceeded {
		v.Policies[i].Exceeded = true
	}
	return v
}

// fields parses a header field as RFC 9651 says. It returns each item with its parameters in their order.
func fields(t *testing.T, h http.Header, name string) (items []string) {
	t.Helper()
	list, err := httpsfv.UnmarshalList(h.Values(name))
	if err != nil {
		t.Fatalf("%s: %q: %v", name, h.Values(name), err)
	}
	for _, member := range list {
		item := member.(httpsfv.Item)
		text := item.Value.(string) // the draft asks for strings
		for _, key := range item.Params.Names() {
			value, _ := item.Params.Get(key)
			text += fmt.Sprintf(" %s=%v", key, value)
		}
		items = append(items, text)
	}
	return items
}

const policyField = `"board-photos-minute";q=600;w=60, "board-bytes-day";q=10737418240;qu="content-bytes";w=86400, "subject-photos-day";q=1;w=86400`

func TestQuota(t *testing.T) {
	down := errors.New("table quotas: throttled")
	all := []string{"board-photos-minute q=600 w=60", "board-bytes-day q=10737418240 qu=content-bytes w=86400", "subject-photos-day q=1 w=86400"}
	left := []string{"board-photos-minute r=3 t=12", "board-bytes-day r=5000 t=43200"}
	for name, c := range map[string]struct {
		quota        *fakeQuota
		status       int
		problem      contract.Slug
		detail       string
		retry        string
		exceeded     []string
		fields, left []string
		outcome      string
		level        string
	}{
		"no policy applies": {quota: &fakeQuota{}, status: 201, level: "INFO"},
		"admitted":          {quota: &fakeQuota{verdict: verdict(false)}, status: 201, fields: all, left: left, outcome: QuotaAdmitted, level: "INFO"},
		"photos of a minute": {quota: &fakeQuota{verdict: verdict(false, 0)}, status: 429, problem: contract.ProblemQuotaExceeded,
			detail: "The quota of board cats is 600 photos a minute, with 3 left: try again in 12s.", retry: "12",
			exceeded: []string{"board-photos-minute"}, fields: all, left: left, outcome: QuotaRefused, level: "INFO"},
		"bytes of a day too": {quota: &fakeQuota{verdict: verdict(false, 0, 1)}, status: 429, problem: contract.ProblemQuotaExceeded,
			detail: "The quota of board cats is 600 photos a minute, with 3 left: try again in 12h0m0s.", retry: "43200",
			exceeded: []string{"board-photos-minute", "board-bytes-day"}, fields: all, left: left, outcome: QuotaRefused, level: "INFO"},
		"the user's": {quota: &fakeQuota{verdict: verdict(true, 2)}, status: 413, problem: contract.ProblemAboveQuota,
			detail:   "Your quota is 1 photo a day, and this request has 3 photos: send less at a time.",
			exceeded: []string{"subject-photos-day"}, fields: all, outcome: QuotaRefused, level: "INFO"},
		"bytes that never fit": {quota: &fakeQuota{verdict: verdict(true, 1)}, status: 413, problem: contract.ProblemAboveQuota,
			detail:   "The quota of board cats is 10737418240 bytes a day, and this request has 15 bytes: send less at a time.",
			exceeded: []string{"board-bytes-day"}, fields: all, outcome: QuotaRefused, level: "INFO"},
		"unknown":       {quota: &fakeQuota{verdict: verdict(false), err: down}, status: 201, fields: all, left: left, outcome: QuotaUnknown, level: "WARN"},
		"nothing known": {quota: &fakeQuota{err: down}, status: 201, outcome: QuotaUnknown, level: "WARN"},
		"refused and a failure": {quota: &fakeQuota{verdict: verdict(false, 0), err: down}, status: 429, problem: contract.ProblemQuotaExceeded,
			detail: "The quota of board cats is", retry: "12", exceeded: []string{"board-photos-minute"}, fields: all, left: left, outcome: QuotaRefused, level: "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			m := &counted{}
			rig := newRig(t, Config{Quota: c.quota, Metrics: m, CORSOrigins: []string{"*"}}, fakeStore{})
			resp := rig.do(request("POST", batch, "cats", batchOf(3), "Origin", "https://a.example"))
			var p contract.Problem
			if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != c.status || c.problem != "" && p.Slug() != c.problem || !strings.HasPrefix(p.Detail, c.detail) || !cmp.Equal(p.Policies, c.exceeded) {
				t.Errorf("%d %+v", resp.StatusCode, p)
			}
			if got := resp.Header.Get("Retry-After"); got != c.retry {
				t.Errorf("Retry-After %q, want %q", got, c.retry)
			}
			if diff := cmp.Diff(c.fields, fields(t, resp.Header, "RateLimit-Policy")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.left, fields(t, resp.Header, "RateLimit")); diff != "" {
				t.Error(diff)
			}
			if c.fields != nil && resp.Header.Get("RateLimit-Policy") != policyField {
				t.Errorf("RateLimit-Policy: %s", resp.Header.Get("RateLimit-Policy"))
			}
			if exposed := resp.Header.Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "Retry-After, RateLimit, RateLimit-Policy,") {
				t.Errorf("exposed are %s", exposed)
			}
			if diff := cmp.Diff([]QuotaUse{{Board: "cats", Subject: "ann", Photos: 3, Bytes: 15}}, c.quota.got); diff != "" {
				t.Error(diff)
			}
			if got := m.all[0]; got.Quota != c.outcome || !cmp.Equal(got.Exceeded, c.exceeded) {
				t.Errorf("measured %+v", got)
			}
			if rec := rig.record(t); rec["level"] != c.level || (c.quota.err != nil) != (rec["quota_error"] == "table quotas: throttled") {
				t.Errorf("log has %v", rec)
			}
			if (rig.signer.got == nil) != (c.status != 201) {
				t.Error("a refused request has tokens, or another has none")
			}
		})
	}
}

// TestQuotaCountsValidRequestsOnly: what is refused for another reason takes nothing, and a form takes the most that it
// may send.
func TestQuotaCountsValidRequestsOnly(t *testing.T) {
	q := &fakeQuota{}
	rig := newRig(t, Config{Quota: q, AllowForm: true, MaxBytes: 1000}, fakeStore{})
	for body, status := range map[string]int{`{"contentType":"text/html","contentLength":5}`: 400, `{"contentType":"image/png","contentLength":1001}`: 413, goodBody[:20]: 400} {
		if resp := rig.do(request("POST", uploads, "cats", body)); resp.StatusCode != status {
			t.Errorf("%s: %d", body, resp.StatusCode)
		}
	}
	rig.do(request("POST", uploads, "dogs", goodBody))
	rig.do(request("GET", uploads, "cats", ""))
	if len(q.got) != 0 {
		t.Errorf("counted %+v", q.got)
	}
	rig.do(request("POST", uploads, "cats", `{"contentType":"image/png","form":true}`))
	if diff := cmp.Diff([]QuotaUse{{Board: "cats", Subject: "ann", Photos: 1, Bytes: 1000}}, q.got); diff != "" {
		t.Error(diff)
	}
}

// TestQuotaWhenTheClientHasGone: such a request gets no token, and does not count as one that could not be counted.
func TestQuotaWhenTheClientHasGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := &counted{}
	rig := newRig(t, Config{Quota: &fakeQuota{}, Metrics: m}, fakeStore{})
	rig.do(request("POST", uploads, "cats", goodBody).WithContext(ctx))
	if got := m.all[0]; got.Status != statusClientClosed || got.Quota != "" || rig.signer.got != nil {
		t.Errorf("%+v", got)
	}
}

// TestQuotaNames: QuotaPolicies has every name that a policy can have, so that every series starts at zero.
func TestQuotaNames(t *testing.T) {
	var names []string
	for _, scope := range []string{QuotaBoard, QuotaSubject} {
		for _, unit := range []string{QuotaPhotos, QuotaBytes} {
			for _, window := range []string{"minute", "day"} {
				if QuotaWindows[window] == 0 {
					t.Errorf("window %s has no length", window)
				}
				names = append(names, QuotaPolicy{Scope: scope, Unit: unit, Window: window}.Name())
			}
		}
	}
	if diff := cmp.Diff(names, QuotaPolicies); diff != "" {
		t.Error(diff)
	}
}
