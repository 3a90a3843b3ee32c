// Package build makes what a stack runs: the worker's image and the zip of the token Lambda. Both are named after their
// content, so what did not change is neither built nor uploaded, and CloudFormation does not replace it.
//
// The tag of an image is the beginning of the SHA-256 of its [Inputs], which the command inputs prints. An image that
// is built from a working tree with uncommitted changes has a tag that ends in -dirty, and its revision does too. An
// image keeps the revision that it was first built from: a later commit that changes nothing in the worker runs the
// same image.
package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"darkroom/deploy/aws/internal/awscli"
)

// goarch are the values of the parameter Architecture, with the go command's and docker's names for them.
var goarch = map[string]string{"ARM64": "arm64", "X86_64": "amd64"}

// GOARCH returns what the go command and docker call an architecture of the template.
func GOARCH(architecture string) (string, error) {
	if name, ok := goarch[architecture]; ok {
		return name, nil
	}
	return "", fmt.Errorf("%q is not an architecture: want %s", architecture, strings.Join(slices.Sorted(maps.Keys(goarch)), " or "))
}

// Builder builds for one processor and uploads.
type Builder struct {
	awscli.CLI
	GOARCH string   // arm64 or amd64
	Work   string   // folder for what is built
	Source Source   // what the working tree is
	Args   []string // build arguments of the image, as NAME=VALUE
	Zstd   bool     // push the image with layers in zstd too

	// BeforePush is called before an image is built and pushed, if it is set. Its error stops that.
	BeforePush func(context.Context) error
}

// Source is the version of the working tree.
type Source struct {
	Commit string // "unknown" outside of git
	Dirty  bool   // whether files differ from the commit
}

// Revision returns the commit, marked if the files differ from it.
func (s Source) Revision() string {
	if s.Dirty {
		return s.Commit + "-dirty"
	}
	return s.Commit
}

// ErrDirty says that the working tree is not what was committed.
var ErrDirty = errors.New("the working tree has uncommitted changes")

// ReadSource asks git about the working tree. Files that git neither tracks nor ignores are changes too, because builds
// read them. A tree with changes, or outside of git, is refused with an error that is [ErrDirty], unless allowDirty.
func ReadSource(ctx context.Context, sh interface {
	Quietly(ctx context.Context, args []string) ([]byte, error)
}, allowDirty bool) (Source, error) {
	commit, err := sh.Quietly(ctx, []string{"git", "rev-parse", "HEAD"})
	if err != nil {
		if ctx.Err() != nil || !allowDirty {
			return Source{}, fmt.Errorf("%w: git does not know it, so nothing says what would be deployed; --allow-dirty deploys it as the revision unknown-dirty: %w", ErrDirty, err)
		}
		return Source{Commit: "unknown", Dirty: true}, nil
	}
	changes, err := sh.Quietly(ctx, []string{"git", "status", "--porcelain"})
	if err != nil {
		return Source{}, err
	}
	s := Source{Commit: strings.TrimSpace(string(commit)), Dirty: len(changes) > 0}
	if s.Dirty && !allowDirty {
		lines := strings.Split(strings.TrimRight(string(changes), "\n"), "\n")
		const shown = 10
		if more := len(lines) - shown; more > 0 {
			lines = append(lines[:shown], fmt.Sprintf("and %d more", more))
		}
		return Source{}, fmt.Errorf("%w: commit or stash them, or deploy them with --allow-dirty, as the revision %s-dirty:\n  %s", ErrDirty, s.Commit, strings.Join(lines, "\n  "))
	}
	return s, nil
}

