package fakesqs

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// deadLetter moves n messages from q to d.
func (b *bench) deadLetter(n int) {
	b.Helper()
	for i := range n {
		b.put("q", fmt.Sprint(i), 0)
		for range testReceives {
			b.must(b.extend("q", b.get("q"), 0))
		}
		b.empty("q")
	}
	b.counts("d", n, 0, 0)
}

func (b *bench) startTask(destination string, rate int) string {
	b.Helper()
	handle, err := b.startMove(b.arn("d"), destination, rate)
	b.must(err)
	return handle
}

// task checks the latest move task of d.
func (b *bench) task(status string, moved, toMove int, failure string) {
	b.Helper()
	tasks, err := b.moveTasks(b.arn("d"), 1)
	b.must(err)
	if got := tasks[0]; got.status != status || got.moved != moved || got.toMove != toMove || got.failure != failure {
		b.Errorf("task %s, moved %d of %d, failure %q; want %s, %d of %d, %q", got.status, got.moved, got.toMove, got.failure, status, moved, toMove, failure)
	}
}

func TestMoveTaskRate(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.deadLetter(10)
		handle := b.startTask("", 2)
		synctest.Wait()
		b.task(taskRunning, 1, 10, "")
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		b.task(taskRunning, 4, 10, "")
		b.counts("d", 6, 0, 0)
		b.counts("q", 4, 0, 0)
		moved, err := b.cancelMove(handle)
		b.must(err)
		if moved != 4 {
			b.Errorf("cancelled after %d, want 4", moved)
		}
		time.Sleep(time.Minute)
		b.task(taskCancelled, 4, 10, "")
		_, err = b.cancelMove(handle)
		b.fails(err, "InvalidParameterValue")

		b.startTask(b.arn("free"), 500)
		_, err = b.startMove(b.arn("d"), "", 0)
		b.fails(err, "InvalidParameterValue")
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		b.task(taskCompleted, 6, 6, "")
		b.counts("free", 6, 0, 0)
	})
}

// A task moves only the messages that were there when it started, so it ends even if messages return as fast as it
// moves them.
func TestMoveTaskEnds(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.deadLetter(2)
		b.startTask("", 1)
		b.put("d", "came back", 0)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		b.task(taskCompleted, 2, 2, "")
		b.counts("d", 1, 0, 0)

		b.put("d", "came back", 0)
		task := &moveTask{source: b.arn("d"), destination: b.arn("free"), toMove: 1, status: taskRunning}
		b.mu.Lock()
		err := b.moveMessages(task, moveBatch, time.Now())
		b.mu.Unlock()
		b.must(err)
		if task.moved != 1 || task.status != taskCompleted {
			b.Errorf("moved %d, %s, want 1, %s", task.moved, task.status, taskCompleted)
		}
	})
}

func TestMoveTaskUnlimited(t *testing.T) {
	inBubble(t, func(b *bench) {
		const n = 2*moveBatch + 10
		b.deadLetter(n)
		b.get("d") // one in flight stays
		wake := make(chan *delivery, 1)
		go func() { wake <- b.poll("q", maxWait) }()
		synctest.Wait()
		b.took(0, func() {
			b.startTask("", 0)
			if d := <-wake; d == nil || d.receives != 1 {
				b.Errorf("the poll on the source got %+v", d)
			}
			synctest.Wait()
		})
		b.task(taskCompleted, n-1, n-1, "")
		b.counts("q", n-2, 1, 0)
		b.counts("d", 0, 1, 0)
	})
}

func TestMoveTaskFails(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.deadLetter(5)
		b.startTask(b.arn("free"), 1)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		b.must(b.deleteQueue("free"))
		time.Sleep(time.Second)
		synctest.Wait()
		b.task(taskFailed, 3, 5, noQueue)

		b.must(b.purge("d"))
		b.put("d", "sent to the dead-letter queue itself", 0)
		b.startTask("", 0)
		synctest.Wait()
		b.task(taskFailed, 0, 1, noMoveSource)
		b.counts("d", 1, 0, 0)
	})
}

func TestMoveTaskHistory(t *testing.T) {
	inBubble(t, func(b *bench) {
		for range keptTasks + 3 {
			b.startTask("", 0)
			synctest.Wait()
		}
		if tasks, err := b.moveTasks(b.arn("d"), 100); err != nil || len(tasks) != keptTasks {
			b.Errorf("%d tasks, %v, want %d", len(tasks), err, keptTasks)
		}
	})
}
