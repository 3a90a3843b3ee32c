// Package removal deletes a system, but never its photos: the buckets that hold them stay, with all that is in them.
package removal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"darkroom/deploy/aws/internal/consent"
	"darkroom/deploy/aws/internal/deployment"
	"darkroom/deploy/aws/internal/parameters"
	"darkroom/deploy/aws/internal/stack"
	"darkroom/deploy/aws/internal/status"
	"darkroom/worker/plural"
)

// Remover deletes a system.
type Remover struct {
	stack.Client
	Name       string // name of the stack
	Work       string // folder for temporary files
	KeepBuilds bool   // keep the registry and the bucket of the builds
	Confirmed  string // name of the stack, instead of one that a person types
	Asker      consent.Asker
}

// system is what Destroy deletes.
type system struct {
	stack, artifacts   stack.Stack
	repository, bucket string // registry and bucket that hold the builds, "" for none
}

// Destroy prints what it deletes and what stays, asks for the name of the stack, and deletes. After a failure, another
// call continues where the first one ended.
func (r Remover) Destroy(ctx context.Context) error {
	s, err := r.find(ctx)
	if err != nil {
		return err
	}
	if err := r.explain(ctx, s); err != nil {
		return err
	}
	if err := r.ask(ctx); err != nil {
		return err
	}
	if err := r.Delete(ctx, s.stack); err != nil {
		return err
	}
	if r.KeepBuilds {
		r.report("The system %s is deleted. Its builds stay.\n")
		return nil
	}
	if err := r.Delete(ctx, s.artifacts); err != nil {
		return err
	}
	// The stack keeps both, so that a wrong deletion of it loses nothing.
	if s.repository != "" {
		if err := r.Do(ctx, "ecr", "delete-repository", "--force", "--repository-name", s.repository); err != nil {
			return err
		}
	}
	if s.bucket != "" {
		if err := r.Run(ctx, []string{"aws", "--region", r.Region, "s3", "rb", "--force", "s3://" + s.bucket}); err != nil {
			return err
		}
	}
	r.report("The system %s is deleted.\n")
	return nil
}

// report prints what was done to the system. A dry run has done nothing.
func (r Remover) report(format string) {
	if !r.Dry {
		r.Printf(format, r.Name)
	}
}

// find reads the two stacks.
func (r Remover) find(ctx context.Context) (s system, err error) {
	if s.stack, err = r.Describe(ctx, r.Name); err != nil {
		return s, err
	}
	if s.artifacts, err = r.Describe(ctx, deployment.Artifacts(r.Name)); err != nil {
		return s, err
	}
	if r.Dry {
		s.repository, s.bucket = "$Repository", "$CodeBucket"
		return s, nil
	}
	if s.stack.Status == "" && s.artifacts.Status == "" {
		return s, fmt.Errorf("there is no stack %s in %s: --stack and --region name another", r.Name, r.Region)
	}
	if strings.HasSuffix(s.stack.Status, "_IN_PROGRESS") && s.stack.Status != "REVIEW_IN_PROGRESS" {
		return s, fmt.Errorf("the stack %s is in the state %s: wait until that has ended", r.Name, s.stack.Status)
	}
	_, s.repository, _ = strings.Cut(s.artifacts.Outputs["Repository"], "/")
	s.bucket = s.artifacts.Outputs["CodeBucket"]
	return s, nil
}

// explain prints what is deleted and what stays.
func (r Remover) explain(ctx context.Context, s system) error {
	var kept []stack.Resource
	if s.stack.Status != "" || r.Dry {
		text, err := r.Template(ctx, r.Name)
		if err != nil {
			return err
		}
		resources, err := r.Resources(ctx, r.Name)
		if err != nil {
			return err
		}
		// Where an earlier run deleted a queue, its messages cannot be counted.
		messages := "their messages"
		queues, err := status.Reader{Client: r.Client, Work: r.Work}.Queues(ctx, s.stack)
		if err == nil {
			waiting := 0
			for _, q := range queues {
				waiting += q.Messages()
			}
			messages = plural.Count(waiting, "message")
		}
		if ctx.Err() != nil || r.Dry {
			return ctx.Err()
		}
		template, err := parameters.Read(text)
		if err != nil {
			return fmt.Errorf("the template of the stack %s: %w", r.Name, err)
		}
		for _, logical := range template.Retained() {
			for _, resource := range resources {
				if resource.Logical == logical && resource.Status != "DELETE_COMPLETE" {
					kept = append(kept, resource)
				}
			}
		}
		r.Printf("This deletes the stack %s in %s: %s, among them the API with its address, the workers, the logs, the secret that signs ids, and the queues, with %s.\n",
			r.Name, r.Region, plural.Count(len(resources)-len(kept), "resource"), messages)
	}
	switch {
	case s.artifacts.Status == "":
	case r.KeepBuilds:
		r.Printf("The builds stay: the registry %s and the bucket %s.\n", s.repository, s.bucket)
	default:
		r.Printf("It deletes the builds too: the stack %s, the registry %s with its images, and the bucket %s with all revisions. --keep-builds keeps them.\n", s.artifacts.Name, s.repository, s.bucket)
	}
	if len(kept) > 0 {
		r.Printf("These stay in the account, with all that is in them, and are paid for:\n")
		for _, k := range kept {
			r.Printf("  %s, %s\n", k.Physical, k.Type)
		}
		r.Printf("A new stack, also one of this name, has new buckets: it does not show these photos.\n")
	}
	return nil
}

// ask asks for the name of the stack.
func (r Remover) ask(ctx context.Context) error {
	switch {
	case r.Dry:
		r.Printf("# ask for the name of the stack\n")
		return nil
	case r.Confirmed == r.Name:
		return nil
	case r.Confirmed != "":
		return fmt.Errorf("--confirm %s does not name the stack %s: %w", r.Confirmed, r.Name, consent.ErrDeclined)
	}
	err := r.Asker.Type(ctx, fmt.Sprintf("To delete it, type the name of the stack, %s", r.Name), r.Name)
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w; scripts give --confirm %s", err, r.Name)
	}
	return err
}
