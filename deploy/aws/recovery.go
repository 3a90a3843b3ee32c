package main

import (
	"context"
	"fmt"
	"strings"
)

// clear makes way for a deployment. A stack whose first deployment failed cannot be updated, only deleted: clear prints why it
// failed and deletes it, unless it holds data. It refuses a stack that is busy or stuck. It returns the stack that is left.
func (d *deployment) clear(ctx context.Context, name string) (existingStack, error) {
	s, err := d.Target.describe(ctx, d.shell, name)
	if err != nil {
		return s, err
	}
	switch {
	case s.status == "ROLLBACK_COMPLETE" || s.status == "CREATE_FAILED" || s.status == "ROLLBACK_FAILED" || s.status == "DELETE_FAILED":
	case s.status == "UPDATE_ROLLBACK_FAILED":
		return s, fmt.Errorf("the stack %s is in the state %s: repair what the events name, then run aws cloudformation continue-update-rollback --stack-name %s", name, s.status, name)
	case s.status != "REVIEW_IN_PROGRESS" && strings.HasSuffix(s.status, "_IN_PROGRESS"):
		return s, fmt.Errorf("the stack %s is in the state %s: wait until that has ended", name, s.status)
	default:
		return s, nil
	}
	d.shell.printf("The first deployment of the stack %s failed (%s), so it must be deleted before it can be created again.\n", name, s.status)
	if err := d.printFailures(ctx, name); err != nil {
		return s, err
	}
	if err := d.refuseData(ctx, name); err != nil {
		return s, err
	}
	if err := d.shell.run(ctx, d.Target.aws("cloudformation", "delete-stack", "--stack-name", name)); err != nil {
		return s, err
	}
	return existingStack{}, d.shell.run(ctx, d.Target.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", name))
}

// printFailures prints why resources of a stack could not be created.
func (d *deployment) printFailures(ctx context.Context, name string) error {
	var events struct {
		StackEvents []struct{ LogicalResourceId, ResourceStatus, ResourceStatusReason string }
	}
	if err := d.shell.query(ctx, &events, d.Target.aws("cloudformation", "describe-stack-events", "--stack-name", name)); err != nil {
		return err
	}
	for _, e := range events.StackEvents {
		if e.ResourceStatus == "CREATE_FAILED" && !strings.Contains(e.ResourceStatusReason, "cancelled") {
			d.shell.printf("  %s: %s\n", e.LogicalResourceId, e.ResourceStatusReason)
		}
	}
	return nil
}

// refuseData returns an error if a bucket or a registry of the stack exists and is not empty.
func (d *deployment) refuseData(ctx context.Context, name string) error {
	var out struct {
		StackResources []struct{ PhysicalResourceId, ResourceType, ResourceStatus string }
	}
	if err := d.shell.query(ctx, &out, d.Target.aws("cloudformation", "describe-stack-resources", "--stack-name", name)); err != nil {
		return err
	}
	for _, r := range out.StackResources {
		if r.PhysicalResourceId == "" || r.ResourceStatus == "DELETE_COMPLETE" {
			continue
		}
		var held struct {
			Contents []struct{ Key string }         // objects in a bucket
			ImageIds []struct{ ImageDigest string } // images in a registry
		}
		var list []string
		switch r.ResourceType {
		case "AWS::S3::Bucket":
			list = d.Target.aws("s3api", "list-objects-v2", "--bucket", r.PhysicalResourceId, "--max-items", "1")
		case "AWS::ECR::Repository":
			list = d.Target.aws("ecr", "list-images", "--repository-name", r.PhysicalResourceId, "--max-items", "1")
		default:
			continue
		}
		if err := d.shell.query(ctx, &held, list); err != nil && !strings.Contains(err.Error(), "NoSuchBucket") && !strings.Contains(err.Error(), "RepositoryNotFound") {
			return err
		}
		if len(held.Contents)+len(held.ImageIds) > 0 {
			return fmt.Errorf("the stack %s is not deleted: %s is not empty", name, r.PhysicalResourceId)
		}
	}
	return nil
}
