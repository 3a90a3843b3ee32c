package stack

import (
	"context"
	"fmt"
	"strings"
)

// Clear makes way for a deployment. A stack whose first deployment failed cannot be updated, only deleted: Clear prints
// why it failed and deletes it, unless it holds data. It refuses a stack that is busy or stuck. It returns the stack
// that is left.
func (c Client) Clear(ctx context.Context, name string) (Stack, error) {
	s, err := c.Describe(ctx, name)
	if err != nil {
		return s, err
	}
	switch s.Status {
	case "ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED":
	default:
		return s, s.busy()
	}
	c.Printf("The first deployment of the stack %s failed (%s), so it must be deleted before it can be created again.\n", name, s.Status)
	if err := c.printFailures(ctx, name); err != nil {
		return s, err
	}
	if err := c.refuseData(ctx, name); err != nil {
		return s, err
	}
	if err := c.Do(ctx, "cloudformation", "delete-stack", "--stack-name", name); err != nil {
		return s, err
	}
	return Stack{Name: name}, c.Do(ctx, "cloudformation", "wait", "stack-delete-complete", "--stack-name", name)
}

// printFailures prints why resources of a stack could not be created.
func (c Client) printFailures(ctx context.Context, name string) error {
	var events struct {
		StackEvents []struct{ LogicalResourceId, ResourceStatus, ResourceStatusReason string }
	}
	if err := c.Ask(ctx, &events, "cloudformation", "describe-stack-events", "--stack-name", name); err != nil {
		return err
	}
	for _, e := range events.StackEvents {
		if e.ResourceStatus == "CREATE_FAILED" && !strings.Contains(e.ResourceStatusReason, "cancelled") {
			c.Printf("  %s: %s\n", e.LogicalResourceId, e.ResourceStatusReason)
		}
	}
	return nil
}

// refuseData returns an error if a bucket or a registry of the stack exists and is not empty.
func (c Client) refuseData(ctx context.Context, name string) error {
	var out struct {
		StackResources []struct{ PhysicalResourceId, ResourceType, ResourceStatus string }
	}
	if err := c.Ask(ctx, &out, "cloudformation", "describe-stack-resources", "--stack-name", name); err != nil {
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
			list = c.Command("s3api", "list-objects-v2", "--bucket", r.PhysicalResourceId, "--max-items", "1")
		case "AWS::ECR::Repository":
			list = c.Command("ecr", "list-images", "--repository-name", r.PhysicalResourceId, "--max-items", "1")
		default:
			continue
		}
		if err := c.Query(ctx, &held, list); err != nil && !strings.Contains(err.Error(), "NoSuchBucket") && !strings.Contains(err.Error(), "RepositoryNotFound") {
			return err
		}
		if len(held.Contents)+len(held.ImageIds) > 0 {
			return fmt.Errorf("the stack %s is not deleted: %s is not empty", name, r.PhysicalResourceId)
		}
	}
	return nil
}
