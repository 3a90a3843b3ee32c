package flagdocs

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

type program struct {
	Run struct {
		Queue  string `required:"" env:"QUEUE_URL" help:"The queue."`
		Wait   string `default:"20s" env:"POLL_WAIT" help:"How long a receive waits."`
		Slots  int    `env:"SLOTS" help:"Messages held | at once. Default: 4 times the processors."`
		DryRun bool   `help:"Send nothing."`
		Secret string `hidden:"" help:"Not for pages."`
	} `cmd:""`
}

func TestRender(t *testing.T) {
	k, err := kong.New(&program{})
	if err != nil {
		t.Fatal(err)
	}
	const page = "before\n<!-- settings: run -->\nold\n<!-- end of settings -->\nafter\n"
	const want = "before\n<!-- settings: run -->\n| setting | default | meaning |\n|---|---|---|\n" +
		"| `QUEUE_URL` | required | The queue. |\n| `POLL_WAIT` | `20s` | How long a receive waits. |\n" +
		"| `SLOTS` | 4 times the processors | Messages held \\| at once. |\n| `--dry-run` |  | Send nothing. |\n<!-- end of settings -->\nafter\n"
	got, tables, err := render([]byte(page), k.Model.Node)
	if err != nil || tables != 1 || string(got) != want {
		t.Errorf("%d tables, %v\n%s\nwant\n%s", tables, err, got, want)
	}
	if again, _, err := render(got, k.Model.Node); err != nil || string(again) != want {
		t.Errorf("rendered twice: %v\n%s", err, again)
	}
	for page, fault := range map[string]string{
		"<!-- settings: scale -->\n<!-- end of settings -->\n":   "no command",
		"<!-- settings: run -->\n":                               "no end",
		"<!-- settings: run -->\n<!-- settings: run -->\n" + end: "before the one above it ends",
	} {
		if _, _, err := render([]byte(page), k.Model.Node); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: %v, want %q", page, err, fault)
		}
	}
}
