package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
)

// A minute of CloudWatch and Fargate takes two seconds here, and so does everything else that they do. What photos take is
// real, and is told to the simulator and to the policies as so many times of that.
const (
	compression = 30
	download    = 600 * time.Millisecond
	calibrated  = 16 // photos for each worker, by which the service time is measured
	taskStart   = 45 * time.Second
)

func real(d time.Duration) time.Duration      { return d / compression }
func simulated(d time.Duration) time.Duration { return d * compression }

// realRun is a burst through real workers with what was predicted of it.
type realRun struct {
	photos, workers int
	service, start  time.Duration // measured, in real time
	took            time.Duration // from the first upload to the last message, in real time
	changes         []simulation.Change
	predicted       *simulation.Result
	first           time.Duration // upload, in simulated time
}

// real measures what a photo takes of a worker, sends a burst to the workers, which the policies scale, and predicts it.
func (c *validateCommand) real(ctx context.Context, notes io.Writer) (r *realRun, err error) {
	t, err := template.Read(c.Template)
	if err != nil {
		return nil, err
	}
	measuring := calibrated * c.Workers
	l, err := startLocal(ctx, c.Bin, c.Workers, download, c.Photos+measuring, notes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	fmt.Fprintf(notes, "measuring %d workers by %d photos\n", c.Workers, measuring)
	r = &realRun{photos: c.Photos}
	if err := r.calibrate(ctx, l, c.Workers, measuring); err != nil {
		return nil, err
	}
	service := simulated(r.service)
	s, err := t.System(map[string]string{"TaskVcpu": "1", "MinTasks": "1", "MaxTasks": strconv.Itoa(c.Workers), "SecondsPerPhoto": strconv.FormatFloat(service.Seconds(), 'f', 3, 64)})
	if err != nil {
		return nil, err
	}
	config := simulation.Config{Seed: c.Seed, Worker: s.Worker, Fleet: s.Fleet, AWS: simulation.Default(), Policies: s.Policies, Metrics: s.Metrics, PointInterval: time.Minute}
	config.Worker.Processors, config.Worker.Slots = 1, 1
	config.AWS.EventMedian, config.AWS.Call = 0, 0 // part of what was measured
	config.AWS.StartLeast = taskStart + simulated(r.start)
	config.AWS.StartMost = config.AWS.StartLeast
	fmt.Fprintf(notes, "a burst of %d photos to one worker, of at most %d\n", c.Photos, c.Workers)
	if err := r.burst(ctx, l, l.photos[measuring:], config); err != nil {
		return nil, err
	}
	return r, nil
}

// calibrate measures how long a worker takes until it receives, and then what a photo takes of each of all workers, while
// they have enough to do: they share a machine. It leaves none running.
func (r *realRun) calibrate(ctx context.Context, l *local, workers, photos int) (err error) {
	if _, err := l.upload(ctx, l.photos[:photos], time.Now()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.stack.StopWorkers()) }()
	begin := time.Now()
	started, since, from := 0, time.Time{}, 0
	for {
		depth, err := l.depth(ctx)
		if err != nil {
			return err
		}
		// Workers that began together are done together: from when the last of them took a photo until the last did again.
		switch {
		case started == 0 || depth.InFlight > 0 && started < workers:
			if started == 1 {
				r.start = time.Since(begin)
			}
			if err := l.stack.StartWorker(); err != nil {
				return err
			}
			started++
		case since.IsZero() && started == workers && depth.Visible <= photos-4*workers: // the first ones of a process take longer
			since, from = time.Now(), depth.Visible
		case !since.IsZero() && depth.Visible == 0: // from now on some have nothing to do
			if from == 0 {
				return errors.New("the photos that measure the workers were done at once")
			}
			r.service = time.Since(since) * time.Duration(workers) / time.Duration(from)
			return nil
		}
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
}

// burst uploads the photos and has the policies start workers, minute by compressed minute, until the queue is empty.
func (r *realRun) burst(ctx context.Context, l *local, photos []client.Photo, config simulation.Config) error {
	group, err := autoscaling.NewGroup(config.Policies)
	if err != nil {
		return err
	}
	if err := l.stack.StartWorker(); err != nil {
		return err
	}
	r.workers = config.Policies.Min
	var watch simulation.CloudWatch
	begin := time.Now()
	aws := config.AWS
	type uploaded struct {
		times []time.Duration
		err   error
	}
	uploads := make(chan uploaded, 1)
	uploading, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() {
		var u uploaded
		if u.err = pause(uploading, max(real(aws.MetricPeriod)/2, 2*r.start)); u.err == nil {
			u.times, u.err = l.upload(uploading, photos, begin)
		}
		uploads <- u
	})
	starts := []time.Duration{} // when workers that were asked for are to start
	desired := config.Policies.Min
	sample, decide := aws.MetricPeriod, aws.MetricPeriod+aws.MetricLag+aws.AlarmDelay
	var times []time.Duration
	for {
		now := simulated(time.Since(begin))
		depth, err := l.depth(ctx)
		if err != nil {
			return err
		}
		if now >= sample {
			watch.Sample(depth.Visible, depth.InFlight, r.workers)
			sample += aws.MetricPeriod
		}
		if now >= decide {
			metrics := map[string]autoscaling.Series{}
			m := watch.Available(decide, aws)
			for name, metric := range config.Metrics {
				metrics[name] = metric(m)
			}
			d := group.Decide(time.Unix(0, 0).Add(decide), desired, metrics)
			if d.Desired != desired {
				r.changes = append(r.changes, simulation.Change{At: decide, From: desired, To: d.Desired, Policy: d.Policy})
			}
			for range d.Desired - desired {
				starts = append(starts, decide+taskStart)
			}
			desired = max(desired, d.Desired)
			decide += aws.MetricPeriod
		}
		if len(starts) > 0 && now >= starts[0] {
			starts = starts[1:]
			if err := l.stack.StartWorker(); err != nil {
				return err
			}
			r.workers++
		}
		select {
		case u := <-uploads:
			if u.err != nil {
				return u.err
			}
			times = u.times
		default:
		}
		if times != nil && depth.Total() == 0 {
			r.took = time.Since(begin) - times[0]
			break
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	for _, at := range times {
		config.Arrivals = append(config.Arrivals, simulated(at))
	}
	config.Worker.PhotoTime = simulated(r.service)
	r.first = config.Arrivals[0]
	r.predicted, err = simulation.Run(config)
	return err
}

// write prints the run beside the prediction.
func (r *realRun) write(w io.Writer) error {
	fmt.Fprintf(w, "%d photos through real workers, from 1 to %d; a minute takes %v. Measured: %v a photo, %v to start a worker.\n", r.photos, r.workers, real(time.Minute),
		r.service.Round(time.Millisecond), r.start.Round(time.Millisecond))
	fmt.Fprintf(w, "tasks, really:  %s\ntasks, predicted: %s\n\n", overTime(1, r.changes, r.first), overTime(1, r.predicted.Changes, r.first))
	return writeComparisons(w, "BURST", "REALLY", realBound, []comparison{{"from the first upload to the last photo", real(r.predicted.Settled - r.first), r.took}})
}
