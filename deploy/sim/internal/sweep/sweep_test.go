package sweep

import "testing"

func TestCombinations(t *testing.T) {
	got := combinations(map[string]string{"b": "1,2", "a": "3,4,5"})
	if len(got) != 6 || settings(got[0]) != "a=3 b=1" || settings(got[5]) != "a=5 b=2" {
		t.Errorf("%v", got)
	}
}
