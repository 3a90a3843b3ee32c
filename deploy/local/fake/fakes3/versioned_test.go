package fakes3_test

import (
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// TestVersions checks what a client reads of versions and markers, the events of their deletion, and both after a
// restart. The suite of package storetest covers the rest.
func TestVersions(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := start(t, dir)
	s.line()
	s.line()
	status, err := s.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: new(uploads)})
	if err != nil || status.Status != "" {
		t.Errorf("versioning is %q, %v", status.Status, err)
	}
	enabled := &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}
	if _, err := s.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: new(uploads), VersioningConfiguration: enabled}); err != nil {
		t.Fatal(err)
	}
	const key = "cats/1"
	ids := map[string]string{} // version by body
	for _, body := range []string{"first", "second"} {
		out, err := s.PutObject(ctx, &s3.PutObjectInput{Bucket: new(uploads), Key: new(key), Body: strings.NewReader(body),
			ContentType: new("text/" + body), Metadata: map[string]string{"name": body}})
		if err != nil {
			t.Fatal(err)
		}
		ids[body] = aws.ToString(out.VersionId)
		s.event()
	}
	deleted, err := s.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: new(uploads), Key: new(key)})
	if err != nil || !aws.ToBool(deleted.DeleteMarker) {
		t.Fatalf("%+v, %v", deleted, err)
	}
	if name, o := s.event(); name != "ObjectRemoved:DeleteMarkerCreated" || o.Size != nil {
		t.Errorf("event of a delete: %s %+v", name, o)
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}

	s = start(t, dir)
	s.line()
	if status, err := s.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: new(uploads)}); err != nil || status.Status != "Enabled" {
		t.Errorf("after a restart versioning is %q, %v", status.Status, err)
	}
	if _, err := s.GetObject(ctx, &s3.GetObjectInput{Bucket: new(uploads), Key: new(key)}); code(err) != "NoSuchKey" {
		t.Errorf("get: %v, want NoSuchKey", err)
	}
	for body, id := range ids {
		out, err := s.GetObject(ctx, &s3.GetObjectInput{Bucket: new(uploads), Key: new(key), VersionId: &id})
		if err != nil {
			t.Fatalf("version %s: %v", id, err)
		}
		text, err := io.ReadAll(out.Body)
		if err != nil || string(text) != body || aws.ToString(out.ContentType) != "text/"+body || out.Metadata["name"] != body || aws.ToString(out.VersionId) != id {
			t.Errorf("version %s: %q, %+v, %v", id, text, out, err)
		}
	}
	for id, want := range map[string]string{"none": "NoSuchVersion", aws.ToString(deleted.VersionId): "MethodNotAllowed"} {
		if _, err := s.GetObject(ctx, &s3.GetObjectInput{Bucket: new(uploads), Key: new(key), VersionId: &id}); code(err) != want {
			t.Errorf("version %s: %v, want %s", id, err, want)
		}
	}
	objects := []types.ObjectIdentifier{{Key: new(key), VersionId: new(ids["first"])}, {Key: new(key), VersionId: new(ids["second"])}, {Key: new(key), VersionId: deleted.VersionId}}
	gone, err := s.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: new(uploads), Delete: &types.Delete{Objects: objects}})
	if err != nil || len(gone.Deleted) != 3 || len(gone.Errors) != 0 {
		t.Errorf("delete: %+v, %v", gone, err)
	}
	for range objects {
		if name, _ := s.event(); name != "ObjectRemoved:Delete" {
			t.Errorf("event of a deleted version: %s", name)
		}
	}
	list, err := s.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: new(uploads)})
	if err != nil || len(list.Versions)+len(list.DeleteMarkers) != 0 {
		t.Errorf("left %+v, %v", list, err)
	}
	buckets, err := s.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil || len(buckets.Buckets) != 2 {
		t.Errorf("buckets %+v, %v", buckets.Buckets, err)
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}
}

// TestVersionPages lists the versions of a bucket in small pages.
func TestVersionPages(t *testing.T) {
	ctx := t.Context()
	s := start(t, t.TempDir())
	s.line()
	s.line()
	enabled := &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}
	if _, err := s.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: new(variants), VersioningConfiguration: enabled}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a/b", "a/b", "a/b", "a/c", "d"} {
		if _, err := s.PutObject(ctx, &s3.PutObjectInput{Bucket: new(variants), Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Fatal(err)
		}
	}
	pages := s3.NewListObjectVersionsPaginator(s, &s3.ListObjectVersionsInput{Bucket: new(variants), Prefix: new("a/"), MaxKeys: new(int32(2))})
	var keys []string
	latest := map[string]int{}
	for n := 0; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(ctx)
		if err != nil || n > 5 {
			t.Fatalf("page %d: %v", n, err)
		}
		for _, v := range page.Versions {
			keys = append(keys, *v.Key)
			if *v.IsLatest {
				latest[*v.Key]++
			}
		}
	}
	if got := strings.Join(keys, " "); got != "a/b a/b a/b a/c" || latest["a/b"] != 1 || latest["a/c"] != 1 {
		t.Errorf("listed %s, latest %v", got, latest)
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}
}
