package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"golang.org/x/term"

	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/plural"
	"darkroom/worker/settings"
)

// limitFlags bound what an operator's command sends.
type limitFlags struct {
	DryRun bool    `group:"Limits" help:"Print what would be sent, and send nothing."`
	Rate   float64 `default:"100" placeholder:"N" group:"Limits" help:"Most messages to send per second; 0 for no limit."`
	Max    *int    `placeholder:"N" group:"Limits" help:"Most messages to send before the command ends. Default: no limit."`
}

// Validate reports the first limit that is out of range.
func (f limitFlags) Validate() error {
	if err := settings.Named("--rate", settings.Range(f.Rate, 0, math.MaxInt32)); err != nil {
		return err
	}
	return atLeastOne("--max", f.Max)
}

// limits returns the limits of an operator's command; a Max of 0 is none.
func (f limitFlags) limits() sendlimit.Limits {
	l := sendlimit.Limits{Rate: f.Rate, DryRun: f.DryRun}
	if f.Max != nil {
		l.Max = *f.Max
	}
	return l
}

// atLeastOne reports a number below 1. It accepts nil, a flag that is not set.
func atLeastOne(name string, n *int) error {
	if n == nil {
		return nil
	}
	return settings.Named(name, settings.Range(*n, 1, math.MaxInt32))
}

// newProgress is a command's progress on standard error.
func newProgress(total int) *progress.Line {
	return progress.New(os.Stderr, term.IsTerminal(int(os.Stderr.Fd())), total)
}

// interrupted is the error of a command that was asked to stop.
type interrupted struct{ how string }

func (i interrupted) Error() string { return "interrupted: " + i.how }

// ExitCode returns the status that shells report for a program that SIGINT ended.
func (interrupted) ExitCode() int { return 130 }

// runError turns the error of a run into what its user needs to know. last is the key to continue after, or "".
func runError(ctx context.Context, err error, last string) error {
	again := "run it again"
	if last != "" {
		again = "continue with --after " + last
	}
	switch {
	case errors.Is(err, repair.ErrBudget):
		fmt.Printf("stopped at --max: %s\n", again)
		return nil
	case errors.Is(err, repair.ErrSpent):
		fmt.Printf("stopped at --budget: %s\n", again)
		return nil
	case errors.Is(err, repair.ErrUnread): // the run read all the others
		return err
	case err != nil && ctx.Err() != nil:
		return interrupted{again}
	case err != nil && last != "":
		return fmt.Errorf("%w: %s", err, again)
	}
	return err
}

// sentCount says how many events were sent, or would be in a dry run.
func (f limitFlags) sentCount(n int) string {
	if f.DryRun {
		return plural.Count(n, "event") + " would be sent"
	}
	return plural.Count(n, "event") + " sent"
}
