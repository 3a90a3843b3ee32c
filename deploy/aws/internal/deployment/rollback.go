package deployment

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"darkroom/deploy/aws/internal/parameters"
	"darkroom/deploy/aws/internal/revision"
	"darkroom/deploy/aws/internal/stack"
)

// PrintRevisions lists the revisions that a rollback can go back to, the newest first. Those whose image the registry
// no longer keeps are only counted.
func (o Operator) PrintRevisions(ctx context.Context) error {
	_, at, err := o.deployed(ctx)
	if err != nil {
		return err
	}
	all, err := o.revisions(at.bucket).List(ctx, revision.Most)
	if err != nil || o.Dry {
		return err
	}
	there, err := o.available(ctx, at, all)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		o.Printf("No deployment of the stack %s has been recorded yet.\n", o.Name)
		return nil
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "REVISION\tCOMMIT\tIMAGE\tARCHITECTURE\t\n")
	gone := 0
	for i, r := range all {
		note := ""
		switch {
		case !there[r.ID]:
			gone++
			continue
		case i == 0:
			note = "runs now"
		}
		if r.RollbackTo != "" {
			note = strings.TrimPrefix(note+", a rollback to "+r.RollbackTo, ", ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.ID, short(r.Commit), r.Tag(), r.Architecture, note)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if gone > 0 {
		o.Printf("%d more cannot be deployed again: the registry or the bucket no longer has their builds.\n", gone)
	}
	return nil
}

// short returns the beginning of a commit, with -dirty if it has that.
func short(commit string) string {
	hash, dirty, _ := strings.Cut(commit, "-")
	if dirty != "" {
		dirty = "-" + dirty
	}
	return hash[:min(len(hash), 12)] + dirty
}

// deployed reads the stack and where its builds are.
func (o Operator) deployed(ctx context.Context) (stack.Stack, builds, error) {
	s, err := o.Deployed(ctx, o.Name)
	if err != nil {
		return s, builds{}, err
	}
	at, err := o.builds(ctx)
	return s, at, err
}

// available reports which revisions can be deployed again, by their ids.
func (o Operator) available(ctx context.Context, at builds, all []revision.Revision) (map[string]bool, error) {
	_, name, _ := strings.Cut(at.repository, "/")
	if o.Dry {
		name = "${Repository#*/}"
	}
	var images struct {
		ImageIds []struct{ ImageTag string }
	}
	if err := o.Ask(ctx, &images, "ecr", "list-images", "--repository-name", name); err != nil {
		return nil, err
	}
	var objects struct{ Contents []struct{ Key string } }
	if err := o.Ask(ctx, &objects, "s3api", "list-objects-v2", "--bucket", at.bucket); err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, i := range images.ImageIds {
		has[at.repository+":"+i.ImageTag] = true
	}
	for _, object := range objects.Contents {
		has[object.Key] = true
	}
	there := map[string]bool{}
	for _, r := range all {
		there[r.ID] = has[r.Image] && has[r.Code] && has[r.Template] && (r.Page == "" || has["page/"+r.Page+"/index.html"])
	}
	return there, nil
}

// Rollback takes the image, the Lambda, the template and the board page of an earlier revision, and keeps the
// parameters that the stack has. It asks before the changes are made.
func (o Operator) Rollback(ctx context.Context, id string) error {
	s, at, err := o.deployed(ctx)
	if err != nil {
		return err
	}
	_, known, err := o.current(ctx, s, at.bucket)
	if err != nil {
		return err
	}
	if o.Dry {
		return o.dryRollback(ctx, s, at)
	}
	to, err := revision.Find(known, id)
	if err != nil {
		return err
	}
	if there, err := o.available(ctx, at, []revision.Revision{to}); err != nil {
		return err
	} else if !there[to.ID] {
		return fmt.Errorf("revision %s cannot be deployed again, because the registry or the bucket no longer has its builds: check out its commit, %s, and run deploy", to.ID, to.Commit)
	}
	template, err := o.templateOf(ctx, at.bucket, to)
	if err != nil {
		return err
	}
	o.Printf("To revision %s: commit %s, image %s\n", to.ID, short(to.Commit), to.Tag())
	o.printLost(template, s)
	set := map[string]string{"WorkerImage": to.Image, "CodeBucket": at.bucket, "CodeKey": to.Code}
	if template.Has("Architecture") {
		set["Architecture"] = to.Architecture // the builds are for it
	}
	changed, err := o.change(ctx, stack.Proposal{Stack: s, TemplateURL: o.templateURL(at.bucket, to.Template), Set: set, Keep: commonParameters(template, s)}, true)
	if err != nil {
		return err
	}
	now := to
	now.ID, now.RollbackTo = revision.NewID(o.Now, known), to.ID
	return o.finish(ctx, now, known, at, changed)
}

// templateOf returns the template of a revision.
func (o Operator) templateOf(ctx context.Context, bucket string, r revision.Revision) (parameters.Template, error) {
	file := filepath.Join(o.Work, "rollback.yaml")
	if _, err := o.Quietly(ctx, o.Command("s3", "cp", "--only-show-errors", "s3://"+bucket+"/"+r.Template, file)); err != nil {
		return parameters.Template{}, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return parameters.Template{}, err
	}
	return parameters.Read(text)
}

// printLost names the parameters of a stack that a template does not have.
func (o Operator) printLost(template parameters.Template, s stack.Stack) {
	var lost []string
	for _, name := range sortedNames(s.Parameters) {
		if !template.Has(name) {
			lost = append(lost, name+"="+s.Parameters[name])
		}
	}
	if len(lost) > 0 {
		o.Printf("The template of that revision does not have these parameters, so their values are lost: %s\n", strings.Join(lost, ", "))
	}
}

// dryRollback prints the commands of a rollback. Only a real run knows the revision.
func (o Operator) dryRollback(ctx context.Context, s stack.Stack, at builds) error {
	r := revision.Revision{ID: "$Revision", Image: "$WorkerImage", Code: "$CodeKey", Architecture: "$Architecture", Template: "$Template", Page: "$Page"}
	o.Printf("# read the revision, and check that its builds are there\n")
	if _, err := o.available(ctx, at, nil); err != nil {
		return err
	}
	o.Printf("# every other parameter keeps its value\n")
	set := map[string]string{"WorkerImage": r.Image, "CodeBucket": at.bucket, "CodeKey": r.Code, "Architecture": r.Architecture}
	if _, err := o.change(ctx, stack.Proposal{Stack: s, TemplateURL: o.templateURL(at.bucket, r.Template), Set: set}, true); err != nil {
		return err
	}
	return o.finish(ctx, r, nil, at, true)
}
