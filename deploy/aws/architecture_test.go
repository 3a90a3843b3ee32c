package main

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/aws/internal/build"
	"darkroom/deploy/testkit/cfn"
)

// TestArchitecturesOfTheTemplate checks that the program builds for each architecture that the template offers.
func TestArchitecturesOfTheTemplate(t *testing.T) {
	p := readTestTemplate(t, "template.yaml").Section("Parameters")["Architecture"]
	want := []any{}
	for _, name := range slices.Sorted(maps.Keys(architectures)) {
		want = append(want, name)
		if _, err := build.GOARCH(name); err != nil {
			t.Error(err)
		}
	}
	if got := cfn.Lookup(p, "AllowedValues"); !reflect.DeepEqual(got, want) || cfn.Lookup(p, "Default") != defaultArchitecture {
		t.Errorf("the template has %v and the default %v, the program %v", got, cfn.Lookup(p, "Default"), want)
	}
}

// TestArchitecturesAreCompared computes what the README says about the costs of a million photos on each architecture.
// The instructions, in millions a photo, were counted under QEMU. Without those for SHA-256, amd64 executes fewer: QEMU
// lacks its SHA instructions.
func TestArchitecturesAreCompared(t *testing.T) {
	const onARM, onX86, hash = 514.0, 750.0, 123.0
	page := strings.Join(strings.Fields(readme(t)), " ")
	parameters := readTestTemplate(t, "template.yaml").Section("Parameters")
	seconds, _ := cfn.Lookup(parameters, "SecondsPerPhoto", "Default").(float64)
	arm, x86 := architectures["ARM64"], architectures["X86_64"]
	hours := million * seconds / 3600
	for _, want := range []string{
		fmt.Sprintf("With %v s a photo, a million photos take %.1f vCPU-hours. They cost %.2f USD on ARM64 and %.2f on X86_64", seconds, hours, hours*arm.taskHour()/taskVCPU, hours*x86.taskHour()/taskVCPU),
		fmt.Sprintf("A vCPU with 2 GB costs %.0f %% less an hour on ARM64", 100*(1-arm.taskHour()/x86.taskHour())),
		fmt.Sprintf("takes %v million instructions on arm64 and %v million on amd64, of which %v million are SHA-256", onARM, onX86, hash),
		fmt.Sprintf("even without them, %v million", onX86-hash),
		fmt.Sprintf("would have to execute %.1f times as many instructions a second", (onX86-hash)/onARM*x86.taskHour()/arm.taskHour()),
		fmt.Sprintf("| %v a vCPU-hour and %v a GB-hour; Spot about 70 %% less |", arm.fargate.VCPUHour, arm.fargate.GBHour),
		fmt.Sprintf("| %v a vCPU-hour and %v a GB-hour; Spot about 70 %% less |", x86.fargate.VCPUHour, x86.fargate.GBHour),
		fmt.Sprintf("%.10f a GB-second, on X86_64 %.10f", arm.lambdaGBs, x86.lambdaGBs),
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the README does not say: %s", want)
		}
	}
}
