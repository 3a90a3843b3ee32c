package main

import (
	"os"
	"path/filepath"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// readTestTemplate reads one of the templates.
func readTestTemplate(t *testing.T, file string) *cfn.Template {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("template", file))
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// readme returns the page of this folder.
func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
