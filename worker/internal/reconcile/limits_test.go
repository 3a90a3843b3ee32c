package reconcile_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// TestLimitsOfTheTokenApply uses the pictures of the fake engine, which have 4 x 3 pixels.
func TestLimitsOfTheTokenApply(t *testing.T) {
	for name, c := range map[string]struct {
		limits, body string
		reason       photo.Reason
		detail       string
	}{
		"within all":           {"bytes=9&pixels=12&format=png&format=jpeg", "a", "", ""},
		"unreadable":           {"pixels=few", "a", "", ""},
		"bytes":                {"bytes=2", "abc", photo.ReasonTooLarge, "more than 2 bytes"},
		"more than the worker": {"bytes=99999", strings.Repeat("a", 200), photo.ReasonTooLarge, "more than 100 bytes"},
		"pixels":               {"pixels=11", "a", photo.ReasonTooManyPixels, "4 x 3 pixels"},
		"another format":       {"format=jpeg&format=webp", "heic", photo.ReasonUnsupported, "The picture is HEIC, which this board does not accept: save it as JPEG or WebP,"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}})
			w.uploads.Upload(w.ref.Key(), []byte(c.body), map[string]string{photo.MetaLimits: c.limits})
			if c.reason == "" {
				w.reconcile(t, reconcile.Rendered)
				return
			}
			w.reconcile(t, reconcile.Rejected)
			if m := w.manifest(t); m.Reason != c.reason || !strings.Contains(m.Detail, c.detail) {
				t.Errorf("%s: %q, want %s: %q", m.Reason, m.Detail, c.reason, c.detail)
			}
			if n := w.engine.renders.Load(); n != 0 {
				t.Errorf("rendered %d times", n)
			}
		})
	}
}

// TestUnreadableLimitsAreTheStrictest: if the limits of an original's token cannot be read, those of every board and of
// the worker apply, and those that could be read. An original without a token gets what its board accepts. Pictures
// have 4 x 3 pixels.
func TestUnreadableLimitsAreTheStrictest(t *testing.T) {
	const name = "darkroom_limits_problems_total"
	board := func(bytes, pixels int64, formats ...photo.Format) map[photo.Board]photo.Limits {
		return map[photo.Board]photo.Limits{"dogs": {MaxBytes: bytes, MaxPixels: pixels, Formats: formats}}
	}
	whole := "bytes=90&format=jpeg&format=heic&pixels=12"
	fewBytes, fewPixels, noJPEG := board(4, 0), board(0, 11), board(0, 0, photo.PNG, photo.HEIC)
	nothing := map[photo.Board]photo.Limits{"dogs": {Formats: []photo.Format{photo.PNG}}, "cows": {Formats: []photo.Format{photo.HEIC}}}
	own := map[photo.Board]photo.Limits{"cats": {MaxBytes: 4}}
	for title, c := range map[string]struct {
		boards  map[photo.Board]photo.Limits
		limits  string // "-" for none
		body    string
		reason  photo.Reason // empty: rendered
		problem string       // counted; empty for none
	}{
		"readable":                       {fewBytes, whole, "abcde", "", ""},
		"readable, beyond the promise":   {nil, "bytes=4&format=jpeg&pixels=12", "abcde", photo.ReasonTooLarge, ""},
		"damaged":                        {fewBytes, "%zz", "abcde", photo.ReasonTooLarge, "unreadable"},
		"damaged, within the strictest":  {fewBytes, "%zz", "abcd", "", "unreadable"},
		"empty":                          {fewPixels, "", "a", photo.ReasonTooManyPixels, "unreadable"},
		"cut off":                        {fewPixels, whole[:len(whole)-10], "a", photo.ReasonTooManyPixels, "unreadable"},
		"of an unknown version":          {noJPEG, whole + "&v=2", "a", photo.ReasonUnsupported, "unreadable"},
		"of an unknown version, a HEIC":  {noJPEG, whole + "&v=2", "heic", "", "unreadable"},
		"a number twice":                 {fewBytes, whole + "&bytes=99", "abcde", photo.ReasonTooLarge, "unreadable"},
		"a number twice, no boards":      {nil, "bytes=99&bytes=4&format=jpeg&pixels=12", "abcde", photo.ReasonTooLarge, "unreadable"},
		"a number below 0":               {fewPixels, "bytes=90&format=jpeg&pixels=-1", "a", photo.ReasonTooManyPixels, "unreadable"},
		"a number above 2^63":            {fewBytes, "bytes=99999999999999999999&format=jpeg&pixels=12", "abcde", photo.ReasonTooLarge, "unreadable"},
		"a number above the worker's":    {fewBytes, "bytes=9223372036854775807&format=jpeg&pixels=12", strings.Repeat("a", 101), photo.ReasonTooLarge, ""},
		"damaged beside what is read":    {nil, "bytes=4&format=jpeg&pixels=x", "abcde", photo.ReasonTooLarge, "unreadable"},
		"only unknown formats":           {nil, "bytes=90&format=tiff&pixels=12", "a", photo.ReasonUnsupported, "unreadable"},
		"boards with nothing in common":  {nothing, "%zz", "a", photo.ReasonUnsupported, "unreadable"},
		"damaged, no boards":             {nil, "%zz", "abcde", "", "unreadable"},
		"damaged, beyond the worker":     {nil, "%zz", strings.Repeat("a", 101), photo.ReasonTooLarge, "unreadable"},
		"no token":                       {fewBytes, "-", "abcde", "", "missing"},
		"no token, beyond the board":     {own, "-", "abcde", photo.ReasonTooLarge, "missing"},
		"no token, beyond the worker":    {nil, "-", strings.Repeat("a", 101), photo.ReasonTooLarge, "missing"},
		"readable, the board is changed": {own, whole, "abcde", "", ""},
	} {
		t.Run(title, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			var log bytes.Buffer
			w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}, Boards: c.boards,
				Metrics: reconcile.NewMetrics(reg), Log: slog.New(slog.NewTextHandler(&log, nil))})
			metadata := map[string]string{photo.MetaLimits: c.limits}
			if c.limits == "-" {
				metadata = nil
			}
			w.uploads.Upload(w.ref.Key(), []byte(c.body), metadata)
			want := reconcile.Rendered
			if c.reason != "" {
				want = reconcile.Rejected
			}
			w.reconcile(t, want)
			if m := w.manifest(t); m.Reason != c.reason || strings.Contains(m.Detail, "save it as ,") {
				t.Errorf("reason %q, want %q: %s", m.Reason, c.reason, m.Detail)
			}
			for problem, n := range counts(t, reg, name) {
				if (n == 1) != (problem == c.problem) {
					t.Errorf("%s of %s is %v", name, problem, n)
				}
			}
			warned := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), "key="+w.ref.Key())
			if warned != (c.problem == "unreadable") {
				t.Errorf("logged %s", &log)
			}
		})
	}
}

