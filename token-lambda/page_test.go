package main

import (
	"testing"

	"github.com/alecthomas/kong"

	"darkroom/deploy/testkit/flagdocs"
)

func TestSettingsTables(t *testing.T) {
	flagdocs.Check(t, "README.md", &commandLine{}, kong.Vars{"listen": "127.0.0.1:8080"})
}
