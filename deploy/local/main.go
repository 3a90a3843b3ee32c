// Command local runs the whole of Darkroom on one machine, without an AWS account, and uploads photos to it.
//
//	go run ./deploy/local                    run the whole system until it is interrupted
//	go run ./deploy/local --demo             start it, send sample photos through it, check the results, stop it
//	go run ./deploy/local upload PHOTO|DIR   upload photos to a running system
//	go run ./deploy/local token              print a bearer token for the API
//	go run ./deploy/local aws                run only the fake AWS: S3, SQS and the token issuer
//	go run ./deploy/local front              run only the board page, with the API behind it
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

type commandLine struct {
	Version kong.VersionFlag `help:"Print the version and exit."`
	Up      upCommand        `cmd:"" default:"withargs" help:"Run the whole system until it is interrupted. This is the default command."`
	Upload  uploadCommand    `cmd:"" help:"Upload photos and wait for the outcome of each. The exit status is 1 if a photo failed or was rejected."`
	Token   tokenCommand     `cmd:"" help:"Print a bearer token for the API, from the development issuer."`
	AWS     awsCommand       `cmd:"" name:"aws" help:"Run the fake AWS in one process: S3, SQS and the development token issuer."`
	Front   frontCommand     `cmd:"" help:"Run the board page with the API at the same address."`
}

const description = "Runs Darkroom on one machine, without an AWS account or containers. The default command runs the whole system; `local up --help` lists its flags, such as --demo, --data and --verbose."

func main() {
	var cl commandLine
	process.Main(&cl, "local", description)
}
