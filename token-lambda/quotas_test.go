package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"darkroom/deploy/local/fake/fakedynamodb"
)

// TestTableWithoutQuotas: the log says that nothing is counted in a table. That is no warning: the system on one machine
// always has a table.
func TestTableWithoutQuotas(t *testing.T) {
	iss := newIssuer(t)
	for _, quotas := range []string{"", `{"board": {}}`} {
		p := start(t, iss.env("LISTEN_ADDR=127.0.0.1:0", "QUOTA_TABLE=quotas", "QUOTAS="+quotas))
		if rec := p.waitFor(t, "no quota is enforced: QUOTA_TABLE is set, but QUOTAS sets no limit"); rec["level"] != "INFO" || rec["table"] != "quotas" {
			t.Errorf("QUOTAS=%s: log has %v", quotas, rec)
		}
	}
}

// TestQuotas: the program counts in DynamoDB, refuses what is above a quota, and issues tokens while DynamoDB is down.
func TestQuotas(t *testing.T) {
	iss := newIssuer(t)
	table := httptest.NewServer(fakedynamodb.New(nil, fakedynamodb.Table{Name: "quotas", Key: "key", TTL: "expires"}))
	defer table.Close()
	for name, c := range map[string]struct {
		table    string
		statuses []int
	}{"counts": {"quotas", []int{201, 201, 429}}, "no such table": {"nowhere", []int{201, 201, 201}}} {
		t.Run(name, func(t *testing.T) {
			p := start(t, iss.env("LISTEN_ADDR=127.0.0.1:0", "AWS_ENDPOINT_URL_DYNAMODB="+table.URL, "QUOTA_TABLE="+c.table, `QUOTAS={"board": {"photosPerDay": 2}}`))
			if c.table == "nowhere" { // the log says so before the first request
				if rec := p.waitFor(t, "photos cannot be counted for the quotas"); rec["level"] != "WARN" || !strings.Contains(fmt.Sprint(rec["error"]), "update table nowhere") {
					t.Errorf("log has %v", rec)
				}
			}
			base := "http://" + p.waitFor(t, "listening")["addr"].(string)
			for i, status := range c.statuses {
				req, err := http.NewRequest("POST", base+"/v1/boards/cats/uploads", strings.NewReader(uploadBody))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+iss.token(t, "*"))
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != status || resp.Header.Get("RateLimit-Policy") != `"board-photos-day";q=2;w=86400` {
					t.Errorf("request %d: %d %v, want %d", i, resp.StatusCode, resp.Header, status)
				}
				rec := p.waitFor(t, "request")
				if failed, _ := rec["quota_error"].(string); strings.Contains(failed, "update table nowhere") != (c.table == "nowhere") {
					t.Errorf("log has %v", rec)
				}
			}
		})
	}
}
