package tool

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// spy records skips and failures of a test. Like a real test, it stops its function then.
type spy struct {
	testing.TB
	skipped, failed string
}

func (s *spy) Helper()           {}
func (s *spy) Skip(args ...any)  { s.skipped = args[0].(string); panic(s) }
func (s *spy) Fatal(args ...any) { s.failed = args[0].(string); panic(s) }

func find(names ...string) (s *spy, path string) {
	s = &spy{}
	defer func() {
		if r := recover(); r != nil && r != s {
			panic(r)
		}
	}()
	return s, Find(s, names...)
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	want := filepath.Join(dir, "darkroom-tool")
	if err := os.WriteFile(want, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, ci := range []string{"", "1"} {
		t.Setenv("DARKROOM_CI", ci)
		if s, got := find("other", "darkroom-tool"); got != want || s.skipped+s.failed != "" {
			t.Errorf("found %q, %+v", got, s)
		}
		s, got := find("other", "another")
		said, silent := s.skipped, s.failed
		if ci == "1" {
			said, silent = silent, said
		}
		if got != "" || !strings.Contains(said, "other or another") || silent != "" {
			t.Errorf("DARKROOM_CI=%q: found %q, skipped %q, failed %q", ci, got, s.skipped, s.failed)
		}
	}
}
