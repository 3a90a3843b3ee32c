// Package boardpage publishes the board page of a stack.
//
// The files of the page are first put into the bucket of the builds, under their digest, and copied from there to the
// bucket that CloudFront serves. So a rollback publishes the page of its revision, and a page that did not change is
// not uploaded.
package boardpage

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"darkroom/deploy/aws/internal/awscli"
	"darkroom/deploy/web"
)

// folder holds the files of the board page, below the root of the repository.
const folder = "deploy/web/page"

// Page publishes with the builds of a stack.
type Page struct {
	awscli.CLI
	Builds string // bucket of the builds
	Work   string // folder for temporary files
}

// Digest returns the beginning of the SHA-256 of the page's files, with their names, types and caching.
func Digest(root string) (string, error) {
	sum := sha256.New()
	for _, extension := range slices.Sorted(maps.Keys(web.Types)) {
		fmt.Fprintf(sum, "%s %s %s\n", extension, web.Types[extension], web.CacheControl)
	}
	dir := filepath.Join(root, folder)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%x  %s\n", sha256.Sum256(content), filepath.ToSlash(name))
		return nil
	})
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), err
}

// metadata is the name of the metadata on index.html and config.json with the digest of what was published with them.
const metadata = "digest"

// published returns the digest on an object, or "" if there is none.
func (p Page) published(ctx context.Context, bucket, key string) (string, error) {
	var head struct{ Metadata map[string]string }
	err := p.Ask(ctx, &head, "s3api", "head-object", "--bucket", bucket, "--key", key)
	if err != nil && strings.Contains(err.Error(), "404") {
		return "", nil
	}
	return head.Metadata[metadata], err
}

// Keep puts the files of the page into the bucket of the builds, unless they are there, and returns their digest. The
// page itself comes last, so that it is there only if all its files are.
func (p Page) Keep(ctx context.Context, root string) (digest string, err error) {
	if digest, err = Digest(root); err != nil {
		return "", err
	}
	at := "page/" + digest + "/"
	if there, err := p.published(ctx, p.Builds, at+"index.html"); err != nil || there == digest {
		return digest, err
	}
	if p.Dry {
		p.Printf("# unless the bucket has them:\n")
	}
	for _, extension := range slices.Sorted(maps.Keys(web.Types)) {
		if extension == ".html" || extension == ".json" {
			continue // the page and its configuration, which are not in the folder page of the bucket
		}
		if err := p.upload(ctx, folder, p.Builds, at+"page/", extension, "--recursive", "--exclude", "*", "--include", "*"+extension); err != nil {
			return "", err
		}
	}
	return digest, p.upload(ctx, folder+"/index.html", p.Builds, at+"index.html", ".html", "--metadata", metadata+"="+digest)
}

// Publish publishes the page of a digest in a stack, if the stack has a bucket for it. Like the page, its configuration
// is uploaded only if it changed. The page itself comes last, so that it never refers to a file that is not there.
// Browsers revalidate every file, and so does CloudFront. With an empty digest, Publish leaves the files of the page as
// they are.
func (p Page) Publish(ctx context.Context, digest string, outputs map[string]string) error {
	bucket := outputs["BoardBucket"]
	if bucket == "" {
		return nil
	}
	config := filepath.Join(p.Work, "config.json")
	sum := "$Digest"
	if p.Dry {
		p.Printf("# write the output BoardConfig to %s; publish it and the page if they changed\n", config)
	} else {
		text, err := configOf(outputs["BoardConfig"])
		if err != nil {
			return err
		}
		if err := os.WriteFile(config, text, 0o600); err != nil {
			return err
		}
		sum = fmt.Sprintf("%x", sha256.Sum256(text))[:16]
	}
	there, err := p.published(ctx, bucket, "config.json")
	if err != nil {
		return err
	}
	if there != sum {
		if err := p.upload(ctx, config, bucket, "config.json", ".json", "--metadata", metadata+"="+sum); err != nil {
			return err
		}
	}
	there, err = p.published(ctx, bucket, "index.html")
	if err != nil || digest == "" || there == digest && !p.Dry {
		return err
	}
	from := "s3://" + p.Builds + "/page/" + digest + "/"
	if err := p.Do(ctx, "s3", "cp", "--only-show-errors", "--recursive", from+"page/", "s3://"+bucket+"/page/"); err != nil {
		return err
	}
	return p.Do(ctx, "s3", "cp", "--only-show-errors", from+"index.html", "s3://"+bucket+"/index.html")
}

func (p Page) upload(ctx context.Context, from, bucket, key, extension string, more ...string) error {
	args := []string{"s3", "cp", "--only-show-errors", "--content-type", web.Types[extension], "--cache-control", web.CacheControl}
	return p.Do(ctx, slices.Concat(args, more, []string{from, "s3://" + bucket + "/" + key})...)
}

// configOf returns the page's configuration, from the JSON text of the output BoardConfig, if the page can use it.
func configOf(text string) ([]byte, error) {
	var c web.Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, fmt.Errorf("output BoardConfig %q: %w", text, err)
	}
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("output BoardConfig: %w", err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("output BoardConfig: %w", err)
	}
	return b, nil
}
