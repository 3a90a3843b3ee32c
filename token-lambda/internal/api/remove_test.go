package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func TestRemove(t *testing.T) {
	asked := ""
	rig := newRig(t, Config{WriteScope: "w"}, fakeStore{asked: &asked})
	if resp := rig.do(request("DELETE", oneUpload, "cats;r", "")); resp.StatusCode != 403 || asked != "" {
		t.Errorf("without the scope: %d, %s", resp.StatusCode, asked)
	}
	rig.log.Reset()
	resp := rig.do(request("DELETE", oneUpload, "cats;w", ""))
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 204 || len(body) != 0 || asked != "remove cats/"+testID {
		t.Errorf("%d %s, %s", resp.StatusCode, body, asked)
	}
	if rec := rig.record(t); rec["id"] != testID || rec["board"] != "cats" || rec["method"] != "DELETE" {
		t.Errorf("log has %v", rec)
	}
}

// TestOnlyOwnersRemove: where only owners may remove photos, everybody else is refused, and everybody if the owner is
// unknown.
func TestOnlyOwnersRemove(t *testing.T) {
	owned := func(by string) *photo.Manifest {
		m := readyManifest()
		m.Source.Owner = by
		return m
	}
	arrived := func(by string) *photo.Source { return &photo.Source{Owner: by} }
	unusable := fmt.Errorf("manifest: %w", photo.ErrManifest)
	tombstone := photo.Tombstone(testRef, fakeExpires)
	admin := Config{BoardDelete: DeleteOwner, AdminScope: "photos:admin", WriteScope: "w"}
	for name, c := range map[string]struct {
		cfg    Config
		store  fakeStore
		token  string // default one of ann
		status int
		typ    contract.Slug
	}{
		"own":                             {Config{}, fakeStore{manifest: owned("ann")}, "", 204, ""},
		"another's":                       {Config{}, fakeStore{manifest: owned("bob")}, "", 403, contract.ProblemNotOwner},
		"in other letters":                {Config{}, fakeStore{manifest: owned("Ann")}, "", 403, contract.ProblemNotOwner},
		"no owner in the manifest":        {Config{}, fakeStore{manifest: owned(""), source: arrived("ann")}, "", 403, contract.ProblemNotOwner},
		"own, being processed":            {Config{}, fakeStore{source: arrived("ann")}, "", 204, ""},
		"another's, being processed":      {Config{}, fakeStore{source: arrived("bob")}, "", 403, contract.ProblemNotOwner},
		"of nobody":                       {Config{}, fakeStore{source: arrived("")}, "", 403, contract.ProblemNotOwner},
		"not arrived":                     {Config{}, fakeStore{}, "", 403, contract.ProblemNotOwner},
		"own, with a faulty manifest":     {Config{}, fakeStore{manifestErr: unusable, source: arrived("ann")}, "", 204, ""},
		"another's, and faulty":           {Config{}, fakeStore{manifestErr: unusable, source: arrived("bob")}, "", 403, contract.ProblemNotOwner},
		"removed already":                 {Config{}, fakeStore{manifest: tombstone}, "", 204, ""},
		"S3 is down":                      {Config{}, fakeStore{err: errOutage}, "", 503, contract.ProblemStorageUnavailable},
		"an administrator":                {admin, fakeStore{manifest: owned("bob")}, "cats;w,photos:admin", 204, ""},
		"an administrator, not arrived":   {admin, fakeStore{}, "cats;w,photos:admin", 204, ""},
		"an administrator who only reads": {admin, fakeStore{manifest: owned("ann")}, "cats;photos:admin", 403, contract.ProblemScopeMissing},
		"another administrator":           {admin, fakeStore{manifest: owned("ann")}, "dogs;w,photos:admin", 403, contract.ProblemBoardForbidden},
		"a scope like it":                 {admin, fakeStore{manifest: owned("bob")}, "cats;w,photos:admins", 403, contract.ProblemNotOwner},
		"no scope is configured":          {Config{}, fakeStore{manifest: owned("bob")}, "cats;", 403, contract.ProblemNotOwner},
		"anyone may":                      {Config{BoardDelete: DeleteAnyone}, fakeStore{manifest: owned("bob")}, "", 204, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.BoardDelete = cmp.Or(c.cfg.BoardDelete, DeleteOwner)
			asked := ""
			c.store.asked = &asked
			resp := newRig(t, c.cfg, c.store).do(request("DELETE", oneUpload, cmp.Or(c.token, "cats"), ""))
			var p contract.Problem
			if c.status != 204 {
				if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
					t.Fatal(err)
				}
			}
			if resp.StatusCode != c.status || p.Slug() != c.typ || (asked == "") != (c.status != 204) {
				t.Errorf("%d %+v, store %q", resp.StatusCode, p, asked)
			}
		})
	}
}
