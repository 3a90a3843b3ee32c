package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/worker/prices"
)

// architecture has the prices of one value of the parameter Architecture, in US dollars.
type architecture struct {
	fargate   prices.Fargate
	lambdaGBs float64 // a GB-second, https://aws.amazon.com/lambda/pricing/, the first tier
}

// defaultArchitecture is the default of the parameter Architecture.
const defaultArchitecture = "ARM64"

// architectures are the values of the parameter Architecture.
var architectures = map[string]architecture{
	defaultArchitecture: {fargate: prices.FargateARM64, lambdaGBs: 0.0000133334},
	"X86_64":            {fargate: prices.FargateAMD64, lambdaGBs: 0.0000166667},
}

// architectureNamed returns the architecture of a name, or an error that lists the names.
func architectureNamed(name string) (architecture, error) {
	if a, ok := architectures[name]; ok {
		return a, nil
	}
	return architecture{}, fmt.Errorf("%q is not an architecture: want %s", name, strings.Join(slices.Sorted(maps.Keys(architectures)), " or "))
}

// taskHour returns the price of a worker's task for an hour, not on Spot.
func (a architecture) taskHour() float64 {
	return taskVCPU*a.fargate.VCPUHour + taskGB*a.fargate.GBHour
}
