package s3store

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
)

func TestVersionedConformance(t *testing.T) {
	client := fakes3test.Client(fakes3test.Start(t))
	storetest.Versioned(t, func(t *testing.T) store.Bucket { return New(client, newVersionedBucket(t, client)) })
}

func newVersionedBucket(t *testing.T, client *awss3.Client) string {
	t.Helper()
	name := newBucket(t, client)
	if _, err := client.PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{Bucket: &name,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}}); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestVersionsOverOnePage lists the versions of a bucket in pages of S3's size.
func TestVersionsOverOnePage(t *testing.T) {
	pages := 0
	b := faked(func(r *http.Request) (*http.Response, error) {
		pages++
		q := r.URL.Query()
		if !q.Has("versions") || q.Get("prefix") != "p/" || q.Get("encoding-type") != "url" {
			t.Errorf("request %s", r.URL)
		}
		version := func(key, id string) string {
			return fmt.Sprintf(`<Version><Key>%s</Key><VersionId>%s</VersionId><IsLatest>true</IsLatest><Size>7</Size><ETag>"e"</ETag></Version>`, key, id)
		}
		body := `<ListVersionsResult><EncodingType>url</EncodingType>`
		switch q.Get("key-marker") {
		case "":
			body += `<IsTruncated>true</IsTruncated><NextKeyMarker>p/a%2Bb+%01</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>` + version("p/a%2Bb+%01", "v1")
		case "p/a+b \x01":
			if q.Get("version-id-marker") != "v1" {
				t.Errorf("version marker %q", q.Get("version-id-marker"))
			}
			body += `<DeleteMarker><Key>p/c</Key><VersionId>v3</VersionId><IsLatest>true</IsLatest></DeleteMarker>` + version("p/b", "v2")
		default:
			t.Errorf("key marker %q", q.Get("key-marker"))
		}
		return answer(200, body+"</ListVersionsResult>")(r)
	}, 1)
	var got []string
	for v, err := range b.ListVersions(t.Context(), "p/") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(v.Key, " ", v.ID, " ", v.Marker))
	}
	if want := "p/a+b \x01 v1 false, p/b v2 false, p/c v3 true"; strings.Join(got, ", ") != want || pages != 2 {
		t.Errorf("got %q in %d pages, want %q", strings.Join(got, ", "), pages, want)
	}
}

// TestVersionsThatCannotBeDeleted: the error says what an operator must change.
func TestVersionsThatCannotBeDeleted(t *testing.T) {
	result := func(code string) answers {
		return answer(200, fmt.Sprintf(`<DeleteResult><Error><Key>k</Key><VersionId>v1</VersionId><Code>%s</Code><Message>m</Message></Error></DeleteResult>`, code))
	}
	for name, tc := range map[string]struct {
		client  answers
		key     string
		refused bool
		ok      bool
	}{
		"locked":                    {client: result("AccessDenied"), refused: true},
		"no permission at all":      {client: s3Error(403, "AccessDenied"), refused: true},
		"an odd key, no permission": {client: s3Error(403, "AccessDenied"), key: "\x01", refused: true},
		"S3 has failed":             {client: result("InternalError")},
		"gone meanwhile":            {client: result("NoSuchVersion"), ok: true},
	} {
		t.Run(name, func(t *testing.T) {
			err := faked(tc.client, 1).DeleteVersions(t.Context(), []store.Version{{Key: "k" + tc.key, ID: "v1"}})
			if (err == nil) != tc.ok || errors.Is(err, store.ErrRefused) != tc.refused {
				t.Errorf("error %v", err)
			}
			if tc.refused && (!strings.Contains(err.Error(), "s3:DeleteObjectVersion") || !strings.Contains(err.Error(), "MFA")) {
				t.Errorf("%v does not say what is needed", err)
			}
		})
	}
	for _, err := range faked(s3Error(403, "AccessDenied"), 1).ListVersions(t.Context(), "p/") {
		if !errors.Is(err, store.ErrRefused) || !strings.Contains(err.Error(), "s3:ListBucketVersions") {
			t.Errorf("a listing: %v", err)
		}
	}
}

// TestMarkersGoLast: until the versions are gone, the marker hides them.
func TestMarkersGoLast(t *testing.T) {
	var bodies []string
	b := faked(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, string(body))
		return answer(200, "<DeleteResult/>")(r)
	}, 1)
	if err := b.DeleteVersions(t.Context(), []store.Version{{Key: "k", ID: "v3", Marker: true, Latest: true}, {Key: "k", ID: "v2"}, {Key: "k", ID: "v1"}}); err != nil {
		t.Fatal(err)
	}
	if len(bodies) != 2 || strings.Contains(bodies[0], "v3") || !strings.Contains(bodies[0], "v1") || !strings.Contains(bodies[1], "v3") {
		t.Errorf("requests %q", bodies)
	}
}
