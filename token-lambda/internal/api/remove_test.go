package api

import (
	"io"
	"testing"
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
