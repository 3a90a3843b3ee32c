package process

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"darkroom/worker/internal/printable"
)

// statusUsage is the exit status of a program that was started with wrong settings, as in programs that use package
// flag and in most Unix programs.
const statusUsage = 2

// wrongSettings is the error of a command line or an environment that cannot be used.
type wrongSettings struct{ error }

func (wrongSettings) ExitCode() int   { return statusUsage }
func (w wrongSettings) Unwrap() error { return w.error }

// Parse reads a program's flags and environment into cl, a kong structure. If a structure of flags has a method
// Validate() error, Parse calls it to check the values. Keep such a structure in an exported field with the tag embed:
// kong finds no others. Parse ends the program on --help and --version with status 0, and on a wrong setting, with a
// message on standard error that names each setting as VARIABLE (--flag), with status 2. The variable ${version} is the
// program's [Version].
func Parse(cl any, program, description string, options ...kong.Option) *kong.Context {
	unsetEmpty()
	k := Parser(cl, program, description, options...)
	parsed, err := k.Parse(os.Args[1:])
	if err != nil {
		k.FatalIfErrorf(wrongSettings{nameSettings(err)})
	}
	return parsed
}

// Parser returns the parser of [Parse], for tests of what a program prints.
func Parser(cl any, program, description string, options ...kong.Option) *kong.Kong {
	return kong.Must(cl, append([]kong.Option{kong.Name(program), kong.Description(description), showDefaults,
		kong.Vars{"version": Version(program)}}, options...)...)
}

// Main is the main function of a program with commands. It parses as [Parse] does, runs the command, and ends the
// program with status 1 if that fails. A command whose Run takes a context gets that of [Interruptible] and shuts down
// in order when it is asked to stop. Signals end the other commands at once.
func Main(cl any, program, description string, options ...kong.Option) {
	k := Parse(cl, program, description, options...)
	k.FatalIfErrorf(k.BindSingletonProvider(func() context.Context {
		ctx, _ := Interruptible(context.Background()) // until the process ends
		return ctx
	}))
	if err := k.Run(); err != nil {
		k.FatalIfErrorf(escaped{err})
	}
}

// escaped is an error for a terminal. Its text may hold keys and answers of servers, so what is not printable is
// escaped.
type escaped struct{ error }

func (e escaped) Error() string { return printable.Escape(e.error.Error()) }
func (e escaped) Unwrap() error { return e.error }

// unsetEmpty removes empty variables from the environment. A compose file or a template passes an empty variable where
// nothing is set, and not every type of flag reads that as its default.
func unsetEmpty() {
	for _, kv := range os.Environ() {
		if name, value, _ := strings.Cut(kv, "="); name != "" && value == "" {
			os.Unsetenv(name)
		}
	}
}

// showDefaults adds the default of each flag to its help, after the environment variable that sets it.
var showDefaults kong.Option = kong.ValueFormatter(func(v *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(v)
	if !v.HasDefault || v.Default == "" || strings.Contains(help, "efault:") {
		return help
	}
	return fmt.Sprintf("%s Default: %s.", help, v.Default)
})
