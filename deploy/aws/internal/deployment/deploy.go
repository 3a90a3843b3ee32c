package deployment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"darkroom/deploy/aws/internal/account"
	"darkroom/deploy/aws/internal/build"
	"darkroom/deploy/aws/internal/parameters"
	"darkroom/deploy/aws/internal/revision"
	"darkroom/deploy/aws/internal/stack"
)

// Deployment is what Deploy deploys.
type Deployment struct {
	Given     map[string]string // parameters
	Template  []byte            // template of the system
	Artifacts string            // file of the template of the builds' stack
	Source    build.Source
	BuildArgs []string // build arguments of the worker's image, as NAME=VALUE
	SkipCheck bool     // do not check the account
	Ask       bool     // ask even if nothing would be lost
}

// digest returns the beginning of the SHA-256 of a text.
func digest(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text))[:16] }

func (o Operator) builder(goarch string) build.Builder {
	return build.Builder{CLI: o.CLI, GOARCH: goarch, Work: o.Work}
}

// Deploy builds what changed, uploads it and deploys it. It ends at the first step that fails.
func (o Operator) Deploy(ctx context.Context, d Deployment) error {
	template, err := parameters.Read(d.Template)
	if err != nil {
		return err
	}
	existing, err := o.Clear(ctx, o.Name)
	if err != nil {
		return err
	}
	if err := o.checkParameters(template, d.Given, existing); err != nil {
		return err
	}
	value := template.Values(d.Given, existing.Current)
	architecture := value("Architecture")
	goarch, err := build.GOARCH(architecture)
	if err != nil {
		return err
	}
	if o.Dry {
		o.Printf("# an existing stack keeps its Architecture unless another is given, and the builds are for it\n")
	}
	set := maps.Clone(d.Given)
	if !d.SkipCheck {
		if err := o.checkAccount(ctx, template, set, existing); err != nil {
			return err
		}
	}
	at, err := o.deployArtifacts(ctx, d.Artifacts)
	if err != nil {
		return err
	}
	_, known, err := o.current(ctx, existing, at.bucket)
	if err != nil {
		return err
	}
	b := o.builder(goarch)
	b.Source, b.Args, b.Zstd = d.Source, d.BuildArgs, value("ImageCompression") == "zstd"
	b.BeforePush = func(ctx context.Context) error { return o.protect(ctx, at, existing.Current("WorkerImage")) }
	now, err := o.buildAll(ctx, d, b, at)
	if err != nil {
		return err
	}
	now.ID, now.Architecture = revision.NewID(o.Now, known), architecture
	set["WorkerImage"], set["CodeBucket"], set["CodeKey"] = now.Image, at.bucket, now.Code
	changed, err := o.change(ctx, stack.Proposal{Stack: existing, TemplateURL: o.templateURL(at.bucket, now.Template), Set: set, Keep: commonParameters(template, existing)}, d.Ask)
	if err != nil {
		return err
	}
	return o.finish(ctx, now, known, at, changed)
}

// checkParameters checks the given parameters with those that the stack has, and that none is missing.
func (o Operator) checkParameters(template parameters.Template, given map[string]string, existing stack.Stack) error {
	if err := parameters.RefuseBuilt(given); err != nil {
		return err
	}
	if err := template.Check(given, existing.Current); err != nil || o.Dry {
		return err
	}
	if missing := template.Missing(given, existing.Current); len(missing) > 0 {
		return fmt.Errorf("the stack %s needs %s: give NAME=VALUE for each", o.Name, strings.Join(missing, " and "))
	}
	return nil
}

// checkAccount checks the account, creates the roles that it lacks, and chooses the zones of a new stack, in set.
func (o Operator) checkAccount(ctx context.Context, template parameters.Template, set map[string]string, existing stack.Stack) error {
	a, err := account.Inspect(ctx, o.CLI)
	if err != nil {
		return err
	}
	if o.Dry {
		o.Printf("# create the service-linked roles that do not exist, and choose ZoneA and ZoneB for a new stack\n")
		return nil
	}
	var left []account.Finding
	for _, f := range a.Assess(account.Wanted{Value: template.Values(set, existing.Current), Current: existing.Current}) {
		if f.Fix == nil {
			left = append(left, f)
		} else if err := o.Do(ctx, f.Fix...); err != nil {
			return err
		}
	}
	if account.Report(o.Out, left) > 0 {
		return errors.New("the account is not ready for this deployment, which would fail; --skip-check deploys anyway")
	}
	if _, chosen := set["ZoneA"]; existing.Completed() || chosen || set["ZoneB"] != "" {
		return nil
	}
	for i, z := range a.Usable()[:2] {
		set[[]string{"ZoneA", "ZoneB"}[i]] = z.ZoneName
	}
	return nil
}

