package render

import (
	"fmt"
	"io"
	"sync"

	"github.com/schollz/progressbar/v3"

	"darkroom/worker/photo"
	"darkroom/worker/plural"
)

// progress shows the user how far the run is, and counts failures.
type progress struct {
	mu    sync.Mutex // guards the fields below, and keeps lines whole
	w     io.Writer
	bar   *progressbar.ProgressBar // nil if w is no terminal
	count int                      // failures
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

// reportDone reports a rendered photo: variants that miss their score, damage, and why its gain map is left out or its
// animation shows one frame. On a terminal the bar is enough for photos without any of these.
func (p *progress) reportDone(in input, m *photo.Manifest, damage, lostAnimation, lostHDR error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil || damage != nil || lostAnimation != nil || lostHDR != nil {
		p.line("%s: %d x %d %s, %s in %s", in.path, m.Photo.Width, m.Photo.Height, m.Photo.Format, plural.Count(len(m.Variants), "variant"), in.folder)
	}
	for _, v := range m.Variants {
		if v.ScoreMissed {
			p.line("%s: variant %s, %s: no quality reaches the score of its spec; the best scores %.1f", in.path, v.Name, v.ContentType, v.Score)
		}
	}
	if damage != nil {
		p.line("%s: damaged: %v", in.path, damage)
	}
	if lostAnimation != nil {
		p.line("%s: %v", in.path, lostAnimation)
	}
	if lostHDR != nil {
		p.line("%s: rendered without its gain map: %v", in.path, lostHDR)
	}
	p.step()
}

// reportFailure reports a path that was not rendered.
func (p *progress) reportFailure(path string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	p.line("%s: %v", path, err)
	p.step()
}

// line writes a line in place of the bar.
func (p *progress) line(format string, args ...any) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.w, format+"\n", args...)
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

// close removes the bar.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
