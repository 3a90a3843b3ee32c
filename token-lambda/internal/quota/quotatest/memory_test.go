package quotatest_test

import (
	"testing"

	"darkroom/token-lambda/internal/quota"
	"darkroom/token-lambda/internal/quota/quotatest"
)

func TestMemory(t *testing.T) {
	quotatest.Run(t, func(*testing.T) quota.Counter { return &quotatest.Memory{} })
}
