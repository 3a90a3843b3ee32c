package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"darkroom/worker/internal/forecast"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// TestBackfillPlan plans a backfill from a listing and from an inventory, and runs one within a budget.
func TestBackfillPlan(t *testing.T) {
	t.Parallel()
	o := operate(t)
	dir := t.TempDir()
	writeJPEG(t, dir+"/p.jpg", 40, 30)
	picture, err := os.ReadFile(dir + "/p.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for range 5 {
		ref := photo.Ref{Board: "cats", ID: photo.NewID()}
		o.put(t, o.uploads, ref.Key(), picture)
		rows.WriteString(`"uploads","` + ref.Key() + `","500"` + "\n")
	}
	o.run(t, 0, "backfill")
	o.work(t)
	const specs = `[{"name":"large","width":1600,"height":1600,"fit":"inside"},{"name":"medium","width":800,"height":800,"fit":"inside"},
		{"name":"small","width":320,"height":320,"fit":"inside"},{"name":"thumb","width":256,"height":256,"fit":"fill"},{"name":"dot","width":9,"height":9,"fit":"fill"}]`

	wantIn(t, o.run(t, 0, "backfill", "--plan"), "5 originals", "counted in a listing of the uploads bucket", "sample: 5 photos", "to render: 0 photos", "0 PUT")
	text := o.run(t, 0, "backfill", "--plan", "--variants", specs)
	wantIn(t, text, "to render: 5 photos", "  spec dot: 5\n", "requests: 10 PUT, 5 LIST, 20 GET and HEAD", "error of the sample: 0.0 %", "20 tasks of 2 vCPU")
	if strings.Contains(text, "spec large") {
		t.Errorf("the plan renders what is there:\n%s", text)
	}
	if err := os.WriteFile(dir+"/list.csv", []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var f forecast.Forecast
	stdout, stderr, status := worker(t, o.env, "backfill", "--plan", "--json", "--inventory", dir+"/list.csv", "--sample", "0", "--cpu-per-photo", "36s", "--variants", specs)
	if err := json.Unmarshal([]byte(stdout), &f); status != 0 || err != nil || f.Originals != 5 || f.Bytes != 2500 || f.Photos != 5 || f.CPUHours != 0.05 || f.Requests.Put != 30 {
		t.Errorf("status %d, %v, %+v\n%s", status, err, f, stderr)
	}
	wantIn(t, o.run(t, 1, "backfill", "--plan", "--inventory", dir+"/none.csv"), "plan: ", "none.csv")
	wantIn(t, o.run(t, 1, "backfill", "--plan", "--uploads-bucket", "nowhere"), "plan: ", "NoSuchBucket")
	if events := len(o.bodies(t, o.queue)); events != 0 {
		t.Errorf("plans sent %d events", events)
	}

	// An assumed hour of processor time costs 0.04 USD a photo, and the requests next to nothing.
	budget := []string{"backfill", "--budget", "0.10", "--sample", "0", "--cpu-per-photo", "1h", "--variants", specs}
	text = o.run(t, 0, budget...)
	wantIn(t, text, "to render: 5 photos", "2 events sent", "0.08 of 0.10 USD spent", "stopped at --budget: continue with --after cats/")
	_, last, _ := strings.Cut(strings.TrimSpace(text), "--after ")
	wantIn(t, o.run(t, 0, append(budget, "--after", last)...), "to render: 3 photos", "2 events sent", "stopped at --budget")
	if events := len(o.bodies(t, o.queue)); events != 4 {
		t.Errorf("%d events, want 4", events)
	}

	// The run does what the plan said: it adds the new variants, and changes no others.
	before := o.stored(t)
	wantIn(t, o.run(t, 0, "backfill", "--variants", specs), "5 events sent")
	o.workWith(t, specs)
	added := 0
	for key, object := range o.stored(t) {
		old, ok := before[key]
		switch {
		case !ok && strings.Contains(key, "/dot-"):
			added++
		case strings.HasSuffix(key, photo.ManifestName) && object.ETag != old.ETag:
		case object.ETag != old.ETag || !object.Modified.Equal(old.Modified):
			t.Errorf("%s was written again: %+v, before %+v", key, object, old)
		}
	}
	if added != 5 {
		t.Errorf("%d variants were added, want 5", added)
	}
	wantIn(t, o.run(t, 0, "backfill", "--plan", "--variants", specs), "to render: 0 photos")
}

// stored returns what the variants bucket holds, by key.
func (o *operated) stored(t *testing.T) map[string]store.Object {
	t.Helper()
	objects := map[string]store.Object{}
	for e, err := range o.variants.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		objects[e.Key] = e.Object
	}
	return objects
}
