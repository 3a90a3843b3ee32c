// Package revision keeps what was deployed: one small JSON object for each deployment, in the bucket of a stack's
// builds, under revisions/. A rollback reads it. Parameters are not part of a revision, because a rollback keeps those
// that the stack has.
//
// Objects are never changed or removed. The images that they name may be: the registry keeps only the newest.
package revision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"darkroom/deploy/aws/internal/awscli"
)

// Revision is what a stack ran after a deployment or a rollback.
type Revision struct {
	ID           string // when it was deployed, in UTC: 20261130-101500
	Commit       string // with -dirty if files differed from it, or "unknown"
	Image        string // image of the worker, with its tag
	Code         string // key of the token Lambda's zip
	Architecture string // processors of the builds, ARM64 or X86_64
	Template     string // key of the template
	Page         string // digest of the board page, "" if unknown
	RollbackTo   string `json:",omitempty"` // revision that this one repeats
}

// Tag returns the image's tag.
func (r Revision) Tag() string { return r.Image[strings.LastIndex(r.Image, ":")+1:] }

// SameBuilds reports whether two revisions run the same builds.
func (r Revision) SameBuilds(other Revision) bool {
	return r.Image == other.Image && r.Code == other.Code && r.Template == other.Template && r.Page == other.Page && r.Architecture == other.Architecture
}

// idFormat is the time format of ids.
const idFormat = "20060102-150405"

// NewID returns the id of a revision that is deployed at a given time. It sorts after the ids of all known revisions.
func NewID(at time.Time, known []Revision) string {
	for _, r := range known {
		if deployed, err := time.Parse(idFormat, r.ID); err == nil && !at.UTC().Truncate(time.Second).After(deployed) {
			at = deployed.Add(time.Second)
		}
	}
	return at.UTC().Format(idFormat)
}

// Store keeps the revisions of one system in the bucket of its builds.
type Store struct {
	awscli.CLI
	Bucket string
	Work   string // folder for temporary files
}

// prefix begins the keys of all revisions.
const prefix = "revisions/"

// Record adds a revision.
func (s Store) Record(ctx context.Context, r Revision) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	file := filepath.Join(s.Work, r.ID+".json")
	if !s.Dry {
		if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	return s.Do(ctx, "s3", "cp", "--only-show-errors", "--content-type", "application/json", file, "s3://"+s.Bucket+"/"+prefix+r.ID+".json")
}

// Most is the number of revisions in a list. By default, the registry keeps no more images.
const Most = 20

// List returns the newest revisions, at most n, the newest first.
func (s Store) List(ctx context.Context, n int) (all []Revision, err error) {
	var listed struct{ Contents []struct{ Key string } }
	if err := s.Ask(ctx, &listed, "s3api", "list-objects-v2", "--bucket", s.Bucket, "--prefix", prefix); err != nil {
		return nil, err
	}
	var keys []string
	for _, o := range listed.Contents {
		if path.Ext(o.Key) == ".json" {
			keys = append(keys, o.Key)
		}
	}
	if len(keys) == 0 && !s.Dry {
		return nil, nil
	}
	slices.Sort(keys)
	slices.Reverse(keys)
	keys = keys[:min(len(keys), n)]
	folder := filepath.Join(s.Work, "revisions")
	args := []string{"s3", "cp", "--only-show-errors", "--recursive", "--exclude", "*"}
	for _, key := range keys {
		args = append(args, "--include", strings.TrimPrefix(key, prefix))
	}
	if _, err := s.Quietly(ctx, s.Command(append(args, "s3://"+s.Bucket+"/"+prefix, folder)...)); err != nil || s.Dry {
		return nil, err
	}
	for _, key := range keys {
		text, err := os.ReadFile(filepath.Join(folder, path.Base(key)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since it was listed
		}
		if err != nil {
			return nil, err
		}
		var r Revision
		if err := json.Unmarshal(text, &r); err != nil || r.ID == "" || r.Image == "" || r.Code == "" || r.Template == "" {
			return nil, fmt.Errorf("s3://%s/%s is not a revision: %w", s.Bucket, key, errors.Join(err, errIncomplete))
		}
		all = append(all, r)
	}
	return all, nil
}

var errIncomplete = errors.New("want an id, an image, a key of code and a template")

// Find returns the revision whose id is or begins with a text.
func Find(all []Revision, text string) (Revision, error) {
	var found []Revision
	for _, r := range all {
		if r.ID == text {
			return r, nil
		}
		if strings.HasPrefix(r.ID, text) {
			found = append(found, r)
		}
	}
	switch {
	case text == "" || len(found) == 0:
		return Revision{}, fmt.Errorf("there is no revision %q: \"rollback --list\" lists them", text)
	case len(found) > 1:
		return Revision{}, fmt.Errorf("%q matches %d revisions: give more of the id", text, len(found))
	}
	return found[0], nil
}
