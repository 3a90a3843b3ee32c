// Package realworkers sends a burst through real workers on this machine, scaled by the policies of the template, and
// compares it with what the simulator predicts.
package realworkers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"darkroom/deploy/client"
	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/report"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
	"darkroom/deploy/sim/internal/validation"
	"darkroom/deploy/testkit/metricmath"
	"darkroom/worker/plural"
	"darkroom/worker/wait"
)

// CloudWatch and Fargate run 30 times faster here: their minute takes two seconds. Photos take their real time, which
// is multiplied by 30 for the simulator and the policies.
const (
	compression     = 30
	downloadTime    = 600 * time.Millisecond // download of one original, in real time
	calibration     = 16                     // photos for each worker that measure the service time
	taskStart       = 45 * time.Second       // start of a Fargate task, in simulated time
	calibrationPoll = 2 * time.Millisecond
	burstPoll       = 5 * time.Millisecond
)

func toReal(d time.Duration) time.Duration      { return d / compression }
func toSimulated(d time.Duration) time.Duration { return d * compression }

// realLag is how late each point of a metric is.
var realLag = simulation.Delivery{Least: time.Minute, Most: time.Minute}

// Burst is a burst through real workers, with its prediction.
type Burst struct {
	photos, workers int
	service, start  time.Duration // measured, in real time
	took            time.Duration // from the first upload until the queues were empty, in real time
	changes         []simulation.Change
	predicted       *simulation.Result
	first           time.Duration // first upload, in simulated time
}

// Config is the size of a burst through real workers.
type Config struct {
	Template string // file with the policies
	Bin      string // folder with the programs; empty to build them
	Photos   int    // photos of the burst
	Workers  int    // most workers
	Seed     uint64
}

// Run measures the service time of real workers. Then it sends a burst to workers that the policies scale, and predicts
// the same burst.
func Run(ctx context.Context, c Config, notes io.Writer) (r *Burst, err error) {
	t, err := template.Read(c.Template)
	if err != nil {
		return nil, err
	}
	measuring := calibration * c.Workers
	l, err := startLocalSystem(ctx, c.Bin, c.Workers, downloadTime, c.Photos+measuring, notes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	fmt.Fprintf(notes, "measuring %s with %s\n", plural.Count(c.Workers, "worker"), plural.Count(measuring, "photo"))
	r = &Burst{photos: c.Photos}
	if err := r.calibrate(ctx, l, c.Workers, measuring); err != nil {
		return nil, err
	}
	service := toSimulated(r.service)
	s, err := t.System(map[string]string{"TaskVcpu": "1", "MinTasks": "1", "MaxTasks": strconv.Itoa(c.Workers), "SecondsPerPhoto": strconv.FormatFloat(service.Seconds(), 'f', 3, 64)}, metricmath.Gap)
	if err != nil {
		return nil, err
	}
	config := simulation.Config{Seed: c.Seed, Worker: s.Worker, Fleet: s.Fleet, AWS: simulation.Default(), Policies: s.Policies, Metrics: s.Metrics, PointInterval: time.Minute}
	config.Worker.Processors, config.Worker.Slots = 1, 1
	if config.Routing = s.Routing; config.Routing != nil {
		config.Routing.Linger, config.Routing.Time = toSimulated(config.Routing.Linger), toSimulated(config.Routing.Time)
	}
	config.AWS.EventMedian, config.AWS.Call = 0, 0 // the measured time includes both
	// Both sides see each point after the same time, so that they differ only in the workers.
	config.AWS.Visible, config.AWS.InFlight, config.AWS.Tasks = realLag, realLag, realLag
	config.AWS.SlowStarts = 0
	config.AWS.StartLeast = taskStart + toSimulated(r.start)
	config.AWS.StartMost = config.AWS.StartLeast
	fmt.Fprintf(notes, "sending a burst of %s to 1 of at most %s\n", plural.Count(c.Photos, "photo"), plural.Count(c.Workers, "worker"))
	if err := r.burst(ctx, l, l.photos[measuring:], config); err != nil {
		return nil, err
	}
	return r, nil
}

// calibrate measures how long a worker takes to start, and the service time of a photo while all workers are busy,
// since they share one machine. It stops the workers before it returns.
func (r *Burst) calibrate(ctx context.Context, l *localSystem, workers, photos int) (err error) {
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
		// Workers that start together also finish together. So measure from a moment at which all of them work until they
		// have received the last photo.
		switch {
		case started == 0 || depth.photos.InFlight > 0 && started < workers:
			if started == 1 {
				r.start = time.Since(begin)
			}
			if err := l.stack.StartWorker(); err != nil {
				return err
			}
			started++
		case since.IsZero() && started == workers && depth.waiting() <= photos-4*workers: // skip the first photos of each process, which take longer
			since, from = time.Now(), depth.waiting()
		case !since.IsZero() && depth.waiting() == 0: // from now on some workers are idle
			if from == 0 {
				return errors.New("calibration: the workers rendered all photos before the measurement began")
			}
			r.service = time.Since(since) * time.Duration(workers) / time.Duration(from)
			return nil
		}
		if err := wait.For(ctx, calibrationPoll); err != nil {
			return err
		}
	}
}

