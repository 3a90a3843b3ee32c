package printable

import "testing"

func TestPrintable(t *testing.T) {
	for _, tc := range []struct{ s, text, escape string }{
		{"cats/1", "cats/1", "cats/1"},
		{"", "", ""},
		{"ä 日本 🐈", "ä 日本 🐈", "ä 日本 🐈"},
		{`a"b`, `a"b`, `a"b`},
		{`"a"`, `"\"a\""`, `"a"`},
		{`a\x1b`, `a\x1b`, `a\x1b`},
		{"a\x1b[31mb", `"a\x1b[31mb"`, `a\x1b[31mb`},
		{"a\nb\tc\r", `"a\nb\tc\r"`, "a\nb\\tc\\r"},
		{"\x9b31m", `"\x9b31m"`, `\x9b31m`},
		{"\u009b31m", `"\u009b31m"`, `\u009b31m`},
		{"a\u202eb", `"a\u202eb"`, `a\u202eb`},
		{"a\u00a0b", `"a\u00a0b"`, `a\u00a0b`},
		{"\x00\x7f\uFFFE", `"\x00\x7f\ufffe"`, `\x00\x7f\ufffe`},
	} {
		if got := Text(tc.s); got != tc.text {
			t.Errorf("Text(%q) = %s, want %s", tc.s, got, tc.text)
		}
		if got := Escape(tc.s); got != tc.escape {
			t.Errorf("Escape(%q) = %q, want %q", tc.s, got, tc.escape)
		}
	}
}
