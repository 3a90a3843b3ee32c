package credit

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"darkroom/worker/internal/exif"
)

// copyrights returns an EXIF block whose entries all point to the same text.
func copyrights(entries int, text string) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(entries))
	for range entries {
		b = le.AppendUint16(le.AppendUint16(b, exif.Copyright), 2)
		b = le.AppendUint32(le.AppendUint32(b, uint32(len(text))), uint32(8+2+12*entries+4))
	}
	return append(append(b, 0, 0, 0, 0), text...)
}

// TestRepeatedEXIF checks that entries that share a long text cost no more than one entry.
func TestRepeatedEXIF(t *testing.T) {
	for name, text := range map[string]string{"zero bytes": strings.Repeat("\x00", 1<<17), "blanks": strings.Repeat(" ", 1<<17), "Latin-1": strings.Repeat("\xa0", 1<<17)} {
		cost := func(entries int) float64 {
			block := copyrights(entries, text)
			return testing.AllocsPerRun(1, func() { readEXIF(block) })
		}
		if one, many := cost(1), cost(20); many > one+8 {
			t.Errorf("%s: %.0f allocations for 20 entries, want %.0f, as for one", name, many, one)
		}
	}
	if got := readEXIF(copyrights(3, "Ann\x00Bob\x00Cy\x00"))[Copyright]; got != "Ann; Bob" {
		t.Errorf("copyright %q", got)
	}
	if got := len(readEXIF(append(copyrights(1, strings.Repeat("x", 1<<17)), bytes.Repeat([]byte{0}, 9)...))[Copyright]); got != maxText {
		t.Errorf("%d bytes of a long text, want %d", got, maxText)
	}
}
