// Command burst proves that Darkroom loses nothing: it uploads thousands of photos through real tokens, makes trouble
// while they are worked on, and compares every single upload with what S3 holds in the end.
//
//	go run ./deploy/soak                            one seed on a system of its own
//	go run ./deploy/soak --seeds 10                 ten in a row, with a summary
//	go run ./deploy/soak --api URL ...              a system that runs already
//	go run ./deploy/soak throughput [PHOTO|DIR...]  the whole worker against its engine, on one core
//
// What is done to the system, all of it by seed: photos come in at a rate; of some more events are sent, at once or late,
// in every form; of some an event comes before the photo, or one of the opposite kind after all is done; bad messages are
// sent; originals are removed and overwritten in the middle of the work; tokens are used twice; S3 and SQS fail and
// throttle, stall, cut bodies short and lose answers; workers are killed.
//
// What must be true when the queue is empty: every photo has the outcome that its bytes have, every variant is there and
// decodes to what the manifest says and to a picture of that very photo, nothing speaks of an original that is not there,
// nothing is there that no upload explains, the API says the same, the dead-letter queue has the bad messages and nothing
// else, nothing was done twice without a cause, and the workers have no goroutines and no memory more than they should.
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

type commandLine struct {
	Version    kong.VersionFlag  `help:"Print the version and exit."`
	Soak       soakCommand       `cmd:"" default:"withargs" help:"Load a system, make trouble, and check every upload. This is what happens without a command. Exit status 0 only if nothing was lost, corrupt, stale, unexpected or wrong."`
	Throughput throughputCommand `cmd:"" help:"Measure the whole worker against the command worker render, on the same photos and one core."`
}

func main() {
	var cl commandLine
	process.Main(&cl, "burst", "Load generator and checker. Without a command it soaks a system of its own: `burst soak --help` lists the flags.")
}
