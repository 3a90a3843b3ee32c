package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// TestBuildsForTheArchitecture checks which processors the commands of a deployment build for.
func TestBuildsForTheArchitecture(t *testing.T) {
	text, err := os.ReadFile("template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	onX86 := answer{Out: `{"Stacks": [{"StackStatus": "UPDATE_COMPLETE", "Parameters": [{"ParameterKey": "Architecture", "ParameterValue": "X86_64"}]}]}`}
	old := answer{Out: `{"Stacks": [{"StackStatus": "UPDATE_COMPLETE", "Parameters": []}]}`}
	for name, c := range map[string]struct {
		stack answer
		set   []string
		want  string
		err   string
	}{
		"new stack":                        {stack: absent, want: "arm64"},
		"new stack on X86_64":              {stack: absent, set: []string{"Architecture=X86_64"}, want: "amd64"},
		"stack on X86_64":                  {stack: onX86, want: "amd64"},
		"stack on X86_64 that changes":     {stack: onX86, set: []string{"Architecture=ARM64"}, want: "arm64"},
		"stack from before the parameter":  {stack: old, want: "arm64"},
		"architecture that does not exist": {stack: absent, set: []string{"Architecture=RISCV64"}, err: `"RISCV64" is not an architecture: want ARM64 or X86_64`},
	} {
		t.Run(name, func(t *testing.T) {
			fakeTools(t)
			all := ready()
			all["describe-stacks --stack-name photos --output"] = c.stack
			answers(t, all)
			var out bytes.Buffer
			d := &deployment{deployCommand: &deployCommand{Target: stackFlags{Stack: "photos", Region: "eu-central-1"}, Tag: "1", Parameters: c.set, SkipCheck: true},
				template: text, work: t.TempDir(), shell: &shell{out: &out}}
			_, processor, err := d.prepare(t.Context())
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Errorf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d.DryRun, d.shell.dry = true, true // prints the builds and runs none
			if _, err := d.lambda(t.Context(), processor, "code"); err != nil {
				t.Fatal(err)
			}
			if _, err := d.image(t.Context(), processor, "worker"); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"GOARCH=" + c.want + " ", "--platform linux/" + c.want + " "} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, out.String())
				}
			}
		})
	}
}

// TestArchitecturesOfTheTemplate checks that the program builds for each architecture that the template offers.
func TestArchitecturesOfTheTemplate(t *testing.T) {
	p := readTestTemplate(t, "template.yaml").Section("Parameters")["Architecture"]
	want := []any{}
	for _, name := range slices.Sorted(maps.Keys(architectures)) {
		want = append(want, name)
	}
	if got := cfn.Lookup(p, "AllowedValues"); !reflect.DeepEqual(got, want) || cfn.Lookup(p, "Default") != defaultArchitecture {
		t.Errorf("the template has %v and the default %v, the program %v", got, cfn.Lookup(p, "Default"), want)
	}
}

// TestArchitecturesAreCompared computes what the README says about the costs of a million photos on each architecture. The
// instructions, in millions a photo, were counted under QEMU. Without those for SHA-256, amd64 executes fewer: QEMU lacks its
// SHA instructions.
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
