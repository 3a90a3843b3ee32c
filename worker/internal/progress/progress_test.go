package progress

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestALineEveryTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := New(&out, false, -1)
		for i := range 61 {
			l.Step(1, "%d photos", i)
			time.Sleep(500 * time.Millisecond)
		}
		l.Close()
		if want := "20 photos\n40 photos\n60 photos\n"; out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	})
}

func TestTerminal(t *testing.T) {
	for _, total := range []int{-1, 3} {
		var out bytes.Buffer
		l := New(&out, true, total)
		l.Step(1, "one photo")
		l.Close()
		if !strings.Contains(out.String(), "one photo") || strings.Contains(out.String(), "\n") {
			t.Errorf("of %d: %q, want a line that changes", total, out.String())
		}
	}
}

func TestNone(t *testing.T) {
	var l *Line
	l.Step(1, "nothing")
	l.Close()
}
