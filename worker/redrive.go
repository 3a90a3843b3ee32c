package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/deadletter"
	"darkroom/worker/internal/sqsadmin"
)

type redriveCommand struct {
	deadLetterFlags `embed:""`
	limitFlags      `embed:""`
	Reason          string        `placeholder:"TEXT" group:"Filter" help:"Only messages whose reason has this in it, as worker dlq list shows it."`
	OlderThan       time.Duration `placeholder:"DURATION" group:"Filter" help:"Only messages that were sent first so long ago."`
}

// Help is shown by --help.
func (*redriveCommand) Help() string {
	return `Shows what is in the dead-letter queue and what of it is chosen, and moves that: each message is sent to the queue and then deleted from the dead-letter queue. If it is interrupted in between a message is in both, which does no harm. Run it again for the rest. A message that fails again comes back as another and is not moved twice by one run.`
}

// Run is the command redrive.
func (c *redriveCommand) Run(ctx context.Context) error {
	if c.QueueURL == "" {
		return errors.New("QUEUE_URL is not set: where should the messages go?")
	}
	if c.OlderThan < 0 {
		return fmt.Errorf("older than: %v is less than nothing", c.OlderThan)
	}
	if err := c.limits().Validate(); err != nil {
		return err
	}
	cfg, err := loadAWS(ctx)
	if err != nil {
		return err
	}
	client := sqs.NewFromConfig(cfg)
	dead, err := c.open(ctx, client)
	if err != nil {
		return err
	}
	line := newProgress(-1)
	letters, err := deadletter.List(ctx, dead, 0, line)
	line.Close()
	showLetters(os.Stdout, letters, false, time.Now())
	if err != nil {
		return ended(ctx, err, "")
	}
	chosen := deadletter.Choose(letters, deadletter.Filter{Reason: c.Reason, OlderThan: c.OlderThan}, c.Max)
	fmt.Printf("%d of them are chosen\n", len(chosen))
	if c.DryRun {
		showLetters(os.Stdout, chosen, true, time.Now())
		return nil
	}
	line = newProgress(len(chosen))
	moved, err := deadletter.Redrive(ctx, dead, sqsadmin.New(client, c.QueueURL), chosen, c.limits(), line)
	line.Close()
	fmt.Printf("%d messages moved\n", moved)
	return ended(ctx, err, "")
}
