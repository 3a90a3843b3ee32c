package pool

import (
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"

	"darkroom/worker/internal/queue"
)

func TestOnlyTheFirstWaitCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics(nil)
		sent := time.Now()
		time.Sleep(3 * time.Second)
		for _, message := range []queue.Message{{ReceiveCount: 1, Sent: sent}, {ReceiveCount: 2, Sent: sent}, {ReceiveCount: 1}, {ReceiveCount: 1, Sent: time.Now().Add(time.Second)}} {
			m.observeWait(message)
		}
		var got dto.Metric
		if err := m.waitSeconds.Write(&got); err != nil {
			t.Fatal(err)
		}
		if h := got.Histogram; h.GetSampleCount() != 2 || h.GetSampleSum() != 3 {
			t.Errorf("%d waits of %v s, want one of 3 s and one of 0", h.GetSampleCount(), h.GetSampleSum())
		}
	})
}
