package load

import "testing"

func TestAcceptedLate(t *testing.T) {
	for _, c := range []struct {
		status         int
		expired        bool
		accepted, good bool
	}{
		{200, false, true, true},
		{412, false, true, true}, // the first answer was lost
		{200, true, true, true},  // it expired meanwhile
		{403, true, false, true},
		{403, false, false, false},
		{400, true, false, false},
		{404, false, false, false},
	} {
		accepted, err := acceptedLate(c.status, c.expired)
		if accepted != c.accepted || (err == nil) != c.good {
			t.Errorf("status %d, expired %v: accepted %v, %v", c.status, c.expired, accepted, err)
		}
	}
}
