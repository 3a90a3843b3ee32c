package e2e

import (
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/local/stack"
	"darkroom/worker/photo"
)

// TestFloodDelaysNoOtherBoard uploads the flood of one board and then a photo of each of the others, before a worker
// starts. The others are ready before half of the flood is, although their events came last.
func TestFloodDelaysNoOtherBoard(t *testing.T) {
	t.Parallel()
	s := startSystem(t, func(c *stack.Config) { c.DeferWorkers = true })
	flood := s.uploadOnly(t, "flood", 300)
	var others []photo.Ref
	for i := range 5 {
		others = append(others, s.uploadOnly(t, photo.Board(fmt.Sprint("quiet-", i)), 1)...)
	}
	if err := s.StartWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wantQueuesEmpty(t)
	var ready []time.Time
	for _, ref := range flood {
		ready = append(ready, s.manifestTime(t, ref))
	}
	for _, ref := range others {
		at, before := s.manifestTime(t, ref), 0
		for _, r := range ready {
			if r.Before(at) {
				before++
			}
		}
		t.Logf("%s was ready after %d of %d photos of the flood", ref.Board, before, len(flood))
		if before >= len(flood)/2 {
			t.Errorf("%s was ready after %d of %d photos of the flood", ref.Board, before, len(flood))
		}
	}
}

// uploadOnly uploads small photos to a board and does not wait for their outcome.
func (s *system) uploadOnly(t *testing.T, board photo.Board, n int) []photo.Ref {
	t.Helper()
	c := s.client(t, board)
	refs := make([]photo.Ref, n)
	var all errgroup.Group
	all.SetLimit(8)
	for i := range refs {
		all.Go(func() error {
			sample, err := samples.Small(uint64(i))
			if err != nil {
				return err
			}
			p := client.FromBytes(sample.Name, sample.ContentType, sample.Bytes)
			created, err := c.CreateUpload(t.Context(), p)
			if err != nil {
				return err
			}
			refs[i] = photo.Ref{Board: board, ID: created.ID}
			return c.Send(t.Context(), p, created.Upload)
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	return refs
}

// manifestTime returns when the manifest of a photo was made.
func (s *system) manifestTime(t *testing.T, ref photo.Ref) time.Time {
	t.Helper()
	out, err := s.s3().GetObject(t.Context(), &s3.GetObjectInput{Bucket: ptr(fake.Variants), Key: ptr(ref.ManifestKey())})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := photo.ParseManifest(ref, text)
	if err != nil {
		t.Fatal(err)
	}
	return manifest.Created
}
