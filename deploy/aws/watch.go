package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"darkroom/deploy/aws/internal/doctor"
	"darkroom/deploy/aws/internal/status"
)

type statusCommand struct {
	Target stackFlags    `embed:""`
	JSON   bool          `name:"json" help:"Print JSON, one line for each report."`
	Watch  bool          `help:"Print the state repeatedly, until interrupted."`
	Every  time.Duration `default:"10s" placeholder:"DURATION" help:"Pause between two reports of --watch, at least 1s."`
}

// Validate reports the first setting that cannot be used.
func (c *statusCommand) Validate() error {
	if c.Every < time.Second {
		return fmt.Errorf("--every %v: want at least 1s", c.Every)
	}
	return nil
}

// Help is shown by --help.
func (*statusCommand) Help() string {
	return `It exits with status 1 if an alarm is raised, the stack has failed, or something could not be read.`
}

// Run prints the state.
func (c *statusCommand) Run(ctx context.Context) error {
	var calls io.Writer = os.Stdout
	if c.JSON && !c.Target.DryRun {
		calls = os.Stderr
	}
	client, err := c.Target.client("", calls)
	if err != nil {
		return err
	}
	return withFolder(func(work string) error {
		for {
			report, err := status.Reader{Client: client, Work: work}.Read(ctx, c.Target.Stack, time.Now())
			if err != nil || c.Target.DryRun {
				return err
			}
			if c.JSON {
				err = report.PrintJSON(os.Stdout)
			} else {
				report.Print(os.Stdout)
			}
			if err != nil || !c.Watch {
				return errors.Join(err, report.Err())
			}
			select {
			case <-ctx.Done():
				return report.Err()
			case <-time.After(c.Every):
				if !c.JSON {
					fmt.Printf("\n%s\n", time.Now().Format(time.TimeOnly))
				}
			}
		}
	})
}

// logs are the logs that the command logs prints, by name. STACK stands for the name of the stack. The names of a log's
// streams begin with streams.
var logs = map[string]struct{ group, streams string }{
	"worker":   {group: "/darkroom/STACK/worker"},
	"operator": {group: "/darkroom/STACK/worker", streams: "operator"},
	"api":      {group: "/darkroom/STACK/token"},
	"requests": {group: "/darkroom/STACK/api"},
	"scaler":   {group: "/darkroom/STACK/scaler"},
	"outcomes": {group: "/aws/events/STACK/outcomes"},
}

type logsCommand struct {
	Target stackFlags `embed:""`
	Log    string     `arg:"" optional:"" default:"worker" help:"Log: worker, operator (tasks of the commands for operators), api (its functions), requests (API Gateway), scaler or outcomes. Default: worker."`
	Since  string     `default:"10m" placeholder:"TIME" help:"Begin at this time: a duration before now in s, m, h, d or w, such as 1h, or a time, such as 2026-11-30T10:00:00Z."`
	Follow bool       `short:"f" help:"Keep printing until interrupted."`
	Filter string     `placeholder:"PATTERN" help:"Print only what matches a filter pattern of CloudWatch Logs."`
}

var since = regexp.MustCompile(`^\d+[smhdw]$`)

// Validate reports the first setting that cannot be used.
func (c *logsCommand) Validate() error {
	if _, ok := logs[c.Log]; !ok {
		return fmt.Errorf("log %q: want one of %s", c.Log, strings.Join(slices.Sorted(maps.Keys(logs)), ", "))
	}
	if _, err := time.Parse(time.RFC3339, c.Since); err != nil && !since.MatchString(c.Since) {
		return fmt.Errorf("--since %q: want a number with s, m, h, d or w, or a time such as 2026-11-30T10:00:00Z", c.Since)
	}
	return nil
}

// Run prints the log.
func (c *logsCommand) Run(ctx context.Context) error {
	client, err := c.Target.client("", os.Stdout)
	if err != nil {
		return err
	}
	if s, err := client.Describe(ctx, c.Target.Stack); err == nil && s.Status == "" && !client.Dry {
		return client.NotFound(c.Target.Stack)
	}
	log := logs[c.Log]
	args := []string{"aws", "--region", c.Target.Region, "logs", "tail", strings.ReplaceAll(log.group, "STACK", c.Target.Stack), "--since", c.Since, "--format", "short"}
	if log.streams != "" {
		args = append(args, "--log-stream-name-prefix", log.streams)
	}
	if c.Follow {
		args = append(args, "--follow")
	}
	if c.Filter != "" {
		args = append(args, "--filter-pattern", c.Filter)
	}
	if err := client.Stream(ctx, args); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

type doctorCommand struct {
	Target stackFlags    `embed:""`
	Watch  time.Duration `default:"0s" placeholder:"DURATION" help:"Ask for the metrics again every 15 s for this long, until a minute shows how missing data counts."`
}

// Help is shown by --help.
func (*doctorCommand) Help() string {
	return `It only reads. deploy/aws/first-day.md says what each answer decides. Upload photos first: many answers need metrics and tasks of the last hour. It needs aws (version 2) with credentials.`
}

// Run examines the stack.
func (c *doctorCommand) Run(ctx context.Context) error {
	client, err := c.Target.client("", os.Stdout)
	if err != nil {
		return err
	}
	s, err := client.Deployed(ctx, c.Target.Stack)
	if err != nil {
		return err
	}
	d := &doctor.Doctor{Cloud: client, Stack: s.Name, Outputs: s.Outputs, Dry: c.Target.DryRun, Out: os.Stdout, Now: time.Now()}
	return d.Examine(ctx, c.Watch)
}
