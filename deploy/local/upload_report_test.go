package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"darkroom/deploy/client"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

func results() []client.Result {
	url := "http://127.0.0.1:9000/darkroom-variants/x?X-Amz-Signature=" + strings.Repeat("0", 1000)
	ready := contract.Upload{ID: "1", State: photo.Ready, Width: 12000, Height: 10000, Variants: []contract.Variant{{Name: "large", Width: 1600, Height: 1333, URL: url}}}
	damaged := ready
	damaged.Damaged = true
	return []client.Result{
		{Photo: client.Photo{Name: "photos/beach.jpg", Size: 2_400_000}, Outcome: client.Outcome{Upload: ready, Took: 1900 * time.Millisecond}},
		{Photo: client.Photo{Name: "photos/" + strings.Repeat("ä", 100) + "/end.jpg", Size: 999_999_999}, Outcome: client.Outcome{Upload: damaged, Took: 1000 * time.Second}},
		{Photo: client.Photo{Name: "photos/cut.jpg", Size: 12_000}, Outcome: client.Outcome{Took: time.Second / 4,
			Upload: contract.Upload{State: photo.Rejected, Reason: photo.ReasonTruncated, Detail: "Its end is missing."}}},
		{Photo: client.Photo{Name: "photos/late.jpg", Size: 7}, Err: errors.New("no answer")},
	}
}

func TestUploadReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		u := uploadReport{w: &out, counts: map[photo.State]int{}, start: time.Now()}
		for _, r := range results() {
			if err := u.add(r); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(3 * time.Second)
		if err := u.summary(); err != nil {
			t.Fatal(err)
		}
		want := `photos/beach.jpg                        ready     12000x10000    2.4 MB   1.9 s
…äääääääääääääääääääääääääääää/end.jpg  ready     12000x10000 1000.0 MB 1000.0 s
    the file is damaged: the variants show what could be read
photos/cut.jpg                          rejected                  12 kB   0.2 s
    truncated: Its end is missing.
photos/late.jpg                         failed                      7 B        ` + `
    no answer
4 photos, 2 ready, 1 rejected, 1 failed: 1002.4 MB in 3.0 s
`
		if out.String() != want {
			t.Errorf("got\n%s\nwant\n%s", out.String(), want)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSpace(line)); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
		if u.notReady() != 2 {
			t.Errorf("%d not ready", u.notReady())
		}
	})
}

func TestUploadReportForPrograms(t *testing.T) {
	var out strings.Builder
	u := uploadReport{w: &out, json: true, counts: map[photo.State]int{}}
	for _, r := range results() {
		if err := u.add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := u.summary(); err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for line := range strings.Lines(out.String()) {
		var o map[string]any
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, o)
	}
	if len(all) != 4 || all[0]["state"] != "ready" || all[0]["seconds"] != 1.9 || all[0]["bytes"] != 2.4e6 || all[2]["reason"] != "truncated" ||
		all[3]["error"] != "no answer" || all[3]["state"] != nil {
		t.Errorf("%v", all)
	}
	if v, ok := all[0]["variants"].([]any); !ok || !strings.HasPrefix(v[0].(map[string]any)["url"].(string), "http://") {
		t.Errorf("variants %v", all[0]["variants"])
	}
}

func TestUploadReportWithURLs(t *testing.T) {
	var out strings.Builder
	u := uploadReport{w: &out, urls: true, counts: map[photo.State]int{}}
	if err := u.add(results()[0]); err != nil || !strings.Contains(out.String(), "\n    large 1600x1333 http://127.0.0.1:9000/") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"a b.jpg":                              "a b.jpg",
		"é…<b>.jpg":                            "é…<b>.jpg",
		"two\nlines.jpg":                       `"two\nlines.jpg"`,
		"\x1b[31mred.jpg":                      `"\x1b[31mred.jpg"`,
		"gpj.\u202eevil":                       `"gpj.\u202eevil"`,
		"\xff.jpg":                             `"\xff.jpg"`,
		strings.Repeat("a", nameColumn):        strings.Repeat("a", nameColumn),
		"\n" + strings.Repeat("a", nameColumn): "…" + strings.Repeat("a", nameColumn-2) + `"`,
	} {
		if got := shortName(name); got != want {
			t.Errorf("shortName(%q) = %s, want %s", name, got, want)
		}
	}
}
