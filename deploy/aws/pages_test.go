package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// exampleCommand matches a command of this program, as a line of a code block or within a sentence.
var exampleCommand = regexp.MustCompile("(?m)^go run \\./deploy/aws .+$|`go run \\./deploy/aws [a-z][^`]+`")

// TestCommandsOfPages runs each command that the pages show with --dry-run, as a shell would.
func TestCommandsOfPages(t *testing.T) {
	a := deployedAccount(t)
	a.cloud.TakeCalls()
	found := 0
	for _, page := range []string{"README.md", "first-day.md", "../../README.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range exampleCommand.FindAllString(string(text), -1) {
			line, pipe, piped := strings.Cut(strings.Trim(example, "`"), " | ")
			line = strings.Replace(line, "go run ./deploy/aws", filepath.Join(programs, "deploy"), 1)
			if !strings.Contains(line, "deploy cost") {
				line += " --dry-run"
			}
			if piped {
				line += " | " + pipe
			}
			found++
			cmd := a.command(t)
			cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", line}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v\n%s", page, example, err, out)
			}
		}
	}
	if found < 20 {
		t.Errorf("found only %d commands", found)
	}
	for _, call := range a.cloud.TakeCalls() {
		if strings.HasPrefix(call, "aws ") {
			t.Errorf("a dry run called %s", call)
		}
	}
}
