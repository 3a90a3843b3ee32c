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
	"darkroom/worker/internal/printable"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/plural"
	"darkroom/worker/settings"
)

type dlqCommand struct {
	List dlqListCommand `cmd:"" help:"Show what is in the dead-letter queue, and why."`
}

type dlqListCommand struct {
	AWS     awsFlags   `embed:""`
	Queue   queueFlags `embed:""`
	Verbose bool       `short:"v" help:"Also print a line for each message, the oldest first."`
	Max     *int       `placeholder:"N" help:"Most messages to read. Default: all."`
}

// Validate reports that neither queue is set, or a maximum below 1.
func (c *dlqListCommand) Validate() error {
	if c.Queue.URL == "" && c.Queue.DeadLetterURL == "" {
		return errors.New("neither QUEUE_URL nor DEAD_LETTER_QUEUE_URL is set: want one of them")
	}
	return atLeastOne("--max", c.Max)
}

// Help is shown by --help.
func (*dlqListCommand) Help() string {
	return `No message is removed: each is hidden while the command reads the queue, and then released. Reading counts as a receive of the message.

The reason is the one that a worker gave when it sent the message here. It is received-too-often if the queue moved the message itself, because it kept failing. Text that is not printable is quoted.`
}

// Run is the command dlq list.
func (c *dlqListCommand) Run(ctx context.Context) error {
	cfg, err := c.AWS.load(ctx)
	if err != nil {
		return err
	}
	boxes, err := c.Queue.openDeadLetters(ctx, sqs.NewFromConfig(cfg))
	if err != nil {
		return err
	}
	most := 0
	if c.Max != nil {
		most = *c.Max
	}
	for _, b := range boxes {
		line := newProgress(-1)
		letters, err := deadletter.List(ctx, b.dead, most, line)
		line.Close()
		fmt.Print(b.title)
		showLetters(os.Stdout, letters, c.Verbose, time.Now())
		if err != nil {
			return runError(ctx, err, "")
		}
		if c.Max != nil {
			if most -= len(letters); most == 0 {
				return nil
			}
		}
	}
	return nil
}

// showLetters writes the number of messages for each reason and, if verbose, a line for each message. Anybody who may
// send messages chose the reasons and keys, so it quotes what is not printable.
func showLetters(w io.Writer, letters []queue.Message, verbose bool, now time.Time) {
	fmt.Fprintln(w, plural.Count(len(letters), "message"))
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
		same := reasons[r] // oldest first
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\n", len(same), printable.Text(r), age(same[0]), age(same[len(same)-1]))
	}
	if !verbose {
		return
	}
	fmt.Fprintln(table, "\nAGE\tRECEIVES\tREASON\tKEY\tMESSAGE")
	for _, l := range letters {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", age(l), l.ReceiveCount, printable.Text(deadletter.Reason(l)), deadletter.Keys(l), printable.Text(l.ID))
	}
}

type redriveCommand struct {
	AWS       awsFlags      `embed:""`
	Queue     queueFlags    `embed:""`
	Limits    limitFlags    `embed:""`
	Reason    string        `placeholder:"TEXT" group:"Filter" help:"Only messages whose reason contains this, as worker dlq list shows it."`
	OlderThan time.Duration `placeholder:"DURATION" group:"Filter" help:"Only messages that were first sent at least this long ago."`
}

// Validate reports a missing queue or a negative age.
func (c *redriveCommand) Validate() error {
	if err := c.Queue.require(); err != nil {
		return err
	}
	return settings.Named("--older-than", settings.Range(c.OlderThan, 0, math.MaxInt64))
}

// Help is shown by --help.
func (*redriveCommand) Help() string {
	return `Lists the dead-letter queue, selects messages and moves them: it sends each message to the queue that it came from and then deletes it from the dead-letter queue. If it is interrupted in between, a message is in both queues, which does no harm. Run it again for the rest. A message that fails again comes back as a new one, which the same run does not move again.`
}

// Run is the command redrive.
func (c *redriveCommand) Run(ctx context.Context) error {
	cfg, err := c.AWS.load(ctx)
	if err != nil {
		return err
	}
	boxes, err := c.Queue.openDeadLetters(ctx, sqs.NewFromConfig(cfg))
	if err != nil {
		return err
	}
	limits := c.Limits.limits()
	for _, b := range boxes {
		fmt.Print(b.title)
		chosen, err := c.redrive(ctx, b, limits)
		if err != nil {
			return runError(ctx, err, "")
		}
		if limits.Max > 0 {
			if limits.Max -= chosen; limits.Max == 0 {
				return nil
			}
		}
	}
	return nil
}

// redrive moves the messages of one dead-letter queue and returns how many it chose.
func (c *redriveCommand) redrive(ctx context.Context, b letterBox, limits sendlimit.Limits) (int, error) {
	line := newProgress(-1)
	letters, err := deadletter.List(ctx, b.dead, 0, line)
	line.Close()
	showLetters(os.Stdout, letters, false, time.Now())
	if err != nil {
		return 0, err
	}
	chosen := deadletter.Choose(letters, deadletter.Filter{Reason: c.Reason, OlderThan: c.OlderThan}, limits.Max)
	fmt.Printf("%d selected\n", len(chosen))
	if limits.DryRun {
		showLetters(os.Stdout, chosen, true, time.Now())
		return len(chosen), nil
	}
	line = newProgress(len(chosen))
	moved, err := deadletter.Redrive(ctx, b.dead, b.from, chosen, limits, line)
	line.Close()
	fmt.Printf("%s moved\n", plural.Count(moved, "message"))
	return len(chosen), err
}
