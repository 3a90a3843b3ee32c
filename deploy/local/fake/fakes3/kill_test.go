package fakes3_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	kills   = 25
	writers = 6
)

// version is the object that a client wrote to a key. The zero value means that there is no object.
type version struct{ body, contentType, owner string }

// entry is what a client knows about one key.
type entry struct {
	stored  version  // last acknowledged state
	pending *version // state that the last request asked for, if the server died before it answered
	upload  string   // multipart upload of pending, if any
	part    types.CompletedPart
}

// writer is a client that puts, overwrites, deletes and completes uploads, one request after the other.
type writer struct {
	*s3.Client
	random *rand.Rand
	name   string
	keys   map[string]*entry
	acked  *atomic.Int64
	etags  map[string]bool // key and ETag of each acknowledged PUT, which must have an event
}

// run writes until the server dies, and returns any other error.
func (w *writer) run(ctx context.Context) error {
	for {
		if err := w.request(ctx); err != nil {
			if code(err) == fmt.Sprint(err) { // no answer
				return nil
			}
			return err
		}
		w.acked.Add(1)
	}
}

func (w *writer) request(ctx context.Context) error {
	names := slices.Sorted(maps.Keys(w.keys))
	n := len(names)
	if n == 0 || w.random.IntN(3) == 0 {
		key := fmt.Sprintf("%s/%d/photo", w.name, n) // a folder of its own
		w.keys[key] = &entry{}
		return w.put(ctx, key, new("*"))
	}
	key := names[w.random.IntN(n)]
	switch w.random.IntN(4) {
	case 0:
		return w.remove(ctx, key)
	case 1:
		return w.multipart(ctx, key)
	default:
		return w.put(ctx, key, nil)
	}
}

func (w *writer) next() version {
	n := w.random.IntN(1_000_000)
	return version{fmt.Sprintf("body %d %s", n, strings.Repeat("x", n%3000)), fmt.Sprintf("image/x-%d", n), fmt.Sprintf("owner %d", n)}
}

// ack notes that the request for the key was answered.
func (w *writer) ack(key, etag string) {
	e := w.keys[key]
	e.stored, e.pending, e.upload = *e.pending, nil, ""
	if etag != "" {
		w.etags[key+" "+strings.Trim(etag, `"`)] = true
	}
}

func (w *writer) put(ctx context.Context, key string, ifNoneMatch *string) error {
	v := w.next()
	w.keys[key].pending = &v
	out, err := w.PutObject(ctx, &s3.PutObjectInput{Bucket: new(uploads), Key: &key, Body: strings.NewReader(v.body), ContentType: &v.contentType,
		Metadata: map[string]string{"owner": v.owner}, IfNoneMatch: ifNoneMatch})
	if err != nil {
		return fmt.Errorf("put %s: %w", key, err)
	}
	w.ack(key, *out.ETag)
	return nil
}

func (w *writer) remove(ctx context.Context, key string) error {
	w.keys[key].pending = &version{}
	if _, err := w.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: new(uploads), Key: &key}); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	w.ack(key, "")
	return nil
}

func (w *writer) multipart(ctx context.Context, key string) error {
	v, e := w.next(), w.keys[key]
	mp, err := w.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: new(uploads), Key: &key, ContentType: &v.contentType, Metadata: map[string]string{"owner": v.owner}})
	if err != nil {
		return fmt.Errorf("create an upload of %s: %w", key, err)
	}
	part, err := w.UploadPart(ctx, &s3.UploadPartInput{Bucket: new(uploads), Key: &key, UploadId: mp.UploadId, PartNumber: new(int32(1)), Body: strings.NewReader(v.body)})
	if err != nil {
		return fmt.Errorf("upload a part of %s: %w", key, err)
	}
	e.pending, e.upload = &v, *mp.UploadId
	e.part = types.CompletedPart{ETag: part.ETag, PartNumber: new(int32(1)), ChecksumCRC32: part.ChecksumCRC32, ChecksumCRC64NVME: part.ChecksumCRC64NVME}
	return w.complete(ctx, key)
}

func (w *writer) complete(ctx context.Context, key string) error {
	e := w.keys[key]
	out, err := w.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: new(uploads), Key: &key, UploadId: &e.upload,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{e.part}}})
	if err != nil {
		return fmt.Errorf("complete the upload of %s: %w", key, err)
	}
	w.ack(key, *out.ETag)
	return nil
}

