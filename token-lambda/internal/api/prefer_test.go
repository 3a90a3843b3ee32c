package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"darkroom/token-lambda/contract"
)

func TestPreferredWait(t *testing.T) {
	const none = -1
	for _, c := range []struct {
		headers string // separated by newlines
		want    time.Duration
	}{
		{"wait=10", 10 * time.Second},
		{"WAIT=10", 10 * time.Second},
		{"respond-async, wait=10", 10 * time.Second}, // RFC 7240, section 4.3
		{"respond-async\nwait=10", 10 * time.Second},
		{`foo; bar`, none}, // these five are of section 2
		{`foo; bar=""`, none},
		{`foo=""; bar`, none},
		{`return=minimal; foo="some parameter"`, none},
		{"handling=lenient, wait=7, respond-async", 7 * time.Second},
		{`wait="10"`, 10 * time.Second},
		{`wait="1\0"`, 10 * time.Second},
		{"wait\t= 10 ; a=b", 10 * time.Second},
		{`wait=10;a="x, wait=3"`, 10 * time.Second},
		{`a="x, wait=3", wait=10`, 10 * time.Second},
		{`a="x\", wait=3", wait=10`, 10 * time.Second},
		{`a; wait=3`, none}, // a parameter of another preference
		{`a;wait=3, wait=4`, 4 * time.Second},
		{",, wait=10,", 10 * time.Second},
		{"wait=5, wait=10", 5 * time.Second},
		{"wait=5\nwait=10", 5 * time.Second},
		{"wait=x, wait=10", none}, // only the first counts
		{"wait=0", 0},
		{"wait=0007", 7 * time.Second},
		{"wait=21", contract.MaxWait},
		{"wait=4294967296", contract.MaxWait},
		{"wait=" + strings.Repeat("9", 99), contract.MaxWait},
		{"wait", none},
		{"wait=", none},
		{`wait=""`, none},
		{`wait="`, none},
		{`wait="10`, none},
		{"wait=-1", none},
		{"wait=+1", none},
		{"wait=1.5", none},
		{"wait=20s", none},
		{"waiting=10", none},
		{"wait==10", none},
		{"", none},
		{"\\", none},
		{`"wait=10"`, none},
	} {
		h := http.Header{"Prefer": strings.Split(c.headers, "\n")}
		wait, ok := preferredWait(h)
		if want := c.want != none; ok != want || ok && wait != c.want || !ok && wait != 0 {
			t.Errorf("%q: %v %v, want %v", c.headers, wait, ok, c.want)
		}
	}
	if wait, ok := preferredWait(http.Header{}); ok || wait != 0 {
		t.Errorf("no header: %v %v", wait, ok)
	}
}

func FuzzPreferredWait(f *testing.F) {
	f.Add("respond-async, wait=10")
	f.Add(`a="x\", wait=3"; b, wait="1\0"`)
	f.Add(`"\`)
	f.Fuzz(func(t *testing.T, value string) {
		wait, ok := preferredWait(http.Header{"Prefer": {value}})
		if wait < 0 || wait > contract.MaxWait || !ok && wait != 0 || wait%time.Second != 0 {
			t.Errorf("%q: %v %v", value, wait, ok)
		}
		if ok && !strings.Contains(strings.ToLower(value), "wait") {
			t.Errorf("%q has no wait", value)
		}
		// A list is the same as several headers, and what stands before does not matter.
		before, okBefore := preferredWait(http.Header{"Prefer": {`respond-async; a="b, wait=1"`, value}})
		list, okList := preferredWait(http.Header{"Prefer": {`respond-async; a="b, wait=1", ` + value}})
		if before != wait || list != wait || okBefore != ok || okList != ok {
			t.Errorf("%q alone: %v, after another header: %v, after another preference: %v", value, wait, before, list)
		}
	})
}
