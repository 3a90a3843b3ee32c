package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"darkroom/token-lambda/contract"
)

func TestScopes(t *testing.T) {
	both := Config{WriteScope: "uploads:write", ReadScope: "uploads:read"}
	post, get := []string{"POST", uploads, goodBody}, []string{"GET", oneUpload, ""}
	for name, c := range map[string]struct {
		cfg     Config
		request []string
		token   string
		missing string // scope; empty: the request is allowed
	}{
		"none is needed":          {Config{}, post, "cats", ""},
		"write":                   {both, post, "cats;openid,uploads:write", ""},
		"write with none":         {both, post, "cats", "uploads:write"},
		"write with read":         {both, post, "cats;uploads:read", "uploads:write"},
		"begins like it":          {both, post, "cats;uploads:write2", "uploads:write"},
		"in capitals":             {both, post, "cats;UPLOADS:WRITE", "uploads:write"},
		"read":                    {both, get, "cats;uploads:read", ""},
		"read with write":         {both, get, "cats;uploads:write", "uploads:read"},
		"only write is protected": {Config{WriteScope: "uploads:write"}, get, "cats", ""},
		"the scope of a stranger": {both, post, "dogs", "uploads:write"}, // reveals nothing about boards
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, c.cfg, fakeStore{})
			resp := rig.do(request(c.request[0], c.request[1], c.token, c.request[2]))
			if c.missing == "" {
				if resp.StatusCode >= 300 {
					t.Errorf("status %d", resp.StatusCode)
				}
				return
			}
			var p contract.Problem
			if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Slug() != contract.ProblemScopeMissing || resp.StatusCode != http.StatusForbidden {
				t.Errorf("%d %+v %v", resp.StatusCode, p, err)
			}
			want := `Bearer realm="darkroom", error="insufficient_scope", scope="` + c.missing + `"`
			if got := resp.Header.Get("WWW-Authenticate"); got != want || rig.signer.got != nil {
				t.Errorf("WWW-Authenticate %s, want %s; signed %v", got, want, rig.signer.got)
			}
		})
	}
}