// read returns the object at key.
func (w *writer) read(ctx context.Context, key string) (version, error) {
	out, err := w.GetObject(ctx, &s3.GetObjectInput{Bucket: new(uploads), Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if code(err) == "NoSuchKey" {
		return version{}, nil
	}
	if err != nil {
		return version{}, err
	}
	defer out.Body.Close()
	b, err := io.ReadAll(out.Body)
	return version{string(b), aws.ToString(out.ContentType), out.Metadata["owner"]}, err
}

// check compares a key with what the client knows, after a restart. A request without an answer may have had its effect
// or not. In both cases the client can go on: it completes its upload, or writes to a key without an object.
func (w *writer) check(ctx context.Context, key string) error {
	e := w.keys[key]
	got, err := w.read(ctx, key)
	switch {
	case err != nil:
		return fmt.Errorf("get %s: %w", key, err)
	case got != e.stored && (e.pending == nil || got != *e.pending):
		return fmt.Errorf("%s is %.80q, want %.80q or %.80q", key, got, e.stored, e.pending)
	case e.upload != "":
		if err := w.complete(ctx, key); err != nil {
			return err
		}
		if got, err := w.read(ctx, key); err != nil || got != e.stored {
			return fmt.Errorf("%s is %.80q after its upload was completed again, want %.80q: %w", key, got, e.stored, err)
		}
	case got == version{} && e.pending != nil:
		return w.put(ctx, key, new("*"))
	default:
		e.stored, e.pending = got, nil
	}
	return nil
}

// However often the server is killed, it keeps each object that it acknowledged, with its metadata, and sends its
// event. Every other key can still be read or written.
func TestKillLosesNothing(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 0))
	var acked atomic.Int64
	all := make([]*writer, writers)
	for i := range all {
		all[i] = &writer{random: rand.New(rand.NewPCG(1, uint64(i+1))), name: fmt.Sprintf("w%d", i), keys: map[string]*entry{}, etags: map[string]bool{}, acked: &acked}
	}
	sent := map[string]bool{} // key and ETag of each event
	for round := range kills + 1 {
		s := start(t, dir)
		for s.note(sent, s.line()) {
		}
		eachWriter := func(do func(w *writer) error) {
			var group sync.WaitGroup
			for _, w := range all {
				w.Client = s.Client
				group.Go(func() {
					if err := do(w); err != nil {
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
			group.Wait()
		}
		eachWriter(func(w *writer) (err error) {
			for key, e := range w.keys {
				if e.pending != nil || round == kills {
					err = errors.Join(err, w.check(ctx, key))
				}
			}
			return err
		})
		if t.Failed() {
			return
		}
		if round == kills {
			s.checkList(all)
			s.cmd.Process.Kill() // a stop would wait for idle connections
			for l := range s.lines {
				s.note(sent, l)
			}
			break
		}
		var killing sync.WaitGroup
		enough := acked.Load() + int64(2*writers+random.IntN(4*writers))
		killing.Go(func() {
			for line := range s.lines {
				s.note(sent, line)
				if acked.Load() >= enough {
					s.cmd.Process.Kill()
				}
			}
		})
		eachWriter(func(w *writer) error { return w.run(ctx) })
		killing.Wait()
		s.cmd.Wait()
	}
	for _, w := range all {
		for event := range w.etags {
			if !sent[event] {
				t.Errorf("no event of %s", event)
			}
		}
	}
	t.Logf("%d requests were acknowledged", acked.Load())
}

// note adds the event of a line, if it is one, and reports whether it is not the line "ready".
func (s *server) note(sent map[string]bool, line string) bool {
	var e struct {
		Records []struct{ S3 struct{ Object object } }
	}
	if json.Unmarshal([]byte(line), &e) == nil && len(e.Records) == 1 {
		o := e.Records[0].S3.Object
		sent[strings.ReplaceAll(o.Key, "%2F", "/")+" "+o.ETag] = true
	}
	return line != "ready"
}

// checkList compares the list of the bucket with the objects that the writers know.
func (s *server) checkList(all []*writer) {
	s.t.Helper()
	var want, got []string
	for _, w := range all {
		for key, e := range w.keys {
			if e.stored != (version{}) {
				want = append(want, key)
			}
		}
	}
	pages := s3.NewListObjectsV2Paginator(s.Client, &s3.ListObjectsV2Input{Bucket: new(uploads)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, o := range page.Contents {
			got = append(got, *o.Key)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.t.Errorf("listed %d keys, want %d:\n%q\n%q", len(got), len(want), got, want)
	}
}
