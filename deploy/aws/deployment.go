package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// deployment is one run of the program.
type deployment struct {
	*deployCommand
	template []byte
	work     string // folder for build output
	shell    *shell
}

// run deploys step by step, and ends at the first step that fails. Every step can be repeated.
func (d *deployment) run(ctx context.Context) error {
	zones, processor, err := d.prepare(ctx)
	if err != nil {
		return err
	}
	// A registry for each system, because it keeps only the newest images: those of another system would push out the one
	// that this system runs.
	artifacts := d.Target.Stack + "-artifacts"
	if _, err := d.clear(ctx, artifacts); err != nil {
		return err
	}
	if err := d.shell.run(ctx, d.deploy(artifacts, "deploy/aws/template/artifacts.yaml")); err != nil {
		return err
	}
	builds, err := d.outputs(ctx, artifacts, "Repository", "CodeBucket")
	if err != nil {
		return err
	}
	key, err := d.lambda(ctx, processor, builds["CodeBucket"])
	if err != nil {
		return err
	}
	image, err := d.image(ctx, processor, builds["Repository"])
	if err != nil {
		return err
	}
	// CloudFormation accepts a template of more than 51,200 bytes only from a bucket.
	deploy := append(d.deploy(d.Target.Stack, "deploy/aws/template/template.yaml"), "--s3-bucket", builds["CodeBucket"], "--s3-prefix", "templates", "--capabilities", "CAPABILITY_IAM",
		"--parameter-overrides", "WorkerImage="+image, "CodeBucket="+builds["CodeBucket"], "CodeKey="+key)
	if err := d.shell.run(ctx, slices.Concat(deploy, zones, d.Parameters)); err != nil {
		return err
	}
	outputs, err := d.outputs(ctx, d.Target.Stack, "ApiUrl")
	if err != nil {
		return err
	}
	if err := d.publishBoard(ctx, outputs); err != nil {
		return err
	}
	if !d.DryRun {
		for _, name := range slices.Sorted(maps.Keys(outputs)) {
			d.shell.printf("%-20s %s\n", name, outputs[name])
		}
	}
	d.shell.printf("\nTry it with a token of one of your users:\n\n  DARKROOM_TOKEN=JWT go run ./deploy/local upload --api %s --board demo PHOTO\n", outputs["ApiUrl"])
	return nil
}

// prepare checks the account, creates the roles that it lacks, and removes what a failed first deployment has left. It
// returns the parameters that name the zones of a new stack, and the architecture to build for. A stack that exists keeps its
// zones, and its architecture unless another is given.
func (d *deployment) prepare(ctx context.Context) (zones []string, processor architecture, err error) {
	existing, err := d.clear(ctx, d.Target.Stack)
	if err != nil {
		return nil, processor, err
	}
	value, err := values(d.template, d.Parameters, existing)
	if err != nil {
		return nil, processor, err
	}
	if processor, err = architectureNamed(value("Architecture")); err != nil {
		return nil, processor, err
	}
	if d.DryRun {
		d.shell.printf("# a stack that exists keeps its Architecture unless another is given, and the builds are for that\n")
	}
	if !d.SkipCheck {
		zones, err = d.check(ctx, existing)
	}
	return zones, processor, err
}

