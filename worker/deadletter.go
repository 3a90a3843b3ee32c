package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/deadletter"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/settings"
)

type dlqCommand struct {
	List dlqListCommand `cmd:"" help:"Show what is in the dead-letter queue, and why."`
}

type dlqListCommand struct {
	Queue   queueFlags `embed:""`
	Verbose bool       `short:"v" help:"Print a line for each message too, the oldest first."`
	Max     *int       `placeholder:"N" help:"Most messages read. Default: all."`
}

// Validate reports that neither queue is set, and a number that cannot be.
func (c *dlqListCommand) Validate() error {
	if c.Queue.URL == "" && c.Queue.DeadLetterURL == "" {
		return errors.New("neither QUEUE_URL nor DEAD_LETTER_QUEUE_URL is set: want one of them")
	}
	return atLeastOne("--max", c.Max)
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
	dead, err := c.Queue.openDeadLetters(ctx, sqs.NewFromConfig(cfg))
	if err != nil {
		return err
	}
	line := newProgress(-1)
	most := 0
	if c.Max != nil {
		most = *c.Max
	}
	letters, err := deadletter.List(ctx, dead, most, line)
	line.Close()
	showLetters(os.Stdout, letters, c.Verbose, time.Now())
	return ended(ctx, err, "")
}

// showLetters writes how many messages there are for each reason and, if verbose, which.
func showLetters(w io.Writer, letters []queue.Message, verbose bool, now time.Time) {
	fmt.Fprintf(w, "%d messages\n", len(letters))
	if len(letters) == 0 {
		return
	}
	age := func(l queue.Message) string { return now.Sub(l.Sent).Round(time.Second).String() }
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	reasons := map[string][]queue.Message{}
	for _, l := range letters {
		reasons[deadletter.Reason(l)] = append(reasons[deadletter.Reason(l)], l)
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
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", age(l), l.ReceiveCount, deadletter.Reason(l), deadletter.Keys(l), l.ID)
	}
}

type redriveCommand struct {
	Queue     queueFlags    `embed:""`
	Limits    limitFlags    `embed:""`
	Reason    string        `placeholder:"TEXT" group:"Filter" help:"Only messages whose reason contains this, as worker dlq list shows it."`
	OlderThan time.Duration `placeholder:"DURATION" group:"Filter" help:"Only messages that were first sent at least so long ago."`
}

// Validate reports a missing queue and an age that cannot be.
func (c *redriveCommand) Validate() error {
	if err := c.Queue.require(); err != nil {
		return err
	}
	return settings.Named("--older-than", settings.Range(c.OlderThan, 0, math.MaxInt64))
}

// Help is shown by --help.
func (*redriveCommand) Help() string {
	return `Shows what is in the dead-letter queue and what of it is chosen, and moves that: each message is sent to the queue and then deleted from the dead-letter queue. If it is interrupted in between a message is in both, which does no harm. Run it again for the rest. A message that fails again comes back as another and is not moved twice by one run.`
}

// Run is the command redrive.
func (c *redriveCommand) Run(ctx context.Context) error {
	cfg, err := loadAWS(ctx)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(cfg)
	dead, err := c.Queue.openDeadLetters(ctx, client)
	if err != nil {
		return err
	}
	limits := c.Limits.limits()
	line := newProgress(-1)
	letters, err := deadletter.List(ctx, dead, 0, line)
	line.Close()
	showLetters(os.Stdout, letters, false, time.Now())
	if err != nil {
		return ended(ctx, err, "")
	}
	chosen := deadletter.Choose(letters, deadletter.Filter{Reason: c.Reason, OlderThan: c.OlderThan}, limits.Max)
	fmt.Printf("%d of them are chosen\n", len(chosen))
	if c.Limits.DryRun {
		showLetters(os.Stdout, chosen, true, time.Now())
		return nil
	}
	line = newProgress(len(chosen))
	moved, err := deadletter.Redrive(ctx, dead, sqsqueue.New(client, c.Queue.URL, ""), chosen, limits, line)
	line.Close()
	fmt.Printf("%d messages moved\n", moved)
	return ended(ctx, err, "")
}
