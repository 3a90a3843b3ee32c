package fakesqs

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "queues.db")
		b := newBench(t, path)
		b.must(b.updateTags("free", map[string]string{"k": "v"}, nil))
		heldID := b.put("free", "held", 0)
		held := b.get("free")
		deletedID := b.put("free", "deleted", 0)
		deleted := b.get("free")
		b.put("free", "delayed", time.Minute)
		dead := b.put("q", "dead", 0)
		for range testReceives {
			b.must(b.extend("q", b.get("q"), 0))
		}
		b.empty("q")
		before, err := b.describe("q", []string{"All"})
		b.must(err)
		b.drop("free", deleted)
		newestID := b.put("free", "newest", time.Hour)
		newest := b.seq
		b.must(b.close())

		time.Sleep(10 * time.Second)
		s, err := Open(Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		b = &bench{t, s.core}
		after, err := b.describe("q", []string{"All"})
		b.must(err)
		if fmt.Sprint(after) != fmt.Sprint(before) {
			b.Errorf("attributes %v, want %v", after, before)
		}
		b.must(b.withQueue("free", func(q *queue, _ time.Time) error {
			if q.tags["k"] != "v" {
				b.Errorf("tags %v", q.tags)
			}
			return nil
		}))
		b.counts("free", 0, 1, 2)
		if d := b.get("d"); d.ID != dead || d.receives != testReceives+1 || d.source != b.arn("q") || d.Body != "dead" {
			b.Errorf("dead letter: %+v", d)
		}
		b.took(20*time.Second, func() { // the visibility timeout continues
			if d := b.poll("free", maxWait); d == nil || d.ID != heldID || d.receives != 2 || !d.first.Equal(held.first) {
				b.Errorf("after the restart: %+v", d)
			}
		})
		b.drop("free", held) // stale
		b.counts("free", 0, 1, 2)
		if b.seq != newest {
			b.Errorf("seq %d, want %d: a new message must not reuse the number of an earlier one", b.seq, newest)
		}
		time.Sleep(time.Hour)
		for range 3 {
			if d := b.get("free"); d.ID == deletedID {
				b.Error("a deleted message came back")
			} else if d.ID == newestID {
				b.must(b.close())
				s, err = Open(Config{Path: path})
				if err != nil {
					t.Fatal(err)
				}
				b = &bench{t, s.core}
				b.drop("free", d) // a handle from before the restart still works
			}
		}
		b.counts("free", 0, 2, 0)
		b.must(b.close())
	})
}

// TestKill kills a process that sends messages, and checks that every acknowledged message survives.
func TestKill(t *testing.T) {
	const variable = "DARKROOM_SQS_KILL_FILE"
	if path := os.Getenv(variable); path != "" {
		s := open(t, path)
		if err := s.EnsureQueue("q", nil); err != nil {
			t.Fatal(err)
		}
		for i := 0; ; i++ {
			if err := s.Send("q", fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
			fmt.Printf("sent %d\n", i)
		}
	}
	path := filepath.Join(t.TempDir(), "queues.db")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
	child.Env = append(os.Environ(), variable+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := -1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "sent %d", &acknowledged); err == nil && acknowledged == 300 {
			_ = child.Process.Kill() // the loop still reads what it wrote to the pipe before
		}
	}
	_ = child.Wait() // killed
	if acknowledged < 300 {
		t.Fatalf("the child sent %d messages", acknowledged+1)
	}
	s := open(t, path)
	found := map[string]bool{}
	for {
		got, err := s.core.receive(t.Context(), "q", receiveOptions{max: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			break
		}
		for _, d := range got {
			found[d.Body] = true
		}
	}
	for i := range acknowledged + 1 {
		if !found[fmt.Sprint(i)] {
			t.Errorf("message %d of %d was acknowledged but is lost", i, acknowledged)
		}
	}
}
