package flagdocs

import "testing"

func TestNamedOnce(t *testing.T) {
	settings := []string{"MAX_BYTES", "--max-bytes", "MAX", "--max"}
	for message, want := range map[string]string{
		"MAX_BYTES (--max-bytes): 0 is less than 1":           "",
		"MAX_BYTES (--max-bytes): lower MAX_BYTES":            "",
		"MAX_BYTES: 0 is less than 1":                         "MAX_BYTES",
		"--max-bytes: 0 is less than 1":                       "--max-bytes",
		"MAX_BYTES (--max-bytes) must not exceed MAX":         "MAX",
		"MAX (3) must not exceed MAX_BYTES (2)":               "",
		`MAX (--max) must be one of "MAX_BYTES", "--max"`:     "",
		"--timeout: 0s is less than 1s, and OTHER is not set": "",
	} {
		if got := namedOnce(message, settings); got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}
