package deployment

import (
	"context"
	"fmt"
	"strings"

	"darkroom/deploy/aws/internal/build"
	"darkroom/deploy/aws/internal/parameters"
	"darkroom/deploy/aws/internal/stack"
)

// Set changes parameters of a stack, and nothing else: it builds nothing, and keeps the template that the stack has. It
// asks before the changes are made. WorkerImage, CodeBucket and CodeKey may name other builds that exist.
func (o Operator) Set(ctx context.Context, given map[string]string) error {
	s, err := o.Deployed(ctx, o.Name)
	if err != nil {
		return err
	}
	text, err := o.Template(ctx, o.Name)
	if err != nil {
		return err
	}
	var template parameters.Template
	if !o.Dry {
		if template, err = parameters.Read(text); err != nil {
			return fmt.Errorf("the template of the stack %s: %w", o.Name, err)
		}
		if err := template.Check(given, s.Current); err != nil {
			return err
		}
		if err := o.checkBuilds(ctx, given, s); err != nil {
			return err
		}
		o.printParameters(template, given, s)
	}
	proposal := stack.Proposal{Stack: s, Set: given}
	if o.Dry {
		o.Printf("# every other parameter keeps its value\n")
	} else {
		proposal.Keep = commonParameters(template, s)
	}
	changed, err := o.change(ctx, proposal, true)
	if err != nil || !changed || o.Dry {
		return err
	}
	return o.afterSet(ctx, given)
}

// printParameters prints the values of the given parameters before and after the change. A preset decides those that
// are empty.
func (o Operator) printParameters(template parameters.Template, given map[string]string, s stack.Stack) {
	before, after := template.Values(nil, s.Current), template.Values(given, s.Current)
	for _, name := range sortedNames(given) {
		o.Printf("%s: %q becomes %q\n", name, before(name), after(name))
	}
}

// checkBuilds checks that the given builds exist. It cannot check those outside the registry and the bucket of the
// system.
func (o Operator) checkBuilds(ctx context.Context, given map[string]string, s stack.Stack) error {
	image, code := given["WorkerImage"], given["CodeKey"]
	if architecture := given["Architecture"]; architecture != "" && architecture != s.Parameters["Architecture"] && (image == "" || code == "") {
		return fmt.Errorf("the parameter Architecture=%s needs builds for it: \"deploy Architecture=%s\" makes them", architecture, architecture)
	}
	bucket := given["CodeBucket"]
	if bucket == "" {
		bucket = s.Parameters["CodeBucket"]
	}
	if image != "" {
		running, _, _ := strings.Cut(s.Parameters["WorkerImage"], ":")
		repository, tag, tagged := strings.Cut(image, ":")
		if tagged && repository == running && !strings.Contains(image, "@") {
			there, err := build.HasImage(ctx, o.CLI, repository, tag)
			if err != nil {
				return err
			}
			if !there {
				return fmt.Errorf("WorkerImage: the registry has no image %s", image)
			}
		}
	}
	if code != "" {
		there, err := o.builder("").HasObject(ctx, bucket, code)
		if err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("CodeKey: the bucket %s has no object %s", bucket, code)
		}
	}
	return nil
}

// afterSet publishes the board page if the stack has one now, and records a revision if other builds run.
func (o Operator) afterSet(ctx context.Context, given map[string]string) error {
	s, err := o.Describe(ctx, o.Name)
	if err != nil {
		return err
	}
	otherBuilds := given["WorkerImage"] != "" || given["CodeKey"] != ""
	if s.Outputs["BoardBucket"] != "" || otherBuilds {
		at, err := o.builds(ctx)
		if err != nil {
			return err
		}
		now, _, err := o.current(ctx, s, at.bucket)
		if err != nil {
			return err
		}
		if err := o.page(at.bucket).Publish(ctx, now.Page, s.Outputs); err != nil {
			return err
		}
		if s.Outputs["BoardBucket"] != "" && now.Page == "" {
			o.Printf("The files of the board page are not known: run deploy to publish them.\n")
		}
	}
	o.Printf("Done: the stack %s has the new values.\n", o.Name)
	return nil
}
