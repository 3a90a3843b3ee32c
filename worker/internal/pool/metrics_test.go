package pool

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"darkroom/worker/internal/queue"
)

func TestOnlyTheFirstWaitCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics(nil)
		sent := time.Now()
		time.Sleep(3 * time.Second)
		for _, message := range []queue.Message{{ReceiveCount: 1, Sent: sent}, {ReceiveCount: 2, Sent: sent}, {ReceiveCount: 1}, {ReceiveCount: 1, Sent: time.Now().Add(time.Second)}} {
			m.observeWait(message, false)
		}
		var got dto.Metric
		if err := m.quietWait.(prometheus.Metric).Write(&got); err != nil {
			t.Fatal(err)
		}
		if h := got.Histogram; h.GetSampleCount() != 2 || h.GetSampleSum() != 3 {
			t.Errorf("%d waits of %v s, want one of 3 s and one of 0", h.GetSampleCount(), h.GetSampleSum())
		}
		m.observeWait(queue.Message{ReceiveCount: 1, Sent: sent}, true)
		if err := m.noisyWait.(prometheus.Metric).Write(&got); err != nil || got.Histogram.GetSampleCount() != 1 {
			t.Errorf("%d waits of noisy groups, want 1; %v", got.Histogram.GetSampleCount(), err)
		}
	})
}
