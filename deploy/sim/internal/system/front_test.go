package system

import (
	"testing"
	"time"
)

func TestFront(t *testing.T) {
	asked := make([]time.Duration, 1000)
	for name, c := range map[string]struct {
		f    Front
		want time.Duration // admission of the last upload
	}{
		"no limit":    {Front{}, 0},
		"API Gateway": {Front{Rate: 200, Burst: 400, Concurrency: 1000}, 3 * time.Second},
		// 100 a second, at 0.1 s each.
		"concurrency of the function":    {Front{Rate: 200, Burst: 400, Concurrency: 10}, 6 * time.Second},
		"no reserved concurrency":        {Front{Rate: 200, Burst: 400}, 3 * time.Second},
		"more than there is to be asked": {Front{Rate: 200, Burst: 5000, Concurrency: 1000}, 0},
	} {
		admitted := c.f.Admit(asked)
		if got := admitted[len(admitted)-1]; got != c.want || LongestWait(asked, admitted) != c.want {
			t.Errorf("%s: the last upload is at %v, want %v", name, got, c.want)
		}
	}
}
