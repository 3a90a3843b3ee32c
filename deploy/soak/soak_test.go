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
	"darkroom/deploy/local/samples"
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
	return soakCommand{Erased: 30 * time.Second, Seed: 1, Seeds: 1, Workers: 3, Disturb: disturbances{Kills: 4, Freezes: 1, Credentials: 1, Policies: 1, Outage: 3 * time.Second}, Faults: &inject, Wait: 4 * time.Minute, Quiet: time.Second, Data: data, Bin: bin,
		Mix: mix{Photos: 180, Rate: 60, Bad: 0.05, HEIC: 0.05, Duplicates: 0.1, Reorder: 0.1, Poison: 0.02, Remove: 0.04, APIRemove: 0.08, Replace: 0.03, Reupload: 0.02}}
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
	r.write(t.Output())
	if flaws := r.flaws(); len(flaws) > 0 {
		t.Errorf("%q", flaws)
	}
	// A soak without trouble proves nothing.
	r.disturbed.Outage = c.Disturb.Outage
	if len(r.uploads) != 180 || r.disturbed.disturbances != c.Disturb || r.work.injected[refused] == 0 || r.letters.found != 4 || len(r.manifests) < 150 || r.processes.peak == 0 || r.processes.idle == 0 {
		t.Errorf("%d uploads, %+v, %d dead letters, %d manifests, %+v", len(r.uploads), r.disturbed, r.letters.found, len(r.manifests), r.processes)
	}
	if !slices.ContainsFunc(r.uploads, func(u *upload) bool { return u.removal.late }) || !slices.ContainsFunc(r.uploads, func(u *upload) bool { return u.removal.before }) {
		t.Error("no old token was used")
	}
	if e := r.erasures; e.photos < 5 || e.viewed == 0 || e.asked < 4*e.viewed {
		t.Errorf("too little was asked for after the erasures: %v", e)
	}
	for _, kind := range []string{"s3-5xx", "s3-slowdown", "s3-lost", "s3-truncate"} {
		if r.work.injected[kind] == 0 {
			t.Errorf("no fault %s was injected: %v", kind, r.work.injected)
		}
	}
	for _, name := range []string{"PUT darkroom-variants", "ReceiveMessage"} {
		if !strings.Contains(r.work.perPhoto(), name) {
			t.Errorf("no %s among the requests: %s", name, r.work.perPhoto())
		}
	}
}

// TestPurgeSkipped: the check finds the copies in the CDN if its purges have no effect.
func TestPurgeSkipped(t *testing.T) {
	t.Parallel()
	c := small(programs.Shared(t), t.TempDir())
	c.Workers, c.Disturb, c.Faults, c.Erased = 1, disturbances{}, &faults.Config{CDNSkip: 1}, 15*time.Second
	c.Mix = mix{Photos: 8, Rate: 60, APIRemove: 1}
	r, err := c.soakSeed(t.Context(), 1, filepath.Join(c.Data, "seed-1"), c.Bin, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	r.write(t.Output())
	if r.erasures.viewed == 0 || r.count(readable) < 4*r.erasures.viewed || !slices.ContainsFunc(r.flaws(), func(f string) bool { return strings.HasSuffix(f, string(readable)) }) {
		t.Errorf("%v: %q, want each variant that was seen", r.erasures, r.flaws())
	}
	for _, f := range r.findings {
		if !strings.Contains(f.text, "hit from cloudfront") {
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

func TestThroughput(t *testing.T) {
	t.Parallel()
	bin, dir := programs.Shared(t), t.TempDir()
	s, err := samples.Photo("a.jpg", 1000, 800, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, s.Name), s.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	c := throughputCommand{Paths: []string{dir}, Photos: 12, Rounds: 2, Bin: bin}
	var out bytes.Buffer
	if err := c.run(t.Context(), &out, t.Output()); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	for _, want := range []string{"12 photos per round, 2 rounds", "wall", "CPU"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	bad, err := samples.SmallBad(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.jpg"), bad.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.run(t.Context(), &out, t.Output()); err == nil || !strings.Contains(err.Error(), "rejected: truncated") {
		t.Errorf("a photo that cannot be rendered: error %v", err)
	}
}

func TestWriteThroughput(t *testing.T) {
	var out bytes.Buffer
	ratio := writeThroughput(&out, 10, []cost{{time.Second, time.Second}, {3 * time.Second, time.Second}}, []cost{{2 * time.Second, time.Second}, {3 * time.Second, 2 * time.Second}})
	if ratio != 0.75 || !strings.Contains(out.String(), "wall       200.0 (100.0-300.0)   250.0 (200.0-300.0)   0.75 (0.50-1.00)") {
		t.Errorf("%v:\n%s", ratio, out.String())
	}
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
