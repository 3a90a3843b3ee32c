package purgetest

import (
	"testing"
	"time"
)

func TestMemory(t *testing.T) {
	Conformance(t, func(*testing.T) CDN {
		c := &Memory{Delay: 20 * time.Second}
		return CDN{c, c.Cache, c.Delay}
	})
}
