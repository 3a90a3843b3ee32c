package simulation

import "time"

// Prices are in US dollars.
type Prices struct {
	VCPUHour, GBHour float64 // Fargate, Linux on arm64
	SpotDiscount     float64 // part of the Fargate price that Spot saves; it varies, and AWS names up to 0.7
	S3Million        float64 // S3 requests for a million photos with the four default variants
	SQSMillion       float64 // a million requests
}

// USEast1 holds the list prices of us-east-1 (AWS Fargate, Amazon S3 and Amazon SQS pricing). For S3 these are the
// requests that worker/README.md counts for each photo: 6 PUT at 0.005 and 3 GET or HEAD at 0.0004 a thousand.
var USEast1 = Prices{VCPUHour: 0.03238, GBHour: 0.00356, SpotDiscount: 0.7, S3Million: 31.20, SQSMillion: 0.40}

// Cost is a cost in US dollars, by service.
type Cost struct{ OnDemand, Spot, S3, SQS float64 }

// Sum returns the total cost.
func (c Cost) Sum() float64 { return c.OnDemand + c.Spot + c.S3 + c.SQS }

// Million scales the cost of photos to a million of them.
func (c Cost) Million(photos int) Cost {
	f := 1e6 / float64(photos)
	return Cost{c.OnDemand * f, c.Spot * f, c.S3 * f, c.SQS * f}
}

// pollWait is how long a receive waits on an empty queue: the worker's default.
const pollWait = 20 * time.Second

// deleteWait is how long the first message of a batch waits for others of its task to be deleted with it (deleteWait of
// worker/internal/pool).
const deleteWait = 100 * time.Millisecond

// deletes counts the calls that delete messages of one queue, by one task.
type deletes struct {
	calls, last int           // calls, and messages of the last one
	until       time.Duration // when the last one is sent
}

// add adds the deletion of messages.
func (d *deletes) add(now time.Duration, messages int) {
	for range messages {
		if d.last == 0 || d.last == batch || now > d.until {
			d.calls, d.last, d.until = d.calls+1, 0, now+deleteWait
		}
		d.last++
	}
}

// cost adds up the cost of the run: what S3 sends, calls that return, send or delete messages, and those that find
// none. Each task polls an empty queue, and reads the depth of a queue and of its dead-letter queue every 30 s. Workers
// that route do all this with two queues.
func (r *run) cost() Cost {
	p := r.AWS.Prices
	hour := r.Fleet.VCPU*p.VCPUHour + r.Fleet.MemoryGB*p.GBHour
	onDemand, spot := r.fleet.paid[0], r.fleet.paid[1]
	all := (onDemand + spot).Seconds()
	queues := 1.0
	if r.Routing != nil {
		queues = 2
	}
	deletes := 0
	for i := range r.fleet.tasks {
		deletes += r.fleet.tasks[i].deletes.calls + r.fleet.tasks[i].intake.deletes.calls
	}
	requests := float64(len(r.photos)+r.queue.receives+r.events.receives+r.events.sends+deletes) + queues*(all/pollWait.Seconds()+2*all/30)
	r.result.Requests = int(requests)
	return Cost{
		OnDemand: onDemand.Hours() * hour,
		Spot:     spot.Hours() * hour * (1 - p.SpotDiscount),
		S3:       float64(len(r.photos)) / 1e6 * p.S3Million,
		SQS:      requests / 1e6 * p.SQSMillion,
	}
}

// Idle returns the cost in US dollars of the fewest tasks, for a time in which nothing happens.
func (c Config) Idle(d time.Duration) float64 {
	r := &run{Config: c}
	for range c.Policies.Min {
		r.launch(r.nextOnSpot())
	}
	for i := range r.fleet.tasks {
		r.fleet.paid[capacityProvider(r.fleet.tasks[i].spot)] += d
	}
	return r.cost().Sum()
}
