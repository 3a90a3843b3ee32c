package render

import (
	"fmt"
	"io"
	"sync"

	"github.com/schollz/progressbar/v3"

	"darkroom/worker/photo"
)

// progress tells the user how far the run is and counts what failed.
type progress struct {
	mu    sync.Mutex // guards all below, and keeps lines whole
	w     io.Writer
	bar   *progressbar.ProgressBar // nil without a terminal
	count int                      // of failures
}

func newProgress(cfg Config, total int) *progress {
	p := &progress{w: cfg.Progress}
	if cfg.Terminal {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(cfg.Progress),
			progressbar.OptionSetDescription("rendering"),
			progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish())
	}
	return p
}

// done reports a photo that became variants. On a terminal the bar says enough.
func (p *progress) done(in input, m *photo.Manifest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		fmt.Fprintf(p.w, "%s: %d x %d %s, %d variants in %s\n", in.path, m.Photo.Width, m.Photo.Height, m.Photo.Format, len(m.Variants), in.folder)
	}
	p.step()
}

// failed reports a path that did not become variants.
func (p *progress) failed(path string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	if p.bar != nil {
		_ = p.bar.Clear() // of what a terminal may refuse, the line below says it too
	}
	fmt.Fprintf(p.w, "%s: %v\n", path, err)
	p.step()
}

func (p *progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1) // a bar that cannot be drawn is no reason to stop
	}
}

func (p *progress) failures() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// close takes the bar away.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
