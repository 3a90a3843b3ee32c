package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/deadletter"
)

type dlqCommand struct {
	List dlqListCommand `cmd:"" help:"Show what is in the dead-letter queue, and why."`
}

type dlqListCommand struct {
	deadLetterFlags `embed:""`
	Verbose         bool `short:"v" help:"A line for each message too, the oldest first."`
	Max             int  `placeholder:"N" help:"Most messages looked at. Default: all."`
}

// Help is shown by --help.
func (*dlqListCommand) Help() string {
	return `Nothing is consumed: each message is hidden while the queue is gone through and then let go. Looking counts as a receive of it.

A message's reason is the worker's that sent it here, or received-too-often where the queue moved it itself because it kept failing.`
}

// Run is the command dlq list.
func (c *dlqListCommand) Run(ctx context.Context) error {
	cfg, err := loadAWS(ctx)
	if err != nil {
		return err
	}
	dead, err := c.open(ctx, sqs.NewFromConfig(cfg))
	if err != nil {
		return err
	}
	line := newProgress(-1)
	letters, err := deadletter.List(ctx, dead, c.Max, line)
	line.Close()
	showLetters(os.Stdout, letters, c.Verbose, time.Now())
	return ended(ctx, err, "")
}

// showLetters writes how many messages there are for each reason and, if verbose, which.
func showLetters(w io.Writer, letters []deadletter.Letter, verbose bool, now time.Time) {
	fmt.Fprintf(w, "%d messages\n", len(letters))
	if len(letters) == 0 {
		return
	}
	age := func(l deadletter.Letter) string { return now.Sub(l.Sent).Round(time.Second).String() }
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	reasons := map[string][]deadletter.Letter{}
	for _, l := range letters {
		reasons[l.Why()] = append(reasons[l.Why()], l)
	}
	byCount := slices.SortedFunc(maps.Keys(reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(reasons[b]), len(reasons[a])), cmp.Compare(a, b))
	})
	fmt.Fprintln(table, "MESSAGES\tREASON\tOLDEST\tNEWEST")
	for _, r := range byCount {
		of := reasons[r] // the oldest first
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", len(of), r, age(of[0]), age(of[len(of)-1]))
	}
	if !verbose {
		return
	}
	fmt.Fprintln(table, "\nAGE\tRECEIVES\tREASON\tKEY\tMESSAGE")
	for _, l := range letters {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", age(l), l.Receives, l.Why(), l.Names(), l.ID)
	}
}
