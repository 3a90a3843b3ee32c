package photos

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/photo"
)

// strangeKeys are keys of board cats that are no photo's: they begin before, between and after those of photos.
var strangeKeys = []string{"\x00", "\x01\x02", "\t\r\n", " a+b%41&<é>", "0123\x1f", "0123456789abcdef0123456789abcdef\x0b", "5\uffff", "a/b/../c", "f\x7f", "~\x1b[31m"}

// TestListStrangeKeys reads a board to its end in pages of every size, with each cursor as a client sends it back. S3
// allows keys that XML cannot carry.
func TestListStrangeKeys(t *testing.T) {
	m := newMemoryS3()
	var want []photo.ID
	for i := range 12 {
		id := photo.ID(fmt.Sprintf("%x%031x", i, i))
		want = append(want, id)
		m.objects["/photos-up/cats/"+string(id)] = "photo"
	}
	for _, key := range strangeKeys {
		m.objects["/photos-up/cats/"+key] = "strange"
	}
	m.objects["/photos-up/dogs/"+string(want[0])] = "photo of another board"
	s := m.store(t)
	total := len(want) + len(strangeKeys)
	for limit := 1; limit <= total+1; limit++ {
		var got []photo.ID
		cursor, pages := "", 0
		for {
			page, err := s.List(t.Context(), "cats", cursor, limit)
			if err != nil {
				t.Fatalf("pages of %d, after %q: %v", limit, cursor, err)
			}
			for _, o := range page.Originals {
				got = append(got, o.ID)
			}
			if pages++; page.Next == "" {
				break
			}
			if cursor = overTheWire(t, page.Next); cursor != page.Next {
				t.Fatalf("cursor %q arrives as %q", page.Next, cursor)
			}
		}
		if !slices.Equal(got, want) || pages != (total+limit-1)/limit {
			t.Errorf("pages of %d: %d pages with %v", limit, pages, got)
		}
	}
	// The fake is as strict as S3: without the encoding this board cannot be listed.
	_, err := s.client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("photos-up"), Prefix: aws.String("cats/"), MaxKeys: aws.Int32(100)})
	if err == nil || !strings.Contains(err.Error(), "illegal character code") {
		t.Errorf("a listing that is not encoded: %v", err)
	}
}

// overTheWire returns the cursor after its way to a client and back, in JSON and in a query.
func overTheWire(t *testing.T, cursor string) string {
	t.Helper()
	b, err := json.Marshal(cursor)
	if err != nil {
		t.Fatal(err)
	}
	var received string
	if err := json.Unmarshal(b, &received); err != nil {
		t.Fatal(err)
	}
	q, err := url.ParseQuery(url.Values{"cursor": {received}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return q.Get("cursor")
}

// TestListBadEncoding: a key that S3 has not encoded as it says is an error, not another key.
func TestListBadEncoding(t *testing.T) {
	f := &fakeS3{status: 200, body: []byte("<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>cats/%zz</Key></Contents></ListBucketResult>")}
	if page, err := newStore(t, f).List(t.Context(), "cats", "", 1); err == nil || !strings.Contains(err.Error(), "LIST photos-up/cats/") {
		t.Errorf("%+v, %v", page, err)
	}
}
