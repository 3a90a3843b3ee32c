// Command local runs the whole of Darkroom on one machine with no AWS account, and uploads photos to it.
//
//	go run ./deploy/local                    the whole system, until it is interrupted
//	go run ./deploy/local --demo             start it, send sample photos through it, check them, stop it
//	go run ./deploy/local upload PHOTO|DIR   upload photos to a running system
//	go run ./deploy/local token              a bearer token for the API
//	go run ./deploy/local aws                only what stands in for AWS: S3, SQS and the token issuer
//	go run ./deploy/local front              only the board page, with the API behind it
package main

import (
	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

type commandLine struct {
	Version kong.VersionFlag `help:"Print the version and exit."`
	Up      upCommand        `cmd:"" default:"withargs" help:"Run the whole system until it is interrupted. This is what happens without a command."`
	Upload  uploadCommand    `cmd:"" help:"Upload photos and wait for what becomes of them. Exit status 1 if one failed or was rejected."`
	Token   tokenCommand     `cmd:"" help:"Print a bearer token for the API, from the development issuer."`
	AWS     awsCommand       `cmd:"" name:"aws" help:"Run what stands in for AWS in one process: S3, SQS and the development token issuer."`
	Front   frontCommand     `cmd:"" help:"Run the board page, with the API at the same address."`
}

func main() {
	var cl commandLine
	process.Main(&cl, "local", "Darkroom on one machine: no AWS account, no container. Without a command the whole system runs: `local up --help` lists its flags, such as --demo, --data and --verbose.")
}
