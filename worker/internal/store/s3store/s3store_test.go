package s3store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/prometheus/client_golang/prometheus"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
)

func TestMain(m *testing.M) { fakes3test.Main(m) }

func TestConformance(t *testing.T) {
	client := fakes3test.Client(fakes3test.Start(t))
	storetest.Conformance(t, func(t *testing.T) store.Bucket { return New(client, newBucket(t, client)) })
}

func TestMeasuredConformance(t *testing.T) {
	client := fakes3test.Client(fakes3test.Start(t))
	metrics := store.NewMetrics(prometheus.NewRegistry())
	storetest.Conformance(t, func(t *testing.T) store.Bucket {
		return metrics.Measure(store.RoleVariants, New(client, newBucket(t, client)))
	})
}

func newBucket(t *testing.T, client *awss3.Client) string {
	t.Helper()
	name := "bucket-" + strings.ToLower(rand.Text())
	if _, err := client.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestMissingBucketIsNotMissingObject(t *testing.T) {
	b := New(fakes3test.Client(fakes3test.Start(t)), "no-such-bucket")
	if _, _, err := b.Get(t.Context(), "cats/1", ""); errors.Is(err, store.ErrNotFound) || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func TestMetadataAndListingOverOnePage(t *testing.T) {
	client := fakes3test.Client(fakes3test.Start(t))
	name := newBucket(t, client)
	b := New(client, name)
	if _, err := client.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: &name, Key: aws.String("p/x"), Body: strings.NewReader("x"),
		Metadata: map[string]string{"owner": "ann"}}); err != nil {
		t.Fatal(err)
	}
	if o, err := b.Head(t.Context(), "p/x"); err != nil || o.Metadata["owner"] != "ann" {
		t.Errorf("got %+v, %v", o, err)
	}
	var keys []string
	for i := range deleteMax + 5 {
		key := fmt.Sprintf("p/%04d", i)
		keys = append(keys, key)
		if err := b.Put(t.Context(), key, store.Content{Type: "text/plain"}); err != nil {
			t.Fatal(err)
		}
	}
	count := func() (n int) {
		t.Helper()
		for _, err := range b.List(t.Context(), "p/", "") {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	if n := count(); n != deleteMax+6 {
		t.Errorf("listed %d keys, want %d", n, deleteMax+6)
	}
	if err := b.Delete(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != 1 {
		t.Errorf("%d keys are left, want 1", n)
	}
}

func TestContentHeaders(t *testing.T) {
	client := fakes3test.Client(fakes3test.Start(t))
	name := newBucket(t, client)
	for key, cache := range map[string]string{"kept": "max-age=60, immutable", "as it comes": ""} {
		if err := New(client, name).Put(t.Context(), key, store.Content{Type: "image/webp", Cache: cache, Body: []byte("meow")}); err != nil {
			t.Fatal(err)
		}
		out, err := client.HeadObject(t.Context(), &awss3.HeadObjectInput{Bucket: &name, Key: &key})
		if err != nil || aws.ToString(out.CacheControl) != cache || aws.ToString(out.ContentType) != "image/webp" {
			t.Errorf("%s: Cache-Control %q, Content-Type %q, %v", key, aws.ToString(out.CacheControl), aws.ToString(out.ContentType), err)
		}
	}
}

// TestDamagedBodyIsNoticed changes a byte between S3 and the client.
func TestDamagedBodyIsNoticed(t *testing.T) {
	client := fakes3test.Client(fakes3test.Start(t))
	name := newBucket(t, client)
	if err := New(client, name).Put(t.Context(), "k", store.Content{Type: "text/plain", Body: []byte("meow")}); err != nil {
		t.Fatal(err)
	}
	options := client.Options()
	options.HTTPClient = damaging{}
	_, body, err := New(awss3.New(options), name).Get(t.Context(), "k", "")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if text, err := io.ReadAll(body); err == nil {
		t.Errorf("read %q without an error", text)
	}
}

type damaging struct{}

func (damaging) Do(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	b[0] ^= 1
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return resp, nil
}
