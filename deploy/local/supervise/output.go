package supervise

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// lines splits the output into lines, passes each on, and keeps the last ones for [Process.Err]: warnings, errors and
// lines that are not log records, and a few others.
type lines struct {
	each func(string)

	mu            sync.Mutex
	part          []byte
	severe, other []string
}

const (
	keepSevere, keepOther = 20, 3
	maxLine               = 64 << 10 // bytes; a longer line is split
)

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range b {
		if c == '\n' || len(l.part) == maxLine {
			l.end()
		}
		if c != '\n' {
			l.part = append(l.part, c)
		}
	}
	return len(b), nil
}

func (l *lines) end() {
	line := strings.TrimRight(string(l.part), "\r")
	l.part = l.part[:0]
	if level, text := Message(line); level >= slog.LevelWarn {
		l.severe = append(l.severe, text)
		l.severe = l.severe[max(0, len(l.severe)-keepSevere):]
	} else {
		l.other = append(l.other, text)
		l.other = l.other[max(0, len(l.other)-keepOther):]
	}
	if l.each != nil {
		l.each(line)
	}
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.part) > 0 {
		l.end()
	}
}

func (l *lines) tail() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.severe) == 0 {
		return slices.Clone(l.other)
	}
	return slices.Clone(l.severe)
}
