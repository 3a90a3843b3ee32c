package fakesqs

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"
)

// The states of a move task (ListMessageMoveTasks). A cancelled task stops at once, so CANCELLING is never seen.
const (
	taskRunning   = "RUNNING"
	taskCompleted = "COMPLETED"
	taskCancelled = "CANCELLED"
	taskFailed    = "FAILED"
)

const (
	maxMoveRate  = 500 // messages a second (StartMessageMoveTask)
	moveBatch    = 500 // messages a step of a task without a rate
	keptTasks    = 10  // a source: as many as ListMessageMoveTasks can show
	noMoveSource = "CouldNotDetermineMessageSource"
)

// moveTask moves messages out of a dead-letter queue. It lives in memory only: after a restart it is forgotten, with
// every message either moved or not. It moves the messages that were receivable when it started, at most; those in
// flight stay.
type moveTask struct {
	id          string
	source      string // ARN
	destination string // ARN; "" means to where each message came from
	rate        int    // messages a second; 0 means as fast as can be
	started     time.Time
	next        time.Time // of the next step
	toMove      int
	moved       int
	status      string
	failure     string
}

// handle is the form that AWS gives it.
func (t *moveTask) handle() string {
	b, _ := json.Marshal(taskHandle{t.id, t.source}) // strings always marshal
	return base64.StdEncoding.EncodeToString(b)
}

type taskHandle struct {
	ID     string `json:"taskId"`
	Source string `json:"sourceArn"`
}

// startMove starts a task and returns its handle.
func (c *core) startMove(source, destination string, rate int) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	q, err := c.resource(source, "SourceArn", now)
	if err != nil {
		return "", err
	}
	if len(c.sources(q)) == 0 {
		return "", invalidParameter("Source queue must be configured as a Dead Letter Queue.")
	}
	if destination != "" {
		to, err := c.resource(destination, "DestinationArn", now)
		if err != nil {
			return "", err
		}
		if to == q {
			return "", invalidParameter("Source queue and destination queue must be different.")
		}
	}
	running := func(t *moveTask) bool { return t.source == source && t.status == taskRunning }
	if slices.ContainsFunc(c.tasks, running) {
		return "", invalidParameter("There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	}
	t := &moveTask{id: newUUID(), source: source, destination: destination, rate: rate, started: now, next: now,
		toMove: q.ready.Len(), status: taskRunning}
	c.tasks = append(c.tasks, t)
	if same := c.tasksOf(source); len(same) > keptTasks {
		oldest := same[len(same)-1]
		c.tasks = slices.DeleteFunc(c.tasks, func(o *moveTask) bool { return o == oldest })
	}
	c.schedule(now)
	return t.handle(), nil
}

// resource returns the queue with an ARN that a parameter names.
func (c *core) resource(s, parameter string, now time.Time) (*queue, error) {
	if c.closed {
		return nil, unavailable()
	}
	if _, ok := parseARN(s); !ok {
		return nil, invalidParameter("You must use this format to specify the %s: arn:aws:sqs:REGION:ACCOUNT:QUEUE", parameter)
	}
	q := c.queueOf(s)
	if q == nil {
		return nil, resourceNotFound("The resource that you specified for the %s parameter doesn't exist.", parameter)
	}
	return c.find(q.name, now)
}

// tasksOf returns the tasks of a source, the latest first.
func (c *core) tasksOf(source string) []*moveTask {
	var found []*moveTask
	for _, t := range slices.Backward(c.tasks) {
		if t.source == source {
			found = append(found, t)
		}
	}
	return found
}

// moves returns copies of the latest tasks of a source, at most limit, the latest first.
func (c *core) moves(source string, limit int) ([]moveTask, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.resource(source, "SourceArn", time.Now()); err != nil {
		return nil, err
	}
	var found []moveTask
	for _, t := range c.tasksOf(source) {
		if len(found) < limit {
			found = append(found, *t)
		}
	}
	return found, nil
}

// cancelMove stops a running task and returns how many messages it has moved.
func (c *core) cancelMove(handle string) (int, error) {
	var h taskHandle
	b, err := base64.StdEncoding.DecodeString(handle)
	if err != nil || json.Unmarshal(b, &h) != nil || h.ID == "" {
		return 0, invalidParameter("Value for parameter TaskHandle is invalid.")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.resource(h.Source, "SourceArn", time.Now()); err != nil {
		return 0, err
	}
	i := slices.IndexFunc(c.tasks, func(t *moveTask) bool { return t.id == h.ID && t.source == h.Source })
	if i < 0 {
		return 0, resourceNotFound("Task does not exist.")
	}
	if c.tasks[i].status != taskRunning {
		return 0, invalidParameter("Only active tasks can be cancelled.")
	}
	c.tasks[i].status = taskCancelled
	return c.tasks[i].moved, nil
}

// step moves the next messages of a running task where they are due, and schedules the step after.
func (c *core) step(t *moveTask, now time.Time) {
	for t.status == taskRunning && !t.next.After(now) {
		n, pause := moveBatch, time.Duration(0)
		if t.rate > 0 {
			n, pause = 1, time.Second/time.Duration(t.rate)
		}
		if err := c.move(t, n, now); err != nil {
			t.status, t.failure = taskFailed, asAPIError(err).code
			c.log.Warn("message move task failed", "source", t.source, "moved", t.moved, "error", err)
			return
		}
		t.next = t.next.Add(pause)
		if pause == 0 {
			break // others have a turn
		}
	}
	if t.status == taskRunning {
		c.schedule(t.next)
	}
}

// move moves up to n messages. To its destination a moved message is a new one, with a new id, a new age and no
// receives (Developer Guide, "Learn how to configure a dead-letter queue redrive").
func (c *core) move(t *moveTask, n int, now time.Time) error {
	q := c.queueOf(t.source)
	if q == nil {
		return queueDoesNotExist()
	}
	if _, err := c.find(q.name, now); err != nil {
		return err
	}
	for range min(n, t.toMove-t.moved) {
		if q.ready.Len() == 0 {
			t.status = taskCompleted
			return nil
		}
		m := q.ready.items[0]
		to := c.byID[m.source]
		if t.destination != "" {
			to = c.queueOf(t.destination)
		}
		switch {
		case to == nil && t.destination == "" && m.source == 0:
			return &apiError{code: noMoveSource, message: "message " + m.ID + " was sent to the dead-letter queue itself"}
		case to == nil:
			return queueDoesNotExist()
		}
		anew := *m.content
		anew.ID, anew.Sent = newUUID(), now
		moved := &message{seq: c.seq + 1, content: &anew, state: state{queue: to.id, visibleAt: now}}
		if err := c.store.commit(change{add: []*message{moved}, drop: []*message{m}}); err != nil {
			return err
		}
		c.seq++
		q.remove(m)
		to.add(moved, now)
		t.moved++
		c.notify(to, now)
	}
	if t.moved >= t.toMove {
		t.status = taskCompleted
	}
	return nil
}
