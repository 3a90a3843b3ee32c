package credit

import (
	"runtime"
	"strings"
	"testing"

	"darkroom/deploy/testkit/race"
)

// TestMemory compares the estimate with the bytes allocated for the most expensive packets.
func TestMemory(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates too")
	}
	const size = 128 << 10
	for name, part := range map[string]string{"attributes": "a=''", "elements": "<a/>", "namespaces": "xmlns:a='b' ", "items": "<r:li>x</r:li>"} {
		text := strings.Repeat(part, size/len(part))
		b := Blocks{XMP: packet("", `<dc:creator><r:Seq>`+text+`</r:Seq></dc:creator>`)}
		if part[0] != '<' {
			b.XMP = packet(text, "")
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b.Read(Fields)
		runtime.ReadMemStats(&after)
		if took, estimate := int64(after.TotalAlloc-before.TotalAlloc), b.Memory(); took > estimate {
			t.Errorf("%s: %d bytes were allocated, the estimate is %d", name, took, estimate)
		}
	}
	deflated := Blocks{XMP: []byte("x"), PackedXMP: true}
	if got := deflated.Memory(); got < MaxXMP {
		t.Errorf("a deflated packet is estimated at %d bytes", got)
	}
}
