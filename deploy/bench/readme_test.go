package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadme checks that the tables of the page are what the program writes for the committed report.
func TestReadme(t *testing.T) {
	var r report
	if err := json.Unmarshal([]byte(readFile(t, resultsName)), &r); err != nil {
		t.Fatal(err)
	}
	page := readFile(t, pageName)
	want, err := replaceResults([]byte(page), r.markdown())
	if err != nil {
		t.Fatal(err)
	}
	if page != string(want) {
		t.Errorf("the results on the page are not those of %s: run the benchmark with --readme", resultsName)
	}
}

func TestWriteReadme(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, pageName)
	if err := testReport().writeReadme(dir); err == nil || !strings.Contains(err.Error(), "root of the source") {
		t.Errorf("no page: %v", err)
	}
	for _, c := range []struct {
		page string
		good bool
	}{{"a\n", false}, {"a\n" + pageStart, false}, {"a\n" + pageStart + "old\n" + pageEnd + "b\n", true}} {
		if err := os.WriteFile(path, []byte(c.page), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := testReport().writeReadme(dir); (err == nil) != c.good {
			t.Errorf("%q: %v", c.page, err)
		}
	}
	page := readFile(t, path)
	if !strings.HasPrefix(page, "a\n"+pageStart) || !strings.HasSuffix(page, pageEnd+"b\n") || strings.Contains(page, "old") {
		t.Errorf("the page is\n%s", page)
	}
	for _, want := range []string{"| side | cpu ms |", "baseline, mean of 2, to jpeg:", "| darkroom | jpeg | "} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
}

func TestReplaceRows(t *testing.T) {
	old := testReport()
	newer := testReport()
	newer.Photos, newer.Means = slices.Clone(newer.Photos[:1]), slices.Clone(newer.Means[:1])
	newer.Photos[0].Sides = slices.Clone(newer.Photos[0].Sides)
	newer.Photos[0].Sides[0].CPU.Median *= 2
	newer.Bills = nil
	got, err := old.replaceRows(newer)
	if err != nil {
		t.Fatal(err)
	}
	want := testReport()
	want.Photos[0] = newer.Photos[0]
	want.Bills = bills(want.Photos)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("replaced (-want +got):\n%s", diff)
	}
	for name, change := range map[string]func(*report){
		"other rounds":  func(r *report) { r.Rounds++ },
		"other program": func(r *report) { r.Versions.Worker = "worker 2" },
		"other photo":   func(r *report) { r.Photos[0].Name = "c.jpg" },
		"other format":  func(r *report) { r.Means[0].Format = "jxl" },
	} {
		r := testReport()
		r.Photos, r.Means = slices.Clone(r.Photos), slices.Clone(r.Means)
		change(&r)
		if _, err := old.replaceRows(r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
