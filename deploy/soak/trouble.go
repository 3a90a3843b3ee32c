package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/wait"
)

// disturbances are the numbers of times that something happens to the workers of a system that the soak started.
type disturbances struct {
	Kills       int           `default:"20" placeholder:"N" group:"Run" help:"Number of times that a worker is killed with SIGKILL."`
	Freezes     int           `default:"4" placeholder:"N" group:"Run" help:"Number of times that a worker is stopped with SIGSTOP until the visibility timeout of its messages has passed, and then continued."`
	Credentials int           `name:"credential-outages" default:"3" placeholder:"N" group:"Run" help:"Number of times that S3 refuses the credentials of the workers for some seconds."`
	Policies    int           `name:"policy-outages" default:"3" placeholder:"N" group:"Run" help:"Number of times that a bucket policy forbids the workers some operations for some seconds."`
	Outage      time.Duration `default:"40s" placeholder:"DURATION" group:"Run" help:"Length of the first outage of each kind. The others last one to four seconds. A worker that counted refusals as failed attempts would dead-letter photos after about 30 seconds."`
}

// Validate reports the first number that is negative.
func (d disturbances) Validate() error {
	for _, flag := range []struct {
		name string
		n    int
	}{{"--kills", d.Kills}, {"--freezes", d.Freezes}, {"--credential-outages", d.Credentials}, {"--policy-outages", d.Policies}} {
		if flag.n < 0 {
			return fmt.Errorf("%s: %d is negative", flag.name, flag.n)
		}
	}
	if d.Outage <= 0 && d.Credentials+d.Policies > 0 {
		return fmt.Errorf("--outage: %v is not greater than 0", d.Outage)
	}
	return nil
}

// moment is when a disturbance begins and how long it lasts.
type moment struct {
	after  int // number of processed photos
	length time.Duration
}

// outage is a time in which S3 refuses the workers.
type outage struct {
	moment
	policy bool // a bucket policy forbids it; otherwise the credentials are refused
	answer faults.Refusal
}

// Lengths of disturbances.
const (
	shortestFreeze = visibilityTimeout + time.Second
	longestFreeze  = visibilityTimeout + 3*time.Second
	shortestOutage = time.Second
	longestOutage  = 4 * time.Second
)

// refusedCredentials are S3's answers to credentials that are unknown, wrong or without any permission.
var refusedCredentials = []string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied"}

// forbidden returns what a bucket policy forbids the workers: everything in a bucket, or some operations in it.
func forbidden(uploads, variants string) [][]string {
	return [][]string{
		{"GET " + uploads, "HEAD " + uploads},
		{"PUT " + variants},
		{"GET " + variants, "HEAD " + variants},
		{"DELETE " + uploads, "DELETE " + variants, "POST " + variants},
		{"GET " + variants, "HEAD " + variants, "PUT " + variants, "DELETE " + variants, "POST " + variants},
	}
}

// schedule draws n moments, sorted. The last quarter of the photos is left alone: it leaves little to interrupt.
func schedule(random *rand.Rand, n, photos int, shortest, longest time.Duration) []moment {
	var all []moment
	for range n {
		length := shortest + time.Duration(random.Float64()*float64(longest-shortest))
		all = append(all, moment{random.IntN((photos*3 + 3) / 4), length})
	}
	slices.SortFunc(all, func(a, b moment) int { return a.after - b.after })
	return all
}

// outages draws the outages of a run. Those of one kind differ from each other, in a random order.
func outages(random *rand.Rand, d disturbances, photos int, uploads, variants string) []outage {
	var all []outage
	for kind, n := range []int{d.Credentials, d.Policies} {
		for i, m := range schedule(random, n, photos, shortestOutage, longestOutage) {
			if i == 0 {
				m.length = d.Outage
			}
			all = append(all, outage{moment: m, policy: kind == 1, answer: faults.Refusal{Status: 403, Code: "AccessDenied"}})
		}
	}
	first, policies := random.IntN(len(refusedCredentials)), forbidden(uploads, variants)
	second := random.IntN(len(policies))
	for i := range all {
		if all[i].policy {
			all[i].answer.Only = policies[(second+i)%len(policies)]
		} else {
			all[i].answer.Code = refusedCredentials[(first+i)%len(refusedCredentials)]
		}
	}
	slices.SortFunc(all, func(a, b outage) int { return a.after - b.after })
	return all
}

