package supervise

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	for _, c := range []struct {
		line  string
		level slog.Level
		want  string
	}{
		{`{"time":"2026-01-02T03:04:05Z","level":"WARN","msg":"slow","program":"worker","key":"cats/1","n":3,"error":"it broke"}`,
			slog.LevelWarn, `WARN slow error="it broke" key=cats/1 n=3`},
		{`{"level":"INFO","msg":"up","group":{"a":[1,2]}}`, slog.LevelInfo, `INFO up group={"a":[1,2]}`},
		{`{"level":"ERROR+2","msg":"x"}`, slog.LevelError + 2, `ERROR+2 x`},
		{`{"level":7,"msg":"x"}`, slog.LevelError, `{"level":7,"msg":"x"}`},
		{`{"msg":"no level"}`, slog.LevelError, `{"msg":"no level"}`},
		{`time=2026-01-02T03:04:05Z level=DEBUG msg=x`, slog.LevelDebug, `time=2026-01-02T03:04:05Z level=DEBUG msg=x`},
		{`panic: oh no`, slog.LevelError, `panic: oh no`},
		{`{broken`, slog.LevelError, `{broken`},
		{``, slog.LevelError, ``},
	} {
		if level, got := Message(c.line); level != c.level || got != c.want {
			t.Errorf("%s:\n got %s %s\nwant %s %s", c.line, level, got, c.level, c.want)
		}
	}
}

func TestLongLinesComeInPieces(t *testing.T) {
	var got []int
	l := &lines{each: func(s string) { got = append(got, len(s)) }}
	l.Write([]byte(strings.Repeat("x", maxLine+10) + "\r\nrest"))
	l.flush()
	if fmt.Sprint(got) != fmt.Sprint([]int{maxLine, 10, 4}) {
		t.Errorf("pieces of %v", got)
	}
}

func TestTail(t *testing.T) {
	l := &lines{}
	for i := range 100 {
		fmt.Fprintf(l, `{"level":"INFO","msg":"%d"}`+"\n", i)
	}
	if tail := l.tail(); len(tail) != keepOther || tail[keepOther-1] != "INFO 99" {
		t.Errorf("tail %q", tail)
	}
	for i := range 100 {
		fmt.Fprintln(l, "line", i)
		fmt.Fprintln(l, `{"level":"INFO","msg":"chatter"}`)
	}
	if tail := l.tail(); len(tail) != keepSevere || tail[0] != "line 80" || tail[keepSevere-1] != "line 99" {
		t.Errorf("tail %q", tail)
	}
}
