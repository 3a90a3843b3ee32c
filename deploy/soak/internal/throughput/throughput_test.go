package throughput

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/local/samples"
	"darkroom/deploy/testkit/programs"
)

func TestThroughput(t *testing.T) {
	t.Parallel()
	bin, dir := programs.Build(t), t.TempDir()
	s, err := samples.Photo("a.jpg", 1000, 800, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, s.Name), s.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	c := Command{Paths: []string{dir}, Photos: 12, Rounds: 2, Bin: bin}
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
