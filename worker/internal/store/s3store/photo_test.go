package s3store

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// counting counts requests by method and bucket.
type counting struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counting) Do(r *http.Request) (*http.Response, error) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	c.mu.Lock()
	c.counts[r.Method+" "+bucket]++
	c.mu.Unlock()
	return http.DefaultClient.Do(r)
}

func noEvents(string) ([]reconcile.Event, error) { return nil, nil }

// TestAPhotoOverS3 counts the requests for a photo on the wire, where AWS counts them.
func TestAPhotoOverS3(t *testing.T) {
	plain := fakes3test.Client(fakes3test.Start(t))
	uploads, variants := newBucket(t, plain), newBucket(t, plain)
	wire := &counting{counts: map[string]int{}}
	options := plain.Options()
	options.HTTPClient = wire
	client := awss3.New(options, Options)

	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 400, 300)), nil); err != nil {
		t.Fatal(err)
	}
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	sum := sha256.Sum256(picture.Bytes())
	if _, err := plain.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &uploads, Key: aws.String(ref.Key()), Body: bytes.NewReader(picture.Bytes()),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:]))}); err != nil {
		t.Fatal(err)
	}
	makes, err := engine.New(engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := reconcile.New(reconcile.Config{Bucket: uploads, ParseEvents: noEvents, Recipe: photo.Recipe{Name: "r"}}, New(client, uploads), New(client, variants), makes)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Reconcile(t.Context(), ref); got != reconcile.Rendered || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	want := map[string]int{"GET " + uploads: 1, "HEAD " + uploads: 1, "GET " + variants: 1, "PUT " + variants: len(engine.DefaultSpecs()) + 1}
	if !maps.Equal(wire.counts, want) {
		t.Errorf("requests %v, want %v", wire.counts, want)
	}
	_, body, err := New(client, variants).Get(t.Context(), ref.ManifestKey(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(body); err != nil {
		t.Fatal(err)
	}
	m, err := photo.ParseManifest(ref, text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if digest := fmt.Sprintf("%x", sum); m.Source.SHA256 != digest || m.Source.Bytes != int64(picture.Len()) {
		t.Errorf("source %+v, want %d bytes of SHA-256 %s", m.Source, picture.Len(), digest)
	}
}
