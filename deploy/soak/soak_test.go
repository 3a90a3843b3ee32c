package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/soak/internal/check"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/report"
	"darkroom/deploy/soak/internal/trouble"
	"darkroom/deploy/testkit/programs"
)

const asProgram = "SOAK_TEST_AS_PROGRAM" // set in a child process: this binary is the program

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	programs.Main(m)
}

// small returns a short soak: bodies stall for less time than by default, outages are short, and more originals are
// removed and replaced.
func small(bin, data string) soakCommand {
	inject := faults.Typical(1)
	inject.StallFor = 5 * time.Second
	inject.S3Truncate = 0.04 // so few downloads would often have none otherwise
	return soakCommand{Erased: 30 * time.Second, Seed: 1, Seeds: 1, Workers: 3, Disturb: trouble.Settings{Kills: 4, Freezes: 1, Credentials: 1, Policies: 1, Outage: 3 * time.Second}, Faults: &inject, Wait: 4 * time.Minute, Quiet: time.Second, Data: data, Bin: bin,
		Mix: load.Mix{Photos: 180, Rate: 60, Bad: 0.05, HEIC: 0.05, Duplicates: 0.1, Reorder: 0.1, Poison: 0.02, Remove: 0.04, APIRemove: 0.08, Replace: 0.03, Reupload: 0.02}}
}

func TestSoak(t *testing.T) {
	t.Parallel()
	c := small(programs.Shared(t), t.TempDir())
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	r, err := c.soakSeed(t.Context(), 1, filepath.Join(c.Data, "seed-1"), c.Bin, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	r.Write(t.Output())
	if flaws := r.Flaws(); len(flaws) > 0 {
		t.Errorf("%q", flaws)
	}
	// A soak without trouble proves nothing.
	r.Disturbed.Outage = c.Disturb.Outage
	if len(r.Uploads) != 180 || r.Disturbed.Settings != c.Disturb || r.Work.Injected[report.Refused] == 0 || r.DeadLetters.Found != 4 || len(r.Manifests) < 150 || r.Processes.Peak == 0 || r.Processes.BeforeRun == 0 {
		t.Errorf("%d uploads, %+v, %d dead letters, %d manifests, %+v", len(r.Uploads), r.Disturbed, r.DeadLetters.Found, len(r.Manifests), r.Processes)
	}
	if !slices.ContainsFunc(r.Uploads, func(u *load.Upload) bool { return u.Removal.Late }) || !slices.ContainsFunc(r.Uploads, func(u *load.Upload) bool { return u.Removal.Before }) {
		t.Error("no old token was used")
	}
	if e := r.Erasures; e.Photos < 5 || e.Viewed == 0 || e.Requests < 4*e.Viewed {
		t.Errorf("too little was asked for after the erasures: %v", e)
	}
	for _, kind := range []string{"s3-5xx", "s3-slowdown", "s3-lost", "s3-truncate"} {
		if r.Work.Injected[kind] == 0 {
			t.Errorf("no fault %s was injected: %v", kind, r.Work.Injected)
		}
	}
	for _, name := range []string{"PUT darkroom-variants", "ReceiveMessage", "CreateInvalidation"} {
		if !strings.Contains(r.Work.PerPhoto(), name) {
			t.Errorf("no %s among the requests: %s", name, r.Work.PerPhoto())
		}
	}
}

// TestPurgeSkipped: the check finds the copies in the CDN if its purges have no effect.
func TestPurgeSkipped(t *testing.T) {
	t.Parallel()
	c := small(programs.Shared(t), t.TempDir())
	c.Workers, c.Disturb, c.Faults, c.Erased = 1, trouble.Settings{}, &faults.Config{CDNSkip: 1}, 15*time.Second
	c.Mix = load.Mix{Photos: 8, Rate: 60, APIRemove: 1}
	r, err := c.soakSeed(t.Context(), 1, filepath.Join(c.Data, "seed-1"), c.Bin, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	r.Write(t.Output())
	if r.Erasures.Viewed == 0 || r.Count(check.Readable) < 4*r.Erasures.Viewed || !slices.ContainsFunc(r.Flaws(), func(f string) bool { return strings.HasSuffix(f, string(check.Readable)) }) {
		t.Errorf("%v: %q, want each variant that was seen", r.Erasures, r.Flaws())
	}
	for _, f := range r.Findings {
		if !strings.Contains(f.Text, "hit from cloudfront") {
			t.Errorf("another finding: %v", f)
		}
	}
}

// An interrupted soak stops its processes, prints no table and leaves no folder behind.
func TestInterrupted(t *testing.T) {
	bin := programs.Shared(t)
	t.Setenv("TMPDIR", t.TempDir())
	c := small(bin, "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	begun := &trigger{on: "photos uploaded", do: cancel}
	err := c.run(ctx, &out, begun)
	if err == nil || err.Error() != "interrupted" || out.Len() > 0 {
		t.Errorf("%v, output %q", err, out.String())
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// trigger is a writer that calls do when it sees a text.
type trigger struct {
	on string
	do func()
}

func (t *trigger) Write(b []byte) (int, error) {
	if strings.Contains(string(b), t.on) {
		t.do()
	}
	return len(b), nil
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--help", "throughput"},
		{"soak --help", "--duplicates"},
		{"--photos 0", "--photos must be at least 1"},
		{"--rate 0", "--rate must be greater than 0"},
		{"--duplicates 101%", "not within"},
		{"--kills=-1", "--kills"},
		{"--freezes=-1", "--freezes"},
		{"--policy-outages=-1", "--policy-outages"},
		{"--outage 0s", "--outage"},
		{"--api-remove 60% --remove 60%", "add up to more than 100%"},
		{"--seeds 0", "--seeds"},
		{"--wait 0s", "--wait"},
		{"--erased-within=-1s", "--erased-within"},
		{"--faults s3-6xx=1%", "unknown fault"},
		{"--api http://127.0.0.1:1", "--api also needs QUEUE_URL (--queue-url)"},
		{"--queue-url http://127.0.0.1:1", "it needs --api"},
		{"throughput --photos 0", "--photos and --rounds"},
		{"throughput /no/such/photo.jpg", "no such file"},
	} {
		temporary := t.TempDir()
		cmd := exec.CommandContext(t.Context(), os.Args[0], strings.Fields(c.args)...)
		cmd.Env = []string{asProgram + "=1", "HOME=" + t.TempDir(), "TMPDIR=" + temporary}
		out, err := cmd.CombinedOutput()
		if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind %v, %v", c.args, left, err)
		}
		if !strings.Contains(string(out), c.want) || (err == nil) != strings.Contains(c.args, "--help") {
			t.Errorf("%s: %v, want %q in: %s", c.args, err, c.want, out)
		}
	}
}
