package template

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAlarmsAreExplained checks that the README explains each alarm that notifies people, and no other.
func TestAlarmsAreExplained(t *testing.T) {
	template, want := read(t, "template.yaml"), []string{"deployment failed", "operator failed"}
	for _, variation := range variations {
		s, err := resolve(template, variation)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range s.ofType("AWS::CloudWatch::Alarm") {
			if slices.Contains(textsAt(a, "AlarmActions"), "${Alarms}") {
				want = append(want, strings.TrimPrefix(textAt(a, "AlarmName"), "stack-name-"))
			}
		}
	}
	var got []string
	_, section, _ := strings.Cut(readme(t), "\n## What each alarm means\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, m := range regexp.MustCompile(`(?m)^### (.+)\n\n\S`).FindAllStringSubmatch(section, -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	slices.Sort(want)
	want = slices.Compact(want)
	if !slices.Equal(got, want) {
		t.Errorf("the README explains %v, want %v", got, want)
	}
}

// TestReadmeNamesParameters checks that the parameters in the README exist.
func TestReadmeNamesParameters(t *testing.T) {
	template := read(t, "template.yaml")
	known := 0
	for _, m := range regexp.MustCompile("`([A-Z][a-z]+[A-Za-z]+)(?:=[^`]*)?`").FindAllStringSubmatch(readme(t), -1) {
		if slices.Contains(ownMetrics, m[1]) || template.Section("Resources")[m[1]] != nil {
			continue
		}
		if template.Section("Parameters")[m[1]] == nil {
			t.Errorf("the template has no parameter %s", m[1])
		}
		known++
	}
	if known == 0 {
		t.Error("the README names no parameter")
	}
}

// TestReplacementKeepsVersions checks that the page of the API says how long the template keeps an original that was
// replaced.
func TestReplacementKeepsVersions(t *testing.T) {
	text, err := os.ReadFile("../../../token-lambda/README.md")
	if err != nil {
		t.Fatal(err)
	}
	s, err := resolve(read(t, "template.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	bucket := s.properties("UploadsBucket")
	if got := textAt(bucket, "VersioningConfiguration", "Status"); got != "Enabled" {
		t.Errorf("versioning is %s", got)
	}
	days := 0.0
	for i := range 5 {
		days = max(days, numberAt(bucket, "LifecycleConfiguration", "Rules", i, "NoncurrentVersionExpiration", "NoncurrentDays"))
	}
	if want := fmt.Sprintf("keeps old versions for %v days (`OldVersionDays`)", days); !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("the page of the API does not say: %s", want)
	}
}
