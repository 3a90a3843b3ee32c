package photo_test

import (
	"strings"
	"testing"

	"darkroom/worker/photo"
)

// TestCacheTags checks the tags of the longest names against the limits of CloudFront:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-tags.html
func TestCacheTags(t *testing.T) {
	for _, tc := range []struct {
		ref  photo.Ref
		want string
	}{
		{photo.Ref{Board: "cats", ID: "2bnc589gj7eng1qt7d5151f58"}, "photo:cats/2bnc589gj7eng1qt7d5151f58,board:cats"},
		{photo.Ref{Board: photo.Board(strings.Repeat("z", 63)), ID: photo.ID("3" + strings.Repeat("v", 44))}, ""},
	} {
		if _, err := photo.ParseKey(tc.ref.Key()); err != nil {
			t.Fatal(err)
		}
		if got := tc.ref.CacheTags(); tc.want != "" && got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
		for _, tag := range strings.Split(tc.ref.CacheTags(), ",") {
			for _, c := range tag {
				if c < 33 || c > 126 || c >= 'A' && c <= 'Z' {
					t.Errorf("tag %q has the character %q", tag, c)
				}
			}
			if len(tag) > 256 {
				t.Errorf("tag %q has %d characters", tag, len(tag))
			}
		}
	}
}
