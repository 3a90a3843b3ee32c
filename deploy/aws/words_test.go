package main

import (
	"testing"

	"darkroom/deploy/testkit/flagdocs"
)

func TestWords(t *testing.T) {
	flagdocs.CheckWords(t, "aws", description, &commandLine{}, nil, programName)
}

func TestSettingsTables(t *testing.T) {
	flagdocs.Check(t, "commands.md", &commandLine{}, programName)
}
