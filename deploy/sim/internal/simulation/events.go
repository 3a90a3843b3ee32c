package simulation

import "time"

type kind uint8

const (
	eventUploaded    kind = iota // a photo was uploaded to S3
	eventVisible                 // its message becomes visible
	eventTransferred             // its transfer is over, and it can be rendered
	eventRendered                // it is rendered
	eventStored                  // S3 has its variants
	eventFailed                  // a try that fails is over
	eventTaskReady               // a task has started and receives
	eventUnprotected             // the protection of a task ends
	eventProtect                 // a worker asks ECS to protect its task
	eventTaskEnded               // ECS learns that a task has ended by itself
	eventDeploy                  // a deployment begins
	eventHealthy                 // the health check of a task passes
	eventUnhealthy               // ECS gives up a task whose health check never passes
	eventDrained                 // the drain timeout of a stopping task is over
	eventKilled                  // a stopping task is killed
	eventSample                  // CloudWatch takes its samples
	eventEvaluate                // CloudWatch evaluates the alarms
	eventPoll                    // the fast scaler polls the queue
	eventRead                    // a task has received an event
	eventSend                    // a task sends the batch with the number count, if it has not yet
	eventForwarded               // the photos queue has a batch, whose number is the photo
	eventRouted                  // a task has deleted count events
	eventReclaim                 // AWS reclaims Spot tasks
	eventMove                    // ECS moves tasks between zones
	eventSampleCPU               // CloudWatch takes a sample of the CPU
	eventEvaluateCPU             // CloudWatch evaluates the alarms on the CPU
	eventHour                    // an hour begins
	eventForecast                // the scheduling buffer time before an hour begins
	eventPoint                   // a point of the result is recorded
)

// event happens to a photo or a task at one moment. count is the number of receives of the photo, or of calls for the
// protection of the task, when the event was scheduled: an event with another count is out of date.
type event struct {
	at    time.Duration
	seq   uint64 // order of scheduling, which decides between events at the same moment
	kind  kind
	photo int32
	task  int32
	count uint32
}

func (e event) precedes(o event) bool { return e.at < o.at || e.at == o.at && e.seq < o.seq }

// clock holds the events to come in a binary heap. container/heap would allocate memory for each of millions of events.
type clock struct {
	now  time.Duration
	seq  uint64
	heap []event
}

// schedule adds an event at time t.
func (c *clock) schedule(t time.Duration, e event) {
	e.at, e.seq = t, c.seq
	c.seq++
	h := append(c.heap, e)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !h[i].precedes(h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	c.heap = h
}

// next removes and returns the first event. There always is one, since some events schedule themselves again.
func (c *clock) next() event {
	h := c.heap
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h[down+1].precedes(h[down]) {
			down++
		}
		if !h[down].precedes(h[i]) {
			break
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
	c.heap = h
	return first
}
