// Command worker turns uploaded photos into variants. `worker run` drains the queue of S3's event notifications;
// `worker render` does to local files what it does to uploads. The other commands are an operator's, for a system that
// runs. All settings are flags or environment variables: see --help of each command.
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

const program = "worker"

type commandLine struct {
	Version     kong.VersionFlag      `help:"Print the version and exit."`
	Run         runCommand            `cmd:"" help:"Drain the queue: read each uploaded photo from S3, write its variants and its manifest."`
	Scale       scaleCommand          `cmd:"" help:"Add workers as soon as the queue needs them, minutes before CloudWatch's metrics do."`
	Render      renderCommand         `cmd:"" help:"Make the variants of photos on this machine, without AWS."`
	Backfill    backfillCommand       `cmd:"" help:"Have photos made that are in the uploads bucket and not up to date."`
	Sweep       sweepCommand          `cmd:"" help:"Have photos put right that a lost event left: variants without an original, originals without a manifest."`
	Dlq         dlqCommand            `cmd:"" name:"dlq" help:"Look at the dead-letter queue."`
	Redrive     redriveCommand        `cmd:"" help:"Put messages of the dead-letter queue back into the queue."`
	Healthcheck process.HealthCommand `cmd:"" help:"Ask a worker on this machine whether it is healthy. Exit status 0 means yes."`
}

func main() {
	var cl commandLine
	// What `worker run` has in hand when it is told to end at once, the queue gives to others.
	process.Main(&cl, program, "Turns uploaded photos into resized variants.", kong.Vars{"listen": defaultListen})
}
