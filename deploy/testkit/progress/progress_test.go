package progress

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := New(&out)
		for i := range 31 {
			l.Update("%d photos", i)
			time.Sleep(time.Second)
		}
		l.Print("last round")
		l.Update("too soon")
		l.Clear()
		l.Update("after Clear")
		want := "0 photos\n10 photos\n20 photos\n30 photos\nlast round\nafter Clear\n"
		if out.String() != want {
			t.Errorf("output %q, want %q", out.String(), want)
		}
	})
}

func TestTerminalRedrawsOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := New(&out)
		l.terminal = true
		calls := 0
		stop := l.Follow(t.Context(), func() string { calls++; return fmt.Sprint(calls, " photos") })
		time.Sleep(time.Second - time.Millisecond)
		stop()
		if want := "\r\033[K1 photos\r\033[K2 photos\r\033[K3 photos\r\033[K4 photos\r\033[K"; out.String() != want {
			t.Errorf("output %q, want %q", out.String(), want)
		}
		if strings.Contains(out.String(), "\n") {
			t.Error("a terminal got more than one line")
		}
	})
}
