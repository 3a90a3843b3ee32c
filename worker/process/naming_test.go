package process

import "testing"

func TestBothNames(t *testing.T) {
	both := map[string]string{}
	for variable, flag := range map[string]string{"MAX_BYTES": "--max-bytes", "MAX": "--max", "DAMAGED": "--damaged", "VARIANTS": "--variants", "VARIANTS_BUCKET": "--variants-bucket", "MIN_TASKS": "--min-tasks"} {
		both[variable], both[flag] = variable+" ("+flag+")", variable+" ("+flag+")"
	}
	for text, want := range map[string]string{
		`run: VARIANTS: 0 specs: want 1 to 16`:                                                               `run: VARIANTS (--variants): 0 specs: want 1 to 16`,
		`run: VARIANTS_BUCKET: "VARIANTS" is not the name`:                                                   `run: VARIANTS_BUCKET (--variants-bucket): "VARIANTS" is not the name`,
		`--damaged must be one of "reject","accept" but got "--damaged"`:                                     `DAMAGED (--damaged) must be one of "reject","accept" but got "--damaged"`,
		`--max-bytes: expected a valid 64 bit int but got "64M" (from envar MAX_BYTES="64M")`:                `MAX_BYTES (--max-bytes): expected a valid 64 bit int but got "64M"`,
		`--max-bytes: expected a valid 64 bit int but got "6\"MAX_BYTES" (from envar MAX_BYTES="6\"MAX_B)")`: `MAX_BYTES (--max-bytes): expected a valid 64 bit int but got "6\"MAX_BYTES"`,
		`missing flags: --variants-bucket=NAME, --other=NAME`:                                                `these settings are required: VARIANTS_BUCKET (--variants-bucket), --other=NAME`,
		`MIN_TASKS (11) must not exceed MAX_TASKS (10)`:                                                      `MIN_TASKS (11) must not exceed MAX_TASKS (10)`,
		`MAX_BYTES: too much: lower MAX_BYTES, or MAX`:                                                       `MAX_BYTES (--max-bytes): too much: lower MAX_BYTES, or MAX (--max)`,
		`unknown flag --max-byte, did you mean "--max-bytes"?`:                                               `unknown flag --max-byte, did you mean "--max-bytes"?`,
		`--timeout: 0s is not within`:                                                                        `--timeout: 0s is not within`,
	} {
		if got := bothNames(text, both); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
