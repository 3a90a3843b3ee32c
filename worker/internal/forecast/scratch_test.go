package forecast

import (
	"testing"

	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
)

func TestScratchConforms(t *testing.T) {
	storetest.Conformance(t, func(*testing.T) store.Bucket { return newScratch() })
}