// workers can be disturbed. They are counted from 0.
type workers interface {
	KillWorker(i int)
	SuspendWorker(i int) (resume func(), err error)
}

// disturber disturbs the workers at the planned moments.
type disturber struct {
	handled func(context.Context) int // number of photos processed so far
	metrics []string                  // URLs of the workers' metrics
	workers workers
	refuse  func(context.Context, faults.Refusal) error

	mu     sync.Mutex
	counts disturbed
	errs   []error
}

// disturbed counts what happened to the workers.
type disturbed struct {
	disturbances
	interrupted int // messages that workers were rendering or forwarding when they were killed or stopped
}

// patience is how long a kill or a freeze waits for a busy worker.
const patience = 3 * time.Second

// run carries out the plan. It ends with it or with ctx, and then all workers run and S3 refuses nobody.
func (d *disturber) run(ctx context.Context, p plan) {
	var all sync.WaitGroup
	all.Go(func() {
		for i, m := range p.kills {
			if d.await(ctx, m) {
				d.kill(ctx, i)
			}
		}
	})
	all.Go(func() {
		for i, m := range p.freezes {
			if d.await(ctx, m) {
				d.freeze(ctx, i, m.length)
			}
		}
	})
	all.Go(func() {
		for _, o := range p.outages {
			if d.await(ctx, o.moment) {
				d.outage(ctx, o)
			}
		}
	})
	all.Wait()
}

// await waits until the number of processed photos exceeds that of a moment. It reports false if ctx ends first.
func (d *disturber) await(ctx context.Context, m moment) bool {
	for d.handled(ctx) <= m.after {
		if wait.For(ctx, 50*time.Millisecond) != nil {
			return false
		}
	}
	return ctx.Err() == nil
}

// busy returns a worker that is rendering or forwarding messages, and how many. It begins with the n-th, and settles
// for an idle one when patience ends. It reports false if ctx ends first.
func (d *disturber) busy(ctx context.Context, n int) (worker, messages int, ok bool) {
	deadline := time.Now().Add(patience)
	for i := n; ; i++ {
		worker = i % len(d.metrics)
		v, err := gauges(ctx, d.metrics[worker])
		if messages = int(v[slotsBusy] + v[routesBusy]); err == nil && (messages > 0 || time.Now().After(deadline)) {
			return worker, messages, true
		}
		if wait.For(ctx, 20*time.Millisecond) != nil {
			return 0, 0, false
		}
	}
}

func (d *disturber) kill(ctx context.Context, n int) {
	worker, messages, ok := d.busy(ctx, n)
	if !ok {
		return
	}
	d.workers.KillWorker(worker)
	d.count(func(c *disturbed) { c.Kills++; c.interrupted += messages })
}

// freeze stops a worker for longer than the visibility timeout: its messages go to other workers, and then it goes on.
func (d *disturber) freeze(ctx context.Context, n int, length time.Duration) {
	worker, messages, ok := d.busy(ctx, n)
	if !ok {
		return
	}
	resume, err := d.workers.SuspendWorker(worker)
	if err != nil { // it was just killed
		return
	}
	defer resume()
	if wait.For(ctx, length) == nil {
		d.count(func(c *disturbed) { c.Freezes++; c.interrupted += messages })
	}
}

func (d *disturber) outage(ctx context.Context, o outage) {
	err := d.refuse(ctx, o.answer)
	if err == nil {
		_ = wait.For(ctx, o.length)
	}
	if end := d.refuse(context.WithoutCancel(ctx), faults.Refusal{}); err == nil {
		err = end
	}
	switch {
	case err != nil && ctx.Err() == nil:
		d.fail(err)
	case o.policy:
		d.count(func(c *disturbed) { c.Policies++ })
	default:
		d.count(func(c *disturbed) { c.Credentials++ })
	}
}

func (d *disturber) count(add func(*disturbed)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	add(&d.counts)
}

func (d *disturber) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errs = append(d.errs, err)
}

// sofar returns the counts, and the errors that kept disturbances from happening.
func (d *disturber) sofar() (disturbed, []error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts, slices.Clone(d.errs)
}
