package plural

import "testing"

func TestCount(t *testing.T) {
	for _, c := range []struct {
		n    int
		noun string
		want string
	}{
		{0, "photo", "0 photos"},
		{1, "photo", "1 photo"},
		{2, "photo", "2 photos"},
		{-1, "photo", "-1 photos"},
		{1, "second upload", "1 second upload"},
		{3, "second upload", "3 second uploads"},
		{1, "retry", "1 retry"},
		{2, "retry", "2 retries"},
		{2, "key", "2 keys"},
		{2, "process", "2 processes"},
		{2, "box", "2 boxes"},
		{2, "batch", "2 batches"},
	} {
		if got := Count(c.n, c.noun); got != c.want {
			t.Errorf("Count(%d, %q) = %q, want %q", c.n, c.noun, got, c.want)
		}
	}
}
