package main

import (
	"testing"

	"darkroom/deploy/testkit/flagdocs"
)

func TestWords(t *testing.T) { flagdocs.CheckWords(t, "local", description, &commandLine{}, nil) }