// burst uploads the photos and lets the policies start workers in compressed minutes, until the queues are empty. Then
// it predicts the same uploads.
func (r *Burst) burst(ctx context.Context, l *localSystem, photos []client.Photo, config simulation.Config) error {
	group, err := autoscaling.NewGroup(config.Policies)
	if err != nil {
		return err
	}
	if err := l.stack.StartWorker(); err != nil {
		return err
	}
	r.workers = config.Policies.Min
	var watch simulation.CloudWatch
	random := rand.New(rand.NewPCG(config.Seed, 0))
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
		if u.err = wait.For(uploading, max(toReal(aws.MetricPeriod)/2, 2*r.start)); u.err == nil {
			u.times, u.err = l.upload(uploading, photos, begin)
		}
		uploads <- u
	})
	starts := []time.Duration{} // start times of the requested workers, in simulated time
	desired := config.Policies.Min
	sample, decide := aws.MetricPeriod, aws.MetricPeriod+aws.AlarmDelay
	var times []time.Duration
	for {
		now := toSimulated(time.Since(begin))
		depth, err := l.depth(ctx)
		if err != nil {
			return err
		}
		if now >= sample {
			watch.Sample(random, sample, aws, depth.photos.Visible, depth.photos.InFlight, r.workers)
			watch.SampleEvents(random, sample, aws, depth.events.Visible, depth.events.InFlight)
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
		if times != nil && depth.events.Total()+depth.photos.Total() == 0 {
			r.took = time.Since(begin) - times[0]
			break
		}
		if err := wait.For(ctx, burstPoll); err != nil {
			return err
		}
	}
	for _, at := range times {
		config.Arrivals = append(config.Arrivals, toSimulated(at))
	}
	config.Worker.PhotoTime = toSimulated(r.service)
	r.first = config.Arrivals[0]
	r.predicted, err = simulation.Run(config)
	return err
}

// Write prints the run and its prediction.
func (r *Burst) Write(w io.Writer) error {
	fmt.Fprintf(w, "%s through real workers, from 1 to %d; a minute takes %v. Measured: %v a photo, %v to start a worker.\n",
		plural.Count(r.photos, "photo"), r.workers, toReal(time.Minute),
		r.service.Round(time.Millisecond), r.start.Round(time.Millisecond))
	fmt.Fprintf(w, "tasks, measured:  %s\ntasks, predicted: %s\n\n", report.DesiredCounts(1, r.changes, r.first), report.DesiredCounts(1, r.predicted.Changes, r.first))
	return validation.WriteComparisons(w, "BURST", "MEASURED", validation.RealBound, []validation.Comparison{{
		What: "from the first upload to the last photo", Sim: toReal(r.predicted.Settled - r.first), Truth: r.took}})
}
