package render

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// stopAfter is a writer that cancels after a number of lines.
type stopAfter struct {
	mu     sync.Mutex
	lines  int
	cancel context.CancelFunc
}

func (s *stopAfter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines--; s.lines == 0 {
		s.cancel()
	}
	return len(p), nil
}

func TestCancelLeavesNoHalfWrittenFile(t *testing.T) {
	files := map[string][]byte{}
	for i := range 60 {
		files["photo"+string(rune('A'+i))+".png"] = picture(t, 60, 40, uint8(i))
	}
	in := writeTree(t, files)
	cfg, _ := config(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg.Progress, cfg.Renders = &stopAfter{lines: 5, cancel: cancel}, 3
	_, err := Files(ctx, cfg, []string{in})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	whole := 0
	for _, name := range listFiles(t, cfg.Out) {
		if strings.Contains(name, "/.") {
			t.Errorf("%s was left", name)
		}
		if folder, ok := strings.CutSuffix(name, "/manifest.json"); ok {
			whole++
			for _, v := range manifest(t, filepath.Join(cfg.Out, folder)).Variants {
				if _, err := os.Stat(filepath.Join(cfg.Out, folder, v.Name+".jpg")); err != nil {
					t.Errorf("the manifest of %s names a file that does not exist: %v", folder, err)
				}
			}
		}
	}
	if whole < 5 || whole > 20 {
		t.Errorf("%d photos of 60 were finished, want few more than 5", whole)
	}
}
