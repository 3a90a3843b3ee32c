package process

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func TestHelpShowsDefaults(t *testing.T) {
	var cl struct {
		Wait  string `env:"WAIT" default:"20s" placeholder:"DURATION" help:"How long."`
		Slots int    `default:"0" help:"How many. Default: enough."`
	}
	var out bytes.Buffer
	k, err := kong.New(&cl, showDefaults, kong.Writers(&out, &out), kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Parse([]string{"--help"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"How long ($WAIT). Default: 20s.", "How many. Default: enough."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q:\n%s", want, out.String())
		}
	}
}

func TestEmptyVariablesCountAsUnset(t *testing.T) {
	t.Setenv("PROCESS_TEST_WAIT", "")
	t.Setenv("PROCESS_TEST_KEPT", "x")
	unsetEmpty()
	if _, ok := os.LookupEnv("PROCESS_TEST_WAIT"); ok {
		t.Error("an empty variable is still there")
	}
	if os.Getenv("PROCESS_TEST_KEPT") != "x" {
		t.Error("a variable with a value is gone")
	}
}

func TestErrorsOfCommandsAreEscaped(t *testing.T) {
	inner := wrongSettings{errors.New("list \x1b[2J: denied\nrun it again")}
	err := error(escaped{inner})
	if got := err.Error(); got != "list \\x1b[2J: denied\nrun it again" {
		t.Errorf("got %q", got)
	}
	var code kong.ExitCoder
	if !errors.As(err, &code) || code.ExitCode() != statusUsage {
		t.Error("the exit status is lost")
	}
}
