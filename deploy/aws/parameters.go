package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

// builtParameters are the parameters that this program sets itself, from what it builds.
var builtParameters = []string{"WorkerImage", "CodeBucket", "CodeKey"}

// readTemplate returns the root of the repository and the template, after it has checked parameters against it.
func readTemplate(ctx context.Context, set []string) (root string, template []byte, err error) {
	if root, err = repository(ctx); err != nil {
		return "", nil, err
	}
	if template, err = os.ReadFile(filepath.Join(root, "deploy/aws/template/template.yaml")); err != nil {
		return "", nil, err
	}
	return root, template, checkParameters(template, set)
}

// checkParameters checks parameters, as NAME=VALUE, against the template. CloudFormation would report the same faults, but
// only after the builds.
func checkParameters(template []byte, set []string) error {
	t, err := cfn.Parse(template)
	if err != nil {
		return err
	}
	if values := given(set); values["MinTasks"] == "0" && values["FastScaler"] == "no" {
		return errors.New("MinTasks=0 requires FastScaler=yes, which starts the first worker")
	}
	seen := map[string]bool{}
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		p, known := t.Section("Parameters")[name].(map[string]any)
		switch {
		case !ok:
			return fmt.Errorf("%q: want NAME=VALUE", s)
		case !known:
			return fmt.Errorf("unknown parameter %q: want one of %s", name, strings.Join(slices.Sorted(maps.Keys(t.Section("Parameters"))), ", "))
		case slices.Contains(builtParameters, name):
			return fmt.Errorf("%s is set by this program", name)
		case seen[name]:
			return fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if err := cfn.CheckValue(p, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// given returns the parameters by name.
func given(set []string) map[string]string {
	values := map[string]string{}
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		values[name] = value
	}
	return values
}