// FuzzLimits: whatever the metadata of an original says, nothing beyond the limits of the worker is rendered, and
// nothing beyond those of the strictest board unless the metadata is what the API writes.
func FuzzLimits(f *testing.F) {
	for _, s := range []string{"bytes=90&format=jpeg&pixels=12", "", "%zz", "bytes=90&bytes=1", "format=jpeg&pixels=-1", "bytes=90&format=jpeg&pixels=12&v=2"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, limits string, size int) {
		size = 1 + size&127
		w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}, Boards: map[photo.Board]photo.Limits{"dogs": {MaxBytes: 10}}})
		w.uploads.Upload(w.ref.Key(), bytes.Repeat([]byte("a"), size), map[string]string{photo.MetaLimits: limits})
		got, err := w.Reconcile(t.Context(), w.ref)
		if err != nil {
			t.Fatal(err)
		}
		promised, unreadable := photo.ParseLimits(limits)
		if got == reconcile.Rendered && (size > 100 || unreadable != nil && size > 10 || promised.MaxBytes > 0 && int64(size) > promised.MaxBytes) {
			t.Errorf("%q: rendered %d bytes", limits, size)
		}
		if written := (photo.Limits{MaxBytes: int64(size), MaxPixels: 12, Formats: []photo.Format{photo.JPEG}}).String(); limits == written && size <= 100 && got != reconcile.Rendered {
			t.Errorf("%q: %s", limits, got)
		}
	})
}

func TestRaisedLimitRendersOnlyWhatItRejected(t *testing.T) {
	small := reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 10, MaxPixels: 12}, Memory: 100}
	moreBytes, moreMemory := small, small
	moreBytes.Recipe.MaxBytes = 20
	moreMemory.Memory = 1000
	for name, tc := range map[string]struct {
		body   string
		memory int64
		raised reconcile.Config
		first  reconcile.Outcome
		then   reconcile.Outcome
	}{
		"ready, more bytes":       {"a", 1, moreBytes, reconcile.Rendered, reconcile.Unchanged},
		"ready, more memory":      {"a", 1, moreMemory, reconcile.Rendered, reconcile.Unchanged},
		"corrupt, more bytes":     {"corrupt:", 1, moreBytes, reconcile.Rejected, reconcile.Unchanged},
		"too large, the same":     {strings.Repeat("a", 15), 1, small, reconcile.Rejected, reconcile.Unchanged},
		"too large, more bytes":   {strings.Repeat("a", 15), 1, moreBytes, reconcile.Rejected, reconcile.Rendered},
		"too large, still":        {strings.Repeat("a", 25), 1, moreBytes, reconcile.Rejected, reconcile.Rejected},
		"too large, more memory":  {strings.Repeat("a", 15), 1, moreMemory, reconcile.Rejected, reconcile.Unchanged},
		"much memory, the same":   {"a", 500, small, reconcile.Rejected, reconcile.Unchanged},
		"much memory, more of it": {"a", 500, moreMemory, reconcile.Rejected, reconcile.Rendered},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, small)
			w.engine.memory = tc.memory
			w.uploads.Upload(w.ref.Key(), []byte(tc.body), nil)
			w.reconcile(t, tc.first)
			w.configure(t, tc.raised)
			w.reconcile(t, tc.then)
			w.reconcile(t, reconcile.Unchanged)
		})
	}
}
