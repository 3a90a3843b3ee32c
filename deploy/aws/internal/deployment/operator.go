// Package deployment changes a system on AWS: it deploys what the working tree has, sets parameters, and rolls back to
// what ran before. Every change of the stack is a change set, which is printed before it is made.
//
//   - Deploy makes the changes without asking, unless they would lose data. It builds and uploads only what the bucket
//     and the registry lack.
//   - Set builds nothing and keeps the stack's template, so nothing of the working tree reaches AWS. It asks first.
//   - Rollback takes the builds and the template of an earlier revision, and keeps the parameters. It asks first.
//
// Deploy and Rollback record a revision. Each step can be repeated. An error at any step leaves a stack that runs.
package deployment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"darkroom/deploy/aws/internal/boardpage"
	"darkroom/deploy/aws/internal/consent"
	"darkroom/deploy/aws/internal/parameters"
	"darkroom/deploy/aws/internal/revision"
	"darkroom/deploy/aws/internal/stack"
)

// Operator changes one system.
type Operator struct {
	stack.Client
	Name  string // name of the stack
	Work  string // folder for temporary files
	Asker consent.Asker
	Now   time.Time
}

// Artifacts is the name of the stack that stores the builds. Each system has its own, because its registry keeps only
// the newest images: those of another system would push out the one that this system runs.
func (o Operator) Artifacts() string { return Artifacts(o.Name) }

// Artifacts returns the name of the stack that stores the builds of a system.
func Artifacts(system string) string { return system + "-artifacts" }

// builds are the outputs of the stack that stores the builds, and how many images its registry keeps.
type builds struct {
	repository, bucket string
	keep               int // 0 if unknown
}

// builds reads where the builds are. In a dry run, both are shell variables.
func (o Operator) builds(ctx context.Context) (builds, error) {
	if o.Dry {
		return builds{repository: "$Repository", bucket: "$CodeBucket"}, nil
	}
	s, err := o.Deployed(ctx, o.Artifacts())
	if err != nil {
		return builds{}, err
	}
	repository, err := s.Output("Repository")
	if err != nil {
		return builds{}, err
	}
	bucket, err := s.Output("CodeBucket")
	keep, _ := strconv.Atoi(s.Parameters["KeepImages"]) // the template accepts only numbers
	return builds{repository, bucket, keep}, err
}

func (o Operator) revisions(bucket string) revision.Store {
	return revision.Store{CLI: o.CLI, Bucket: bucket, Work: o.Work}
}

func (o Operator) page(bucket string) boardpage.Page {
	return boardpage.Page{CLI: o.CLI, Builds: bucket, Work: o.Work}
}

// templateURL returns the address at which CloudFormation reads a template from a bucket.
func (o Operator) templateURL(bucket, key string) string {
	domain := "amazonaws.com"
	if strings.HasPrefix(o.Region, "cn-") {
		domain = "amazonaws.com.cn"
	}
	return fmt.Sprintf("https://%s.s3.%s.%s/%s", bucket, o.Region, domain, key)
}

// change proposes changes, prints them and makes them. Where always is false, it asks only if the changes would lose
// data. It reports whether anything changed.
func (o Operator) change(ctx context.Context, p stack.Proposal, always bool) (changed bool, err error) {
	set, err := o.Propose(ctx, p)
	if errors.Is(err, stack.ErrNoChanges) {
		o.Printf("Nothing changes in the stack %s.\n", p.Stack.Name)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if o.Dry {
		o.Printf("# print the changes%s\n", map[bool]string{true: " and ask", false: ", and ask if they would lose data"}[always])
		return true, set.Apply(ctx)
	}
	set.Print(o.Out)
	if always || len(set.Losses()) > 0 {
		if err := o.Asker.Confirm(ctx, "Make these changes?"); err != nil {
			if !errors.Is(err, consent.ErrDeclined) || len(set.Losses()) > 0 && !always {
				err = fmt.Errorf("%w; --yes makes the changes without a question", err)
			}
			return false, errors.Join(err, set.Discard(ctx))
		}
	}
	return true, set.Apply(ctx)
}

// current returns the revision that a stack runs. One that was deployed without this program, or by an earlier release,
// is recorded first, so that a rollback can go back to it.
func (o Operator) current(ctx context.Context, s stack.Stack, bucket string) (revision.Revision, []revision.Revision, error) {
	known, err := o.revisions(bucket).List(ctx, revision.Most)
	if err != nil || o.Dry || !s.Completed() {
		return revision.Revision{}, known, err
	}
	if len(known) > 0 && known[0].Image == s.Parameters["WorkerImage"] && known[0].Code == s.Parameters["CodeKey"] {
		return known[0], known, nil
	}
	if s.Parameters["CodeBucket"] != bucket {
		return revision.Revision{}, known, nil // its zip is somewhere else, so it could not be deployed again
	}
	template, err := o.Template(ctx, o.Name)
	if err != nil {
		return revision.Revision{}, nil, err
	}
	r := revision.Revision{ID: revision.NewID(s.Changed, known), Commit: "unknown", Image: s.Parameters["WorkerImage"], Code: s.Parameters["CodeKey"], Architecture: s.Parameters["Architecture"]}
	if len(known) > 0 {
		r.Page = known[0].Page // nothing else publishes the page
	}
	if r.Template, err = o.keepTemplate(ctx, bucket, template); err != nil {
		return revision.Revision{}, nil, err
	}
	if r.Architecture == "" {
		r.Architecture = defaultArchitecture
	}
	return r, append([]revision.Revision{r}, known...), o.revisions(bucket).Record(ctx, r)
}

// defaultArchitecture is what a stack from before the parameter Architecture runs on.
const defaultArchitecture = "ARM64"

// keepTemplate puts a template into the bucket of the builds, unless it is there, and returns its key.
func (o Operator) keepTemplate(ctx context.Context, bucket string, text []byte) (key string, err error) {
	key = "templates/" + digest(text) + ".yaml"
	file := filepath.Join(o.Work, "template.yaml")
	if !o.Dry {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return "", err
		}
	}
	return key, o.builder("").PutObject(ctx, file, bucket, key)
}

// commonParameters returns the parameters of a template that a stack has too.
func commonParameters(t parameters.Template, s stack.Stack) (names []string) {
	if !s.Completed() {
		return nil
	}
	for _, name := range t.Names() {
		if _, ok := s.Parameters[name]; ok {
			names = append(names, name)
		}
	}
	return names
}

// printOutputs prints the outputs of a stack.
func (o Operator) printOutputs(s stack.Stack) {
	for _, name := range slices.Sorted(maps.Keys(s.Outputs)) {
		o.Printf("%-20s %s\n", name, s.Outputs[name])
	}
}
