package status

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"darkroom/worker/internal/printable"
)

// mostTroubles bounds how many kinds of trouble are kept. The latest ones stay.
const mostTroubles = 20

// Recent keeps the latest log record of each kind of trouble: warnings, errors, and records with a reason or a cause.
// Two records are of one kind if their message and their reason are the same.
type Recent struct {
	mu  sync.Mutex
	all map[string]*Trouble
}

// Trouble is a kind of trouble and its latest record. What is not printable is escaped.
type Trouble struct {
	What   string // message of the record
	Reason string // attribute reason; may be empty
	Count  int
	Last   time.Time
	Key    string // key of the photo, in the latest record
	Detail string // the last of the attributes error, detail and cause, in the latest record
}

// NewRecent returns an empty Recent.
func NewRecent() *Recent { return &Recent{all: map[string]*Trouble{}} }

// Handler returns a handler that passes every record on to h and keeps those that are trouble.
func (r *Recent) Handler(h slog.Handler) slog.Handler { return &recorder{Handler: h, recent: r} }

// List returns the kinds of trouble, the latest first.
func (r *Recent) List() []Trouble {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Trouble, 0, len(r.all))
	for _, t := range r.all {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b Trouble) int { return cmp.Or(b.Last.Compare(a.Last), strings.Compare(a.What, b.What)) })
	return list
}

func (r *Recent) note(t Trouble) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kind := t.What + "\x00" + t.Reason
	if old, ok := r.all[kind]; ok {
		t.Count = old.Count
	} else if len(r.all) == mostTroubles {
		oldest := ""
		for k, o := range r.all {
			if oldest == "" || o.Last.Before(r.all[oldest].Last) {
				oldest = k
			}
		}
		delete(r.all, oldest)
	}
	t.Count++
	r.all[kind] = &t
}

// recorder is the handler of a Recent.
type recorder struct {
	slog.Handler
	recent *Recent
	attrs  []slog.Attr // attributes of the logger
}

// Handle keeps a record that is trouble. Enabled is that of the wrapped handler, so records that are not logged are not
// kept.
func (h *recorder) Handle(ctx context.Context, r slog.Record) error {
	t := Trouble{What: r.Message, Last: r.Time}
	caused := false
	read := func(a slog.Attr) bool {
		caused = caused || a.Key == "cause"
		switch a.Key {
		case "reason":
			t.Reason = printable.Escape(a.Value.String())
		case "key":
			t.Key = printable.Escape(a.Value.String())
		case "error", "detail", "cause":
			t.Detail = printable.Escape(a.Value.String())
		}
		return true
	}
	for _, a := range h.attrs {
		read(a)
	}
	r.Attrs(read)
	if r.Level >= slog.LevelWarn || t.Reason != "" || caused {
		h.recent.note(t)
	}
	return h.Handler.Handle(ctx, r)
}

func (h *recorder) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &recorder{Handler: h.Handler.WithAttrs(attrs), recent: h.recent, attrs: append(slices.Clip(h.attrs), attrs...)}
}

func (h *recorder) WithGroup(name string) slog.Handler {
	return &recorder{Handler: h.Handler.WithGroup(name), recent: h.recent, attrs: h.attrs}
}
