package fakesqs

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"
)

// States of a move task (ListMessageMoveTasks). A cancelled task stops at once, so it is never CANCELLING.
const (
	taskRunning   = "RUNNING"
	taskCompleted = "COMPLETED"
	taskCancelled = "CANCELLED"
	taskFailed    = "FAILED"
)

const (
	maxMoveRate  = 500 // messages a second (StartMessageMoveTask)
	moveBatch    = 500 // messages in one step of a task without a rate
	keptTasks    = 10  // per source: as many as ListMessageMoveTasks can return
	noMoveSource = "CouldNotDetermineMessageSource"
)

// moveTask moves messages out of a dead-letter queue: at most the messages that were receivable when it started, and
// none in flight. It is not stored, so a restart ends it; every message is then either moved or not.
type moveTask struct {
	id          string
	source      string // ARN
	destination string // ARN; "" for the queue that each message came from
	rate        int    // messages a second; 0 for no limit
	started     time.Time
	next        time.Time // time of the next step
	toMove      int
	moved       int
	status      string
	failure     string
}

// handle returns the task handle in the form that AWS uses.
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
	q, err := c.queueParameter(source, "SourceArn", now)
	if err != nil {
		return "", err
	}
	if len(c.sources(q)) == 0 {
		return "", invalidParameter("Source queue must be configured as a Dead Letter Queue.")
	}
	if destination != "" {
		to, err := c.queueParameter(destination, "DestinationArn", now)
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
	if same := c.tasksFrom(source); len(same) > keptTasks {
		oldest := same[len(same)-1]
		c.tasks = slices.DeleteFunc(c.tasks, func(o *moveTask) bool { return o == oldest })
	}
	c.schedule(now)
	return t.handle(), nil
}

// queueParameter returns the queue whose ARN is the value of a parameter.
func (c *core) queueParameter(s, parameter string, now time.Time) (*queue, error) {
	if c.closed {
		return nil, unavailable()
	}
	if _, ok := parseARN(s); !ok {
		return nil, invalidParameter("You must use this format to specify the %s: arn:aws:sqs:REGION:ACCOUNT:QUEUE",
			parameter)
	}
	q := c.queueByARN(s)
	if q == nil {
		return nil, resourceNotFound("The resource that you specified for the %s parameter doesn't exist.", parameter)
	}
	return c.find(q.name, now)
}

// tasksFrom returns the tasks of a source, the latest first.
func (c *core) tasksFrom(source string) []*moveTask {
	var found []*moveTask
	for _, t := range slices.Backward(c.tasks) {
		if t.source == source {
			found = append(found, t)
		}
	}
	return found
}

// moveTasks returns copies of up to limit tasks of a source, the latest first.
func (c *core) moveTasks(source string, limit int) ([]moveTask, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.queueParameter(source, "SourceArn", time.Now()); err != nil {
		return nil, err
	}
	var found []moveTask
	for _, t := range c.tasksFrom(source) {
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
	if _, err := c.queueParameter(h.Source, "SourceArn", time.Now()); err != nil {
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

// stepMove moves the messages of a running task that are due, and schedules the next step.
func (c *core) stepMove(t *moveTask, now time.Time) {
	for t.status == taskRunning && !t.next.After(now) {
		n, pause := moveBatch, time.Duration(0)
		if t.rate > 0 {
			n, pause = 1, time.Second/time.Duration(t.rate)
		}
		if err := c.moveMessages(t, n, now); err != nil {
			t.status, t.failure = taskFailed, asAPIError(err).code
			c.log.Warn("message move task failed", "source", t.source, "moved", t.moved, "error", err)
			return
		}
		t.next = t.next.Add(pause)
		if pause == 0 {
			break // lets other tasks and operations run
		}
	}
	if t.status == taskRunning {
		c.schedule(t.next)
	}
}

// moveMessages moves up to n messages. At its destination a message is a new one: it has a new id, a new age and no
// receives (Developer Guide, "Learn how to configure a dead-letter queue redrive").
func (c *core) moveMessages(t *moveTask, n int, now time.Time) error {
	q := c.queueByARN(t.source)
	if q == nil {
		return queueDoesNotExist()
	}
	if _, err := c.find(q.name, now); err != nil {
		return err
	}
	for range min(n, t.toMove-t.moved) {
		m, ok := q.ready.First(now)
		if !ok {
			t.status = taskCompleted
			return nil
		}
		to := c.byID[m.source]
		if t.destination != "" {
			to = c.queueByARN(t.destination)
		}
		switch {
		case to == nil && t.destination == "" && m.source == 0:
			return &apiError{code: noMoveSource, message: "message " + m.ID + " was sent to the dead-letter queue itself"}
		case to == nil:
			return queueDoesNotExist()
		}
		fresh := *m.content
		fresh.ID, fresh.Sent = newUUID(), now
		moved := &message{seq: c.seq + 1, content: &fresh, state: state{queue: to.id, visibleAt: now}}
		if err := c.store.commit(change{add: []*message{moved}, drop: []*message{m}}); err != nil {
			return err
		}
		c.seq++
		q.remove(m, now)
		to.add(moved, now)
		t.moved++
		c.notify(to, now)
	}
	if t.moved >= t.toMove {
		t.status = taskCompleted
	}
	return nil
}
