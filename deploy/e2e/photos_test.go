package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/samples"
	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// upload uploads every sample and returns the outcomes in the same order.
func (s *system) upload(t *testing.T, all []samples.Sample) []client.Outcome {
	t.Helper()
	c := s.client(t, "cats")
	outcomes := make([]client.Outcome, len(all))
	var wg sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				out, err := c.Upload(t.Context(), client.FromBytes(all[i].Name, all[i].ContentType, all[i].Bytes))
				if err != nil {
					t.Errorf("%s: %v", all[i].Name, err)
				}
				outcomes[i] = out
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	wg.Wait()
	return outcomes
}

// check compares an outcome and its variants with the expectations of the sample.
func (s *system) check(t *testing.T, sample samples.Sample, out client.Outcome) {
	t.Helper()
	if out.State != sample.State || out.Reason != sample.Reason {
		t.Errorf("%s: %s %s %s, want %s %s", sample.Name, out.State, out.Reason, out.Detail, sample.State, sample.Reason)
		return
	}
	if sample.State == photo.Rejected {
		if out.Detail == "" || len(out.Variants) != 0 {
			t.Errorf("%s: rejected with detail %q and %d variants", sample.Name, out.Detail, len(out.Variants))
		}
		return
	}
	if out.Width != sample.Width || out.Height != sample.Height {
		t.Errorf("%s: %dx%d, want %dx%d", sample.Name, out.Width, out.Height, sample.Width, sample.Height)
	}
	want := map[string]image.Point{}
	for _, box := range samples.Boxes {
		want[box.Name] = box.Size(sample.Width, sample.Height)
	}
	var names []string
	for _, v := range out.Variants {
		names = append(names, v.Name)
		body := s.download(t, v)
		if sum := sha256.Sum256(body); int64(len(body)) != v.Bytes || hex.EncodeToString(sum[:]) != v.SHA256 {
			t.Errorf("%s %s: %d bytes do not match the digest and the %d bytes of the manifest", sample.Name, v.Name, len(body), v.Bytes)
		}
		size, err := sample.Check(body)
		if err != nil {
			t.Errorf("%s %s: %v", sample.Name, v.Name, err)
		}
		if size != image.Pt(v.Width, v.Height) {
			t.Errorf("%s %s: is %v, the manifest says %dx%d", sample.Name, v.Name, size, v.Width, v.Height)
		}
		if w := want[v.Name]; size != w {
			t.Errorf("%s %s: is %v, want %v", sample.Name, v.Name, size, w)
		}
		if size.X > sample.Width || size.Y > sample.Height {
			t.Errorf("%s %s: %v is larger than the photo", sample.Name, v.Name, size)
		}
	}
	if !slices.Equal(names, []string{"large", "medium", "small", "thumb"}) {
		t.Errorf("%s: variants %v", sample.Name, names)
	}
}

func (s *system) download(t *testing.T, v contract.Variant) []byte {
	t.Helper()
	resp, err := http.Get(v.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != v.ContentType {
		t.Fatalf("variant %s: %s, %s, %v", v.Name, resp.Status, resp.Header.Get("Content-Type"), err)
	}
	return body
}

func TestFortyMixedPhotos(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	all, err := samples.Mixed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 40 {
		t.Fatalf("%d samples, want 40", len(all))
	}
	outcomes := s.upload(t, all)
	variants := 0
	for i, out := range outcomes {
		s.check(t, all[i], out)
		variants += len(out.Variants) + 1 // plus the manifest
	}
	s.wantQueuesEmpty(t)
	if n := len(s.keys(t, fake.Uploads)); n != 40 {
		t.Errorf("%d originals, want 40", n)
	}
	if n := len(s.keys(t, fake.Variants)); n != variants {
		t.Errorf("%d objects in the variants bucket, want %d", n, variants)
	}
	page := s.page(t)
	for _, want := range []string{"taking messages", "photo rejected: corrupt", "Free slots:"} {
		if !strings.Contains(page, want) {
			t.Errorf("the worker's page lacks %q:\n%s", want, page)
		}
	}
	for _, secret := range []string{"X-Amz-Signature", fake.SecretKey, "eyJ", "Bearer "} {
		if log := s.log.String(); strings.Contains(log, secret) {
			t.Errorf("the logs contain %q", secret)
		}
		if strings.Contains(page, secret) {
			t.Errorf("the worker's page contains %q", secret)
		}
	}
}

// page returns the worker's status page.
func (s *system) page(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(s.Workers[0])
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s, %v", s.Workers[0], resp.Status, err)
	}
	return string(text)
}

// TestDeletedOriginal deletes an original from S3: its variants and its manifest must go too.
func TestDeletedOriginal(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	all, err := samples.Demo()
	if err != nil {
		t.Fatal(err)
	}
	out := s.upload(t, all[1:2])[0]
	s.check(t, all[1], out)
	if _, err := s.s3().DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: ptr(fake.Uploads), Key: ptr("cats/" + string(out.ID))}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an empty variants bucket", func() bool { return len(s.keys(t, fake.Variants)) == 0 })
	s.wantQueuesEmpty(t)
}

func TestInvalidMessageIsDeadLettered(t *testing.T) {
	t.Parallel()
	s := startSystem(t, nil)
	if _, err := s.sqs().SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &s.Events, MessageBody: ptr("hello")}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the message in the dead-letter queue", func() bool {
		return s.depth(t, s.DeadLetters[0]).Visible == 1
	})
	got, err := s.sqs().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &s.DeadLetters[0], MessageAttributeNames: []string{"All"}})
	if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != "hello" || *got.Messages[0].MessageAttributes["darkroom-reason"].StringValue != "not-an-s3-event" {
		t.Errorf("dead letters %+v, %v", got, err)
	}
	eventually(t, "an empty queue", func() bool {
		return s.depth(t, s.Queues()...).Total() == 0
	})
}
