// Command sim says how Darkroom's autoscaling on AWS will behave, without AWS: how long a burst takes, how long photos
// wait, how many tasks run and what they cost.
//
//	go run ./deploy/sim                                  every scenario, as tables
//	go run ./deploy/sim --scenario burst --svg out       one, with a plot
//	go run ./deploy/sim --set MaxTasks=100 --fast        under other parameters, with the fast scaler
//	go run ./deploy/sim --sweep --objective 2m           the cheapest parameters that hold an objective
//	go run ./deploy/sim validate                         the simulator against closed forms and against real workers
//
// The policies are those of deploy/aws/template.yaml, read from it under its parameters, and they decide by the code of
// worker/scaling. What AWS is assumed to do has its source beside each constant in internal/engine/aws.go. The same seed gives
// the same answer.
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

type commandLine struct {
	Version  kong.VersionFlag `help:"Print the version and exit."`
	Play     playCommand      `cmd:"" default:"withargs" help:"Play scenarios and print what they come to. This is what happens without a command."`
	Validate validateCommand  `cmd:"" help:"Hold the simulator against closed forms of queueing theory, and its prediction against a burst through real workers on this machine. Exit status 0 only if it is right within 5 % and 15 %."`
}

func main() {
	var cl commandLine
	process.Main(&cl, "sim", "Simulates the autoscaling. Without a command it plays every scenario: `sim play --help` lists the flags.")
}