// deployArtifacts deploys the stack that stores the builds.
func (o Operator) deployArtifacts(ctx context.Context, file string) (builds, error) {
	s, err := o.Clear(ctx, o.Artifacts())
	if err != nil {
		return builds{}, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return builds{}, err
	}
	template, err := parameters.Read(text)
	if err != nil {
		return builds{}, err
	}
	if _, err := o.change(ctx, stack.Proposal{Stack: s, Body: file, Keep: commonParameters(template, s)}, false); err != nil {
		return builds{}, err
	}
	return o.builds(ctx)
}

// buildAll builds and uploads all that the bucket and the registry lack.
func (o Operator) buildAll(ctx context.Context, d Deployment, b build.Builder, at builds) (r revision.Revision, err error) {
	r.Commit = d.Source.Revision()
	if r.Code, err = b.Lambda(ctx, at.bucket); err != nil {
		return r, err
	}
	if r.Page, err = o.page(at.bucket).Keep(ctx, o.Dir); err != nil {
		return r, err
	}
	if r.Image, err = b.Image(ctx, at.repository); err != nil {
		return r, err
	}
	r.Template, err = o.keepTemplate(ctx, at.bucket, d.Template)
	return r, err
}

// protect returns an error if one more image in the registry would push out the one that the stack runs. That can be an
// old one, after a rollback. Without it no worker could start.
func (o Operator) protect(ctx context.Context, at builds, running string) error {
	tag, ours := strings.CutPrefix(running, at.repository+":")
	if !ours || at.keep == 0 {
		return nil
	}
	_, name, _ := strings.Cut(at.repository, "/")
	var out struct {
		ImageDetails []struct {
			ImageTags     []string
			ImagePushedAt time.Time
		}
	}
	if err := o.Ask(ctx, &out, "ecr", "describe-images", "--repository-name", name); err != nil {
		return err
	}
	var pushed time.Time
	for _, i := range out.ImageDetails {
		if slices.Contains(i.ImageTags, tag) {
			pushed = i.ImagePushedAt
		}
	}
	newer := 0
	for _, i := range out.ImageDetails {
		if i.ImagePushedAt.After(pushed) {
			newer++
		}
	}
	if !pushed.IsZero() && newer+1 >= at.keep {
		return fmt.Errorf("the registry keeps %d images, and one more would push out the running one, %s: \"set --stack %s KeepImages=%d\" keeps more", at.keep, tag, o.Artifacts(), 2*at.keep)
	}
	return nil
}

// finish publishes the board page, records the revision if it differs from the last, and says how to use the system.
func (o Operator) finish(ctx context.Context, now revision.Revision, known []revision.Revision, at builds, changed bool) error {
	s, err := o.Describe(ctx, o.Name)
	if err != nil {
		return err
	}
	if o.Dry {
		s.Outputs = map[string]string{"BoardBucket": "$BoardBucket", "ApiUrl": "$ApiUrl"}
		o.Printf("# if the stack has the board page:\n")
	}
	if err := o.page(at.bucket).Publish(ctx, now.Page, s.Outputs); err != nil {
		return err
	}
	if !changed && len(known) > 0 && known[0].SameBuilds(now) {
		now = known[0]
	} else if err := o.revisions(at.bucket).Record(ctx, now); err != nil {
		return err
	}
	if !o.Dry {
		o.printOutputs(s)
		o.Printf("\nThe stack %s runs the revision %s, of the commit %s.\n", o.Name, now.ID, now.Commit)
	}
	o.Printf("\nTry it with a token of one of your users:\n\n  DARKROOM_TOKEN=JWT go run ./deploy/local upload --api %s --board demo PHOTO\n", s.Outputs["ApiUrl"])
	return nil
}

// ReadTemplates returns the template of the system, and the file with that of its builds, below the root of the
// repository.
func ReadTemplates(root string) (system []byte, artifacts string, err error) {
	system, err = os.ReadFile(filepath.Join(root, "deploy/aws/template/template.yaml"))
	return system, filepath.Join(root, "deploy/aws/template/artifacts.yaml"), err
}

// sortedNames returns the names of parameters in order.
func sortedNames(values map[string]string) []string { return slices.Sorted(maps.Keys(values)) }
