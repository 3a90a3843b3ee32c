// Command worker turns uploaded photos into variants. `worker run` receives S3's event notifications from a queue, and
// `worker render` renders local files in the same way. The other commands are for operators of a running system. Every
// setting is a flag or an environment variable: see --help of each command.
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

const (
	program     = "worker"
	description = "Turns uploaded photos into resized variants."
)

type commandLine struct {
	Version     kong.VersionFlag      `help:"Print the version and exit."`
	Run         runCommand            `cmd:"" help:"Receive messages about uploaded photos, read each photo from S3, and write its variants and manifest."`
	Scale       scaleCommand          `cmd:"" help:"Add workers as soon as the backlog needs them, minutes before CloudWatch's alarms do."`
	Watch       watchCommand          `cmd:"" help:"Export the depth of the queue and of its dead-letter queue for Prometheus, even while no worker runs."`
	Render      renderCommand         `cmd:"" help:"Render the variants of photos on this machine, without AWS."`
	Backfill    backfillCommand       `cmd:"" help:"Render the photos in the uploads bucket that are not up to date."`
	Sweep       sweepCommand          `cmd:"" help:"Repair photos whose events were lost: variants without an original, originals without a manifest."`
	Erase       eraseCommand          `cmd:"" help:"Remove every photo of a board for good, in all versions."`
	Prove       proveCommand          `cmd:"" help:"List what can still be read of a removed photo. Exit status 0 means that only its tombstone is left."`
	Dlq         dlqCommand            `cmd:"" name:"dlq" help:"Inspect the dead-letter queue."`
	Redrive     redriveCommand        `cmd:"" help:"Move messages from the dead-letter queue back to the queue."`
	Healthcheck process.HealthCommand `cmd:"" help:"Check whether a worker on this machine is healthy. Exit status 0 means that it is."`
}

func main() {
	var cl commandLine
	process.Main(&cl, program, description, kong.Vars{"listen": defaultListen})
}
