package template

import (
	"fmt"
	"maps"
	"slices"
)

// lambdaArchitectures are Lambda's names for the values of the parameter Architecture, which are those of ECS:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
var lambdaArchitectures = map[string]string{"ARM64": "arm64", "X86_64": "x86_64"}

var architectureRules = []rule{
	// One build serves all, so a task or a function with another architecture could not start.
	{"architecture", func(s *stack) (bad []string) {
		p, _ := s.template.Section("Parameters")["Architecture"].(object)
		if got := textsAt(p, "AllowedValues"); !slices.Equal(got, slices.Sorted(maps.Keys(lambdaArchitectures))) || textAt(p, "Default") != "ARM64" {
			bad = append(bad, fmt.Sprintf("the architectures are %v, and the default is %s", got, textAt(p, "Default")))
		}
		want := s.param("Architecture")
		for name, task := range s.ofType("AWS::ECS::TaskDefinition") {
			if got := textAt(task, "RuntimePlatform", "CpuArchitecture"); got != want {
				bad = append(bad, fmt.Sprintf("the task %s runs on %q, not on %s", name, got, want))
			}
		}
		for name, f := range s.ofType("AWS::Lambda::Function") {
			if got := textsAt(f, "Architectures"); !slices.Equal(got, []string{lambdaArchitectures[want]}) {
				bad = append(bad, fmt.Sprintf("the function %s runs on %v, not on %s", name, got, want))
			}
		}
		return bad
	}},
}
