// Command sim predicts how Darkroom's autoscaling behaves on AWS, without AWS: how long a burst takes, how long photos
// wait, how many tasks run and what they cost.
//
//	go run ./deploy/sim                                  all scenarios, as tables
//	go run ./deploy/sim --scenario burst --svg out       one scenario, with a plot
//	go run ./deploy/sim --set MaxTasks=100 --no-fast     other parameters, without the fast scaler
//	go run ./deploy/sim --sweep --objective 2m           the cheapest parameters that meet an objective
//	go run ./deploy/sim validate                         compare with closed forms, measurements, a second model and real workers
//
// It reads the policies from deploy/aws/template/template.yaml, under its parameters. AWS's policies are implemented in
// internal/autoscaling, the fast scaler decides with the code of worker/scaling. internal/simulation/aws.go lists the
// assumptions about AWS with their sources. The same seed gives the same results.
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

type commandLine struct {
	Version  kong.VersionFlag `help:"Print the version and exit."`
	Play     playCommand      `cmd:"" default:"withargs" help:"Simulate scenarios and print the results. This is the default command."`
	Validate validateCommand  `cmd:"" help:"Compare the simulator with closed forms of queueing theory and of predictive scaling, with published measurements of AWS and of an incident, the scaling of the template with a second model of what its parameters promise, and the prediction with a burst through real workers on this machine. The exit status is 0 only if the differences are at most 5 %, the tolerance of each measurement, 25 % and 15 %, respectively."`
}

const description = "Simulates the autoscaling on AWS. Without a command it plays all scenarios; `go run ./deploy/sim play --help` lists the flags."

// programName is how the help calls the program.
var programName = kong.Name("go run ./deploy/sim")

func main() {
	var cl commandLine
	process.Main(&cl, "sim", description, programName)
}
