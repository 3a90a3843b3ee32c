// Command soak proves that Darkroom loses nothing: it uploads thousands of photos with real upload tokens, causes
// trouble while they are processed, and compares every upload with what S3 holds in the end.
//
//	go run ./deploy/soak                            one seed on a system of its own
//	go run ./deploy/soak --seeds 10                 ten seeds, with a summary
//	go run ./deploy/soak --api URL ...              a system that is already running
//	go run ./deploy/soak throughput [PHOTO|DIR...]  the whole worker against its engine, on one core
//
// The seed decides everything that happens to the system. Uploads arrive at a given rate. Some photos get more events,
// at once or later, in every form. For some an event arrives before the photo, or an event of the opposite kind at the
// end. Bad messages are sent. Originals are deleted and overwritten during processing. Upload tokens are used twice. S3
// and SQS fail, throttle, stall, cut bodies short and lose answers. Photos are removed with the API, and their old
// tokens are used again. Workers are killed, and frozen until other workers have their messages. S3 refuses the
// workers' credentials, and bucket policies forbid them what they need.
//
// When the queue is empty, the following must hold:
//   - Every photo has the outcome that its bytes imply.
//   - Every variant exists, decodes to what the manifest says and shows that very photo.
//   - No object belongs to an original that is gone, and every object belongs to an upload.
//   - The API reports the same outcomes.
//   - The dead-letter queue holds the bad messages and nothing else.
//   - No work was done twice without a cause.
//   - The workers leak neither goroutines nor memory.
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/deploy/soak/internal/throughput"
	"darkroom/worker/process"
)

type commandLine struct {
	Version    kong.VersionFlag   `help:"Print the version and exit."`
	Soak       soakCommand        `cmd:"" default:"withargs" help:"Load a system, cause trouble, and check every upload. This is the default command. The exit status is 0 only if nothing was lost, corrupt, stale, unexpected or wrong."`
	Throughput throughput.Command `cmd:"" help:"Compare the throughput of the whole worker with that of the command worker render, on the same photos and one core."`
}

const description = "Loads a system and checks that nothing was lost. The default command soaks a system of its own; `go run ./deploy/soak soak --help` lists its flags."

func main() {
	var cl commandLine
	process.Main(&cl, "soak", description)
}
