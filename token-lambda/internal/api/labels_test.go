package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func TestLabelsAreSigned(t *testing.T) {
	rig := newRig(t, Config{AllowForm: true}, fakeStore{})
	want := photo.Labels{Name: "Grüße 1.jpg", Metadata: map[string]string{"album": "a<b>", "x.y": ""}}
	for _, form := range []string{"false", "true"} {
		body := `{"contentType":"image/jpeg","contentLength":5,"name":"Gr\u00fcße 1.jpg","metadata":{"album":"a<b>","x.y":""},"form":` + form + `}`
		if resp := rig.do(request("POST", uploads, "cats", body)); resp.StatusCode != 201 {
			t.Fatal(resp.StatusCode)
		}
		if diff := cmp.Diff(want, rig.signer.got.Labels); diff != "" || rig.signer.got.Owner != "ann" {
			t.Errorf("form %s: %s, owner %q", form, diff, rig.signer.got.Owner)
		}
	}
}

func TestLabelsAreChecked(t *testing.T) {
	long := func(n int) string { return strings.Repeat("v", n) }
	for name, c := range map[string]struct {
		members string
		slug    contract.Slug // empty: accepted
		detail  string        // part of it
	}{
		"empty":                {`"name":"","metadata":{}`, "", ""},
		"longest name":         {`"name":"` + long(255) + `"`, "", ""},
		"longer name":          {`"name":"` + long(256) + `"`, contract.ProblemMetadataInvalid, "name is 256 bytes long"},
		"control character":    {`"name":"a\u0000"`, contract.ProblemMetadataInvalid, "name has the control character U+0000"},
		"bad key":              {`"metadata":{"a b":"c"}`, contract.ProblemMetadataInvalid, `metadata has the key "a b"`},
		"as much as S3 keeps":  {`"metadata":{"a":"` + long(900) + `","b":"` + long(820) + `"}`, "", ""},
		"more than S3 keeps":   {`"metadata":{"a":"` + long(1000) + `","b":"` + long(1000) + `"}`, contract.ProblemMetadataInvalid, "too long in percent-encoding: S3 keeps 2048 bytes"},
		"more, encoded":        {`"metadata":{"a":"` + strings.Repeat("猫", 250) + `"}`, contract.ProblemMetadataInvalid, "too long in percent-encoding"},
		"name is no string":    {`"name":7`, contract.ProblemRequestInvalid, "name must be a string, but is a number."},
		"name is null":         {`"name":null`, contract.ProblemRequestInvalid, "name must be a string, but is null."},
		"metadata is a list":   {`"metadata":["a"]`, contract.ProblemRequestInvalid, "metadata must be an object, but is an array."},
		"a value is no string": {`"metadata":{"a":{"b":"c"}}`, contract.ProblemRequestInvalid, "metadata.a must be a string, but is an object."},
		"a key twice":          {`"metadata":{"a":"b","a":"c"}`, contract.ProblemRequestInvalid, "metadata.a occurs more than once"},
	} {
		rig := newRig(t, Config{}, fakeStore{})
		resp := rig.do(request("POST", uploads, "cats", `{"contentType":"image/jpeg","contentLength":5,`+c.members+`}`))
		var p contract.Problem
		if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
			t.Fatal(err)
		}
		if c.slug == "" {
			if resp.StatusCode != 201 {
				t.Errorf("%s: %d %+v", name, resp.StatusCode, p)
			}
			continue
		}
		if resp.StatusCode != 400 || p.Slug() != c.slug || !strings.Contains(p.Detail, c.detail) || rig.signer.got != nil {
			t.Errorf("%s: %d %+v", name, resp.StatusCode, p)
		}
	}
}

// TestLargestBatchFits: a body can hold the largest batch, each upload of it with as much as S3 keeps.
func TestLargestBatchFits(t *testing.T) {
	escaped := strings.Repeat(`\u732b`, 190) // 6 bytes in the body and 9 in S3
	one := fmt.Sprintf(`{"contentType":"image/jpeg","contentLength":5,"sha256":%q,"metadata":{"a":"%s"}}`, testDigest, escaped)
	body := `{"uploads":[` + strings.Repeat(one+",\n", contract.MaxBatch-1) + one + `]}`
	if resp := newRig(t, Config{}, fakeStore{}).do(request("POST", batch, "cats", body)); resp.StatusCode != 201 {
		t.Errorf("%d for a body of %d bytes", resp.StatusCode, len(body))
	}
}

func TestLabelsAreShown(t *testing.T) {
	labels := photo.Labels{Name: "a.jpg", Metadata: map[string]string{"album": "summer"}}
	m := readyManifest()
	m.Source.Labels = labels
	for name, store := range map[string]fakeStore{
		"ready":      {manifest: m},
		"processing": {source: &photo.Source{Labels: labels, Modified: testSource.Modified}},
	} {
		var got contract.Upload
		if err := json.NewDecoder(newRig(t, Config{}, store).do(request("GET", oneUpload, "cats", "")).Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(labels, photo.Labels{Name: got.Name, Metadata: got.Metadata}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