// Lambda builds the token Lambda and uploads its zip, unless the bucket has it. The key holds the zip's digest.
func (b Builder) Lambda(ctx context.Context, bucket string) (key string, err error) {
	program, zip := filepath.Join(b.Work, "bootstrap"), filepath.Join(b.Work, "token-lambda.zip")
	if err := b.Run(ctx, []string{"env", "CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + b.GOARCH, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "./token-lambda"}); err != nil {
		return "", err
	}
	digest := "$Digest"
	if b.Dry {
		b.Printf("# pack %s alone into %s\n", program, zip)
	} else if digest, err = pack(program, zip); err != nil {
		return "", err
	}
	key = "token-lambda/" + digest + ".zip"
	return key, b.PutObject(ctx, zip, bucket, key)
}

// PutObject uploads a file unless the bucket has an object of that key. The key must name the content.
func (b Builder) PutObject(ctx context.Context, file, bucket, key string) error {
	if b.Dry {
		b.Printf("# unless the bucket has it:\n")
	} else if there, err := b.HasObject(ctx, bucket, key); there || err != nil {
		return err
	}
	return b.Do(ctx, "s3", "cp", "--only-show-errors", file, "s3://"+bucket+"/"+key)
}

// HasObject reports whether a bucket has an object of a key.
func (b Builder) HasObject(ctx context.Context, bucket, key string) (bool, error) {
	err := b.Ask(ctx, &struct{}{}, "s3api", "head-object", "--bucket", bucket, "--key", key)
	if err != nil && strings.Contains(err.Error(), "404") {
		return false, nil
	}
	return err == nil, err
}

// ZstdSuffix ends the tag of an image whose layers are compressed with zstd. The template cuts it off to find the image
// with gzip, which the fast scaler runs from: Lambda is not known to accept zstd.
const ZstdSuffix = ".zstd"

// Image builds the worker's image and pushes it, unless the registry has it. It returns its name with the tag. With
// Zstd, that is the image with zstd, and the same with gzip is in the registry too.
func (b Builder) Image(ctx context.Context, repository string) (string, error) {
	pins, err := b.pins(ctx)
	if err != nil {
		return "", err
	}
	tag := "$Tag"
	if b.Dry {
		b.Printf("# Tag is the digest of what \"go run ./deploy/aws inputs\" prints\n")
	} else {
		inputs, err := b.Inputs(pins)
		if err != nil {
			return "", err
		}
		tag = inputs.Tag()
	}
	if tag, err = b.push(ctx, repository, pins, b.usable(tag)...); err != nil || !b.Zstd {
		return repository + ":" + tag, err
	}
	tag, err = b.push(ctx, repository, pins, tag+ZstdSuffix)
	return repository + ":" + tag, err
}

// push builds and pushes an image under the last of some tags, unless the registry has one of them. It returns the tag
// that the registry has then. The tag says how to compress the layers.
func (b Builder) push(ctx context.Context, repository string, pins []string, tags ...string) (tag string, err error) {
	for _, tag = range tags {
		there, err := HasImage(ctx, b.CLI, repository, tag)
		if err != nil {
			return "", err
		}
		if there {
			b.Printf("the registry has the worker's image %s\n", tag)
			return tag, nil
		}
	}
	if b.BeforePush != nil {
		if err := b.BeforePush(ctx); err != nil {
			return "", err
		}
	}
	registry, _, _ := strings.Cut(repository, "/")
	if b.Dry {
		registry = "${Repository%%/*}"
		b.Printf("# unless the registry has it:\n")
	}
	login := []string{"docker", "login", "--username", "AWS", "--password-stdin", registry}
	if err := b.Pipe(ctx, []string{"aws", "--region", b.Region, "ecr", "get-login-password"}, login); err != nil {
		return "", err
	}
	revision := b.Source.Revision()
	if b.Dry {
		revision = "$Revision"
	}
	version, zstd := strings.CutSuffix(tag, ZstdSuffix)
	args := []string{"docker", "buildx", "build", "--platform", "linux/" + b.GOARCH, "--provenance=false", "--file", dockerfile, "--build-arg", "VERSION=" + version, "--build-arg", "REVISION=" + revision}
	for _, p := range pins {
		args = append(args, "--build-arg", p)
	}
	args = append(args, "--tag", repository+":"+tag)
	if zstd { // also the layers of the base image, which come with gzip
		return tag, b.Run(ctx, append(args, "--output", "type=image,push=true,compression=zstd,force-compression=true,oci-mediatypes=true", "."))
	}
	return tag, b.Run(ctx, append(args, "--push", "."))
}

// usable returns the tags under which an image may be in the registry. The last one is for a new build. A deployment
// with uncommitted changes uses the image of a commit if its content is the same. A clean one never uses one of
// uncommitted changes.
func (b Builder) usable(tag string) []string {
	if b.Source.Dirty {
		return []string{tag, tag + "-dirty"}
	}
	return []string{tag}
}

// HasImage reports whether a registry has an image of a tag. repository is the URI of an ECR repository. In a dry run
// it has none.
func HasImage(ctx context.Context, cli awscli.CLI, repository, tag string) (bool, error) {
	_, name, _ := strings.Cut(repository, "/")
	if cli.Dry {
		name = "${Repository#*/}"
	}
	err := cli.Ask(ctx, &struct{}{}, "ecr", "describe-images", "--repository-name", name, "--image-ids", "imageTag="+tag)
	if err != nil && strings.Contains(err.Error(), "ImageNotFound") {
		return false, nil
	}
	return err == nil && !cli.Dry, err
}

// pins returns the build arguments of the image. Each base image has the digest that its tag has now.
func (b Builder) pins(ctx context.Context) (all []string, err error) {
	bases, err := readBases(filepath.Join(b.Dir, dockerfile), b.Args)
	if err != nil {
		return nil, err
	}
	for _, base := range bases {
		if !base.image || strings.Contains(base.value, "@") {
			all = append(all, base.name+"="+base.value)
			continue
		}
		var manifest struct{ Digest string }
		text, err := b.Quietly(ctx, []string{"docker", "buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}", base.value})
		if err != nil {
			return nil, fmt.Errorf("the base image %s: %w", base.value, err)
		}
		if b.Dry {
			manifest.Digest = "$Digest" + base.name
		} else if err := json.Unmarshal(text, &manifest); err != nil || !strings.HasPrefix(manifest.Digest, "sha256:") {
			return nil, fmt.Errorf("the base image %s: docker answers %q instead of a manifest with a digest", base.value, text)
		}
		all = append(all, base.name+"="+base.value+"@"+manifest.Digest)
	}
	return all, nil
}
