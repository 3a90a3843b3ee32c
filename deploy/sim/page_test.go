package main

import (
	"testing"

	"darkroom/deploy/testkit/flagdocs"
)

func TestSettingsTables(t *testing.T) { flagdocs.Check(t, "README.md", &commandLine{}) }

func TestWords(t *testing.T) {
	flagdocs.CheckWords(t, "sim", description, &commandLine{}, nil, programName)
}
