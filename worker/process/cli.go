package process

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// Parse reads a program's flags and environment into cl, a kong structure. On --help, --version and an error it ends
// the program. The variable ${version} is the program's [Version].
func Parse(cl any, program, description string, options ...kong.Option) *kong.Context {
	unsetEmpty()
	return kong.Parse(cl, append([]kong.Option{kong.Name(program), kong.Description(description), tellDefaults,
		kong.Vars{"version": Version(program)}}, options...)...)
}

// Main is the main function of a program whose commands can be interrupted: those that take a context have that of
// [Interruptible]. Signals do to the others what they do to any program. It parses as [Parse] does, runs the command, and
// ends the program if that fails.
func Main(cl any, program, description string, options ...kong.Option) {
	k := Parse(cl, program, description, options...)
	k.FatalIfErrorf(k.BindSingletonProvider(func() context.Context {
		ctx, _ := Interruptible(context.Background()) // until the process ends
		return ctx
	}))
	k.FatalIfErrorf(k.Run())
}

// unsetEmpty takes the empty variables out of the environment. A compose file or a template passes an empty one when
// nothing is set, and not every type of setting reads that as its default.
func unsetEmpty() {
	for _, kv := range os.Environ() {
		if name, value, _ := strings.Cut(kv, "="); name != "" && value == "" {
			os.Unsetenv(name)
		}
	}
}

// tellDefaults adds the default of each flag to its help, which has the environment variable that sets it.
var tellDefaults kong.Option = kong.ValueFormatter(func(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if !v.HasDefault || v.Default == "" || strings.Contains(help, "efault:") {
		return help
	}
	return fmt.Sprintf("%s Default: %s.", help, v.Default)
})
