package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		req    *http.Request
		store  fakeStore
		signer error
		status int
		typ    contract.Slug
		header map[string]string
	}{
		"no token": {req: request("POST", uploads, "", goodBody), status: 401, typ: contract.ProblemTokenMissing,
			header: map[string]string{"WWW-Authenticate": `Bearer realm="darkroom"`}},
		"no token, status": {req: request("GET", oneUpload, "", ""), status: 401, typ: contract.ProblemTokenMissing},
		"basic":            {req: request("POST", uploads, "", goodBody, "Authorization", "Basic YTpi"), status: 401, typ: contract.ProblemTokenInvalid},
		"empty bearer":     {req: request("POST", uploads, "", goodBody, "Authorization", "Bearer "), status: 401, typ: contract.ProblemTokenInvalid},
		"two tokens":       {req: request("POST", uploads, "cats", goodBody, "Authorization", "Bearer x"), status: 401, typ: contract.ProblemTokenInvalid},
		"token refused": {req: request("POST", uploads, "refused", goodBody), status: 401, typ: contract.ProblemTokenInvalid,
			header: map[string]string{"WWW-Authenticate": `Bearer realm="darkroom", error="invalid_token", error_description="it has expired"`}},
		"keys away": {req: request("POST", uploads, "down", goodBody), status: 503, typ: contract.ProblemAuthUnavailable,
			header: map[string]string{"Retry-After": "2"}},
		"authenticator broken": {req: request("POST", uploads, "broken", goodBody), status: 500, typ: contract.ProblemInternal},
		"other board": {req: request("POST", uploads, "dogs", goodBody), status: 403, typ: contract.ProblemBoardForbidden,
			header: map[string]string{"WWW-Authenticate": `Bearer realm="darkroom", error="insufficient_scope"`}},
		"other board, status":   {req: request("GET", oneUpload, "dogs", ""), status: 403, typ: contract.ProblemBoardForbidden},
		"board name":            {req: request("POST", "/v1/boards/Cats/uploads", "*", goodBody), status: 400, typ: contract.ProblemNameInvalid},
		"board name, encoded":   {req: request("POST", "/v1/boards/a%2Fb/uploads", "*", goodBody), status: 400, typ: contract.ProblemNameInvalid},
		"id":                    {req: request("GET", uploads+"/17", "cats", ""), status: 400, typ: contract.ProblemNameInvalid},
		"unknown path":          {req: request("GET", "/", "", ""), status: 404, typ: contract.ProblemNotFound},
		"trailing slash":        {req: request("POST", uploads+"/", "cats", goodBody), status: 404, typ: contract.ProblemNotFound},
		"unclean path":          {req: request("POST", "/x/.."+uploads, "cats", goodBody), status: 404, typ: contract.ProblemNotFound},
		"double slash":          {req: request("POST", "//v1/boards/cats/uploads", "cats", goodBody), status: 404, typ: contract.ProblemNotFound},
		"method":                {req: request("PUT", uploads, "cats", ""), status: 405, typ: contract.ProblemMethodNotAllowed, header: map[string]string{"Allow": "GET, HEAD, OPTIONS, POST"}},
		"method, status":        {req: request("POST", oneUpload, "cats", ""), status: 405, typ: contract.ProblemMethodNotAllowed, header: map[string]string{"Allow": "DELETE, GET, HEAD, OPTIONS"}},
		"empty body":            {req: request("POST", uploads, "cats", ""), status: 400, typ: contract.ProblemRequestInvalid},
		"half a body":           {req: request("POST", uploads, "cats", goodBody[:20]), status: 400, typ: contract.ProblemRequestInvalid},
		"null":                  {req: request("POST", uploads, "cats", "null"), status: 400, typ: contract.ProblemRequestInvalid},
		"array":                 {req: request("POST", uploads, "cats", "["+goodBody+"]"), status: 400, typ: contract.ProblemRequestInvalid},
		"two objects":           {req: request("POST", uploads, "cats", goodBody+goodBody), status: 400, typ: contract.ProblemRequestInvalid},
		"trailing text":         {req: request("POST", uploads, "cats", goodBody+"x"), status: 400, typ: contract.ProblemRequestInvalid},
		"unknown field":         {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg","contentLength":5,"sha-256":"x"}`), status: 400, typ: contract.ProblemRequestInvalid},
		"length a string":       {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg","contentLength":"5"}`), status: 400, typ: contract.ProblemRequestInvalid},
		"length a fraction":     {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg","contentLength":5.5}`), status: 400, typ: contract.ProblemRequestInvalid},
		"length beyond int64":   {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg","contentLength":9223372036854775808}`), status: 400, typ: contract.ProblemRequestInvalid},
		"form":                  {req: request("POST", uploads, "cats", goodBody, "Content-Type", "application/x-www-form-urlencoded"), status: 400, typ: contract.ProblemRequestInvalid},
		"body too large":        {req: request("POST", uploads, "cats", goodBody+strings.Repeat(" ", contract.MaxBody)), status: 413, typ: contract.ProblemRequestTooLarge},
		"no type":               {req: request("POST", uploads, "cats", `{"contentLength":5}`), status: 400, typ: contract.ProblemTypeNotAllowed},
		"type not allowed":      {req: request("POST", uploads, "cats", `{"contentType":"image/svg+xml","contentLength":5}`), status: 400, typ: contract.ProblemTypeNotAllowed},
		"type with line break":  {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg\r\nx: y","contentLength":5}`), status: 400, typ: contract.ProblemTypeNotAllowed},
		"no length":             {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg"}`), status: 400, typ: contract.ProblemLengthInvalid},
		"negative length":       {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg","contentLength":-1}`), status: 400, typ: contract.ProblemLengthInvalid},
		"upload too large":      {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg","contentLength":67108865}`), status: 413, typ: contract.ProblemUploadTooLarge},
		"digest no base64":      {req: request("POST", uploads, "cats", digestBody("%%%")), status: 400, typ: contract.ProblemDigestInvalid},
		"digest too short":      {req: request("POST", uploads, "cats", digestBody("AAAA")), status: 400, typ: contract.ProblemDigestInvalid},
		"digest hex":            {req: request("POST", uploads, "cats", digestBody(strings.Repeat("0", 64))), status: 400, typ: contract.ProblemDigestInvalid},
		"digest without pad":    {req: request("POST", uploads, "cats", digestBody(strings.TrimRight(testDigest, "="))), status: 400, typ: contract.ProblemDigestInvalid},
		"digest line break":     {req: request("POST", uploads, "cats", digestBody(testDigest[:10]+`\n`+testDigest[10:])), status: 400, typ: contract.ProblemDigestInvalid},
		"digest not canonical":  {req: request("POST", uploads, "cats", digestBody(testDigest[:42]+"B=")), status: 400, typ: contract.ProblemDigestInvalid},
		"no forms here":         {req: request("POST", uploads, "cats", `{"contentType":"image/jpeg","form":true}`), status: 400, typ: contract.ProblemFormNotAllowed},
		"no uploads":            {req: request("POST", batch, "cats", `{"uploads":[]}`), status: 400, typ: contract.ProblemRequestInvalid},
		"too many uploads":      {req: request("POST", batch, "cats", batchOf(contract.MaxBatch+1)), status: 400, typ: contract.ProblemRequestInvalid},
		"one and many":          {req: request("POST", batch, "cats", `{"contentLength":5,"uploads":[`+goodBody+`]}`), status: 400, typ: contract.ProblemRequestInvalid},
		"unknown field of many": {req: request("POST", batch, "cats", `{"uploads":[{"sha-256":"x"}]}`), status: 400, typ: contract.ProblemRequestInvalid},
		"batch in a batch":      {req: request("POST", batch, "cats", `{"uploads":[{"uploads":[]}]}`), status: 400, typ: contract.ProblemRequestInvalid},
		"one of many":           {req: request("POST", batch, "cats", `{"uploads":[`+goodBody+`,{}]}`), status: 400, typ: contract.ProblemBatchInvalid},
		"signer fails, many":    {req: request("POST", batch, "cats", batchOf(2)), signer: errors.New("no credentials"), status: 500, typ: contract.ProblemInternal},
		"limit none":            {req: request("GET", uploads+"?limit=0", "cats", ""), status: 400, typ: contract.ProblemQueryInvalid},
		"limit too high":        {req: request("GET", uploads+"?limit=101", "cats", ""), status: 400, typ: contract.ProblemQueryInvalid},
		"limit a word":          {req: request("GET", uploads+"?limit=all", "cats", ""), status: 400, typ: contract.ProblemQueryInvalid},
		"cursor too long":       {req: request("GET", uploads+"?cursor="+strings.Repeat("a", 1025), "cats", ""), status: 400, typ: contract.ProblemQueryInvalid},
		"list of other board":   {req: request("GET", uploads, "dogs", ""), status: 403, typ: contract.ProblemBoardForbidden},
		"list fails":            {req: request("GET", uploads, "cats", ""), store: fakeStore{err: errors.New("forbidden")}, status: 500, typ: contract.ProblemInternal},
		"list, outage":          {req: request("GET", uploads, "cats", ""), store: fakeStore{err: errOutage}, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"list of one, outage":   {req: request("GET", uploads, "cats", ""), store: fakeStore{manifestErr: errOutage, page: Page{Originals: originals(testID)}}, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"remove, outage":        {req: request("DELETE", oneUpload, "cats", ""), store: fakeStore{err: errOutage}, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"status, outage":        {req: request("GET", oneUpload, "cats", ""), store: fakeStore{err: errOutage}, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"HEAD, outage":          {req: request("HEAD", oneUpload, "cats", ""), store: fakeStore{err: errOutage}, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"token, outage":         {req: request("POST", uploads, "cats", goodBody), signer: errOutage, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"batch, outage":         {req: request("POST", batch, "cats", batchOf(2)), signer: errOutage, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"variant, outage":       {req: request("GET", oneUpload, "cats", ""), store: fakeStore{manifest: readyManifest()}, signer: errOutage, status: 503, typ: contract.ProblemStorageUnavailable, header: map[string]string{"Retry-After": "2"}},
		"remove on other board": {req: request("DELETE", oneUpload, "dogs", ""), status: 403, typ: contract.ProblemBoardForbidden},
		"remove no id":          {req: request("DELETE", uploads+"/17", "cats", ""), status: 400, typ: contract.ProblemNameInvalid},
		"remove fails":          {req: request("DELETE", oneUpload, "cats", ""), store: fakeStore{err: errors.New("forbidden")}, status: 500, typ: contract.ProblemInternal},
		"wait without a unit":   {req: request("GET", oneUpload+"?wait=2.5", "cats", ""), status: 400, typ: contract.ProblemQueryInvalid},
		"wait negative":         {req: request("GET", oneUpload+"?wait=-1s", "cats", ""), status: 400, typ: contract.ProblemQueryInvalid},
		"signer fails":          {req: request("POST", uploads, "cats", goodBody), signer: errors.New("no credentials"), status: 500, typ: contract.ProblemInternal},
		"store fails":           {req: request("GET", oneUpload, "cats", ""), store: fakeStore{err: errors.New("forbidden")}, status: 500, typ: contract.ProblemInternal},
		"signer fails, variant": {req: request("GET", oneUpload, "cats", ""), store: fakeStore{manifest: readyManifest()}, signer: errors.New("x"), status: 500, typ: contract.ProblemInternal},
		"panic":                 {req: request("POST", uploads, "panics", goodBody), status: 500, typ: contract.ProblemInternal},
		"too slow":              {req: request("POST", uploads, "slow", goodBody), status: 503, typ: contract.ProblemTimeout, header: map[string]string{"Retry-After": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{}
			if name == "too slow" {
				cfg.Timeout = time.Nanosecond
			}
			rig := newRig(t, cfg, c.store)
			rig.signer.err = c.signer
			resp := rig.do(c.req)
			var p contract.Problem
			if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			want, _ := contract.FindProblemType(c.typ)
			if resp.StatusCode != c.status || p.Type != "http://example.com/problems/"+string(c.typ) || p.Status != c.status || p.Title != want.Title || p.Detail == "" {
				t.Errorf("got %d %+v, want %d %s", resp.StatusCode, p, c.status, c.typ)
			}
			for k, want := range c.header {
				if got := resp.Header.Get(k); got != want {
					t.Errorf("%s: %s, want %s", k, got, want)
				}
			}
			for k, want := range map[string]string{"Content-Type": "application/problem+json", "Cache-Control": "no-store", "X-Request-Id": p.RequestID} {
				if got := resp.Header.Get(k); got != want || got == "" {
					t.Errorf("%s: %q, want %q", k, got, want)
				}
			}
			rec := rig.record(t)
			if rec["problem"] != string(c.typ) || rec["status"] != float64(c.status) || rec["request_id"] != p.RequestID {
				t.Errorf("log has %v", rec)
			}
			if (rec["level"] == "ERROR") != (c.status >= 500) || c.status == 500 && rec["error"] == nil {
				t.Errorf("log has %v", rec)
			}
			if c.status == 500 && strings.Contains(p.Detail, fmt.Sprint(rec["error"])) {
				t.Errorf("the client sees the cause: %q", p.Detail)
			}
		})
	}
}

func digestBody(d string) string {
	return `{"contentType":"image/jpeg","contentLength":5,"sha256":"` + d + `"}`
}

func readyManifest() *photo.Manifest {
	return &photo.Manifest{Version: 1, Board: "cats", ID: testID, State: photo.Ready, Source: testSource, Created: fakeExpires,
		Photo: &photo.Info{Format: photo.JPEG, Width: 4000, Height: 3000},
		Variants: []photo.Variant{{Name: "large", Key: testRef.Prefix() + "large.jpg", ContentType: "image/jpeg",
			Width: 1600, Height: 1200, Bytes: 9, SHA256: "00"}}}
}

func strayManifest() *photo.Manifest {
	m := readyManifest()
	m.Variants[0].Key = "dogs/" + testID + "/large.jpg"
	return m
}

func TestProblemMembers(t *testing.T) {
	rig := newRig(t, Config{MaxBytes: 4}, fakeStore{})
	decode := func(resp *http.Response) (p contract.Problem) {
		json.NewDecoder(resp.Body).Decode(&p)
		return p
	}
	if p := decode(rig.do(request("POST", uploads, "cats", goodBody))); p.Limit != 4 {
		t.Errorf("limit of an upload is %d, want 4", p.Limit)
	}
	if p := decode(rig.do(request("POST", uploads, "cats", strings.Repeat(" ", contract.MaxBody+1)))); p.Limit != contract.MaxBody {
		t.Errorf("limit of a body is %d, want %d", p.Limit, contract.MaxBody)
	}
	p := decode(rig.do(request("POST", uploads, "cats", `{"contentType":"text/html","contentLength":1}`)))
	if diff := cmp.Diff([]string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/avif"}, p.Allowed); diff != "" {
		t.Errorf("allowed types: %s", diff)
	}
}