// check checks the account and creates the roles that it lacks. It returns the parameters that name the zones of a new stack.
func (d *deployment) check(ctx context.Context, existing existingStack) (zones []string, err error) {
	a, found, err := d.Target.readiness(ctx, d.shell, d.template, d.Parameters)
	if err != nil {
		return nil, err
	}
	var left []finding
	for _, f := range found {
		if f.fix == nil {
			left = append(left, f)
		} else if err := d.shell.run(ctx, d.Target.aws(f.fix...)); err != nil {
			return nil, err
		}
	}
	if report(d.shell.out, left) > 0 {
		return nil, errors.New("the account is not ready for this deployment, which would fail; --skip-check deploys all the same")
	}
	if d.DryRun {
		d.shell.printf("# create the service-linked roles that do not exist, and choose ZoneA and ZoneB for a new stack\n")
	}
	if existing.status != "" || d.DryRun {
		return nil, nil
	}
	for i, z := range a.usable()[:2] {
		name := []string{"ZoneA", "ZoneB"}[i]
		if !slices.ContainsFunc(d.Parameters, func(s string) bool { return strings.HasPrefix(s, "ZoneA=") || strings.HasPrefix(s, "ZoneB=") }) {
			zones = append(zones, name+"="+z.ZoneName)
		}
	}
	return zones, nil
}

func (d *deployment) deploy(stack, template string) []string {
	return d.Target.aws("cloudformation", "deploy", "--stack-name", stack, "--template-file", template, "--no-fail-on-empty-changeset")
}

// outputs returns the outputs of a stack. A wanted output that is missing is an error. In a dry run the values are shell
// variables.
func (d *deployment) outputs(ctx context.Context, stack string, wanted ...string) (map[string]string, error) {
	text, err := d.shell.output(ctx, d.Target.aws("cloudformation", "describe-stacks", "--stack-name", stack, "--query", "Stacks[0].Outputs"))
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	if d.DryRun {
		for _, name := range wanted {
			values[name] = "$" + name
		}
		return values, nil
	}
	var outputs []struct{ OutputKey, OutputValue string }
	if err := json.Unmarshal(text, &outputs); err != nil {
		return nil, fmt.Errorf("outputs of the stack %s: %w", stack, err)
	}
	for _, o := range outputs {
		values[o.OutputKey] = o.OutputValue
	}
	for _, name := range wanted {
		if values[name] == "" {
			return nil, fmt.Errorf("the stack %s has no output %s", stack, name)
		}
	}
	return values, nil
}

// lambda builds the token Lambda for a processor and uploads it. The key holds its digest, so CloudFormation notices a new build.
func (d *deployment) lambda(ctx context.Context, processor architecture, bucket string) (key string, err error) {
	program, zip := filepath.Join(d.work, "bootstrap"), filepath.Join(d.work, "token-lambda.zip")
	if err := d.shell.run(ctx, []string{"env", "CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + processor.goarch, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "./token-lambda"}); err != nil {
		return "", err
	}
	digest := "$Digest"
	if d.DryRun {
		d.shell.printf("# pack %s alone into %s\n", program, zip)
	} else if digest, err = pack(program, zip); err != nil {
		return "", err
	}
	key = "token-lambda/" + digest + ".zip"
	return key, d.shell.run(ctx, d.Target.aws("s3", "cp", "--only-show-errors", zip, "s3://"+bucket+"/"+key))
}

// image builds the worker's image for a processor and pushes it.
func (d *deployment) image(ctx context.Context, processor architecture, repository string) (string, error) {
	registry, _, _ := strings.Cut(repository, "/")
	if d.DryRun {
		registry = "${Repository%%/*}"
	}
	image := repository + ":" + d.Tag
	login := []string{"docker", "login", "--username", "AWS", "--password-stdin", registry}
	if err := d.shell.pipe(ctx, []string{"aws", "--region", d.Target.Region, "ecr", "get-login-password"}, login); err != nil {
		return "", err
	}
	revision, err := d.shell.output(ctx, []string{"git", "rev-parse", "HEAD"})
	if err != nil {
		return "", err
	}
	if d.DryRun {
		revision = []byte("$Revision")
	}
	return image, d.shell.run(ctx, []string{"docker", "buildx", "build", "--platform", "linux/" + processor.goarch, "--provenance=false", "--file", "worker/Dockerfile",
		"--build-arg", "VERSION=" + d.Tag, "--build-arg", "REVISION=" + strings.TrimSpace(string(revision)), "--tag", image, "--push", "."})
}
