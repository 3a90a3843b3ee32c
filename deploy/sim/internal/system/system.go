// Package system has the flags that describe the simulated system, and reads the system from them and the template.
package system

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
	"darkroom/deploy/testkit/metricmath"
)

// errBadRevision reports a bad revision that nothing deploys.
var errBadRevision = errors.New("--bad-revision needs --deploy, which says when the revision is deployed")

// Flags describe the simulated system.
type Flags struct {
	Template      string            `default:"deploy/aws/template/template.yaml" type:"path" placeholder:"FILE" group:"System" help:"CloudFormation template with the policies and the workers."`
	Set           map[string]string `placeholder:"NAME=VALUE;..." group:"System" help:"Parameters of the template. Default: its own defaults."`
	Seed          uint64            `default:"1" placeholder:"N" group:"System" help:"Seed of all random numbers."`
	Fast          bool              `default:"true" negatable:"" group:"System" help:"Run the fast scaler, if the template has it. --no-fast shows what happens while it fails."`
	FastObjective time.Duration     `name:"fast-objective" placeholder:"DURATION" group:"System" help:"Target time of the fast scaler to clear the backlog. Default: the parameter FastSeconds."`
	Deploy        time.Duration     `placeholder:"DURATION" group:"System" help:"Deploy a new revision of the worker this long after the first upload."`
	BadRevision   bool              `group:"System" help:"The revision of --deploy never becomes healthy."`
	DrainBlocked  bool              `group:"System" help:"Let every busy worker drain when ECS answers DEPLOYMENT_BLOCKED, which it also does at a scale-in and to the new workers of a deployment. Darkroom's workers do not."`
	Blocked       string            `default:"exceeded" enum:"exceeded,exceeds" placeholder:"READING" group:"System" help:"When ECS answers DEPLOYMENT_BLOCKED: exceeded, if more tasks are protected than desired, as the guide says, or exceeds, if the task that asks would be one too many."`
	Queues        int               `default:"0" placeholder:"N" group:"System" help:"Number of queues: 2 if the workers move the events to a queue that is fair between boards, else 1. 0 means as in the template."`
	Rebalance     int               `default:"0" placeholder:"N" group:"System" help:"Number of tasks that zone rebalancing moves each minute: ECS starts a replacement, and then stops the old task once it is not protected. The template turns it off."`
	SpotDiscount  float64           `default:"0.7" placeholder:"FRACTION" group:"System" help:"Fraction of the Fargate price that Spot saves."`
	Photos        PhotoFlags        `embed:""`
	Metrics       MetricFlags       `embed:""`
	Limits        LimitFlags        `embed:""`
}

// PhotoFlags describe what a photo takes.
type PhotoFlags struct {
	PhotoTime  time.Duration     `placeholder:"DURATION" group:"Photos" help:"Measured time that a JPEG takes on one processor. Default: the parameter SecondsPerPhoto."`
	Mix        map[string]string `placeholder:"KIND=SHARE:COST;..." group:"Photos" help:"Kinds of photos, each with its share and its cost as a multiple of a JPEG's. Default: jpeg=0.85:1;heic=0.10:2.5;webp=0.05:1.5."`
	Spread     float64           `default:"0.5" placeholder:"FRACTION" group:"Photos" help:"Standard deviation of the time of a kind, as a fraction of it."`
	Transfer   time.Duration     `default:"200ms" placeholder:"DURATION" group:"Photos" help:"Time for the download and the uploads of a photo."`
	LateEvents float64           `default:"0.01" placeholder:"FRACTION" group:"Photos" help:"Share of S3's events that take 30 s to 2 minutes."`
}

// MetricFlags describe how CloudWatch's metrics arrive and count.
type MetricFlags struct {
	Missing  string        `default:"zero" enum:"zero,gap" placeholder:"READING" group:"CloudWatch" help:"How arithmetic on metrics counts a value that is missing while another is there: zero, as the guide says, or gap, which leaves the result without a value."`
	LagLeast time.Duration `default:"1m" placeholder:"DURATION" group:"CloudWatch" help:"Shortest time from the end of a minute until its point arrives."`
	LagMost  time.Duration `default:"2m" placeholder:"DURATION" group:"CloudWatch" help:"Longest time until it arrives. Each point of each metric is drawn on its own."`
	Loss     float64       `default:"0" placeholder:"FRACTION" group:"CloudWatch" help:"Share of the points that never arrive."`
	Silent   []string      `enum:"visible,inflight,tasks" placeholder:"METRIC" group:"CloudWatch" help:"Metrics without any point: visible, inflight, tasks."`
}

// LimitFlags describe the limits of an account. Without them, the system alone is simulated.
type LimitFlags struct {
	VCPUs  float64 `name:"vcpus" default:"0" placeholder:"N" group:"Limits" help:"The account's quota of Fargate vCPUs, of on-demand and of Spot tasks each. 0 means enough. A new account has 6."`
	Boards int     `default:"0" placeholder:"N" group:"Limits" help:"Number of boards that the photos are on. S3 takes 3,500 originals a second for each. 0 means enough boards."`
	Front  bool    `group:"Limits" help:"Let the API limit the uploads: ThrottleRate and ThrottleBurst of API Gateway, and TokenConcurrency requests at once. A refused client tries again."`
}

// DefaultFlags returns the flags of a command line that sets none of them, for a template.
func DefaultFlags(file string) Flags {
	return Flags{Template: file, Seed: 1, Fast: true, SpotDiscount: 0.7,
		Photos:  PhotoFlags{Spread: 0.5, Transfer: 200 * time.Millisecond, LateEvents: 0.01},
		Metrics: MetricFlags{Missing: "zero", LagLeast: time.Minute, LagMost: 2 * time.Minute}}
}

// stall is the time of a try that always fails: the worker aborts a download after 15 s without a byte.
const stall = 15 * time.Second

// defaultMix is the assumed mix of photos. A HEIC takes 2.3 times the instructions of a JPEG of the same size on amd64,
// and 2.9 times on arm64. The cost of WebP is an estimate.
var defaultMix = map[string]string{"jpeg": "0.85:1", "heic": "0.10:2.5", "webp": "0.05:1.5"}

// System is a simulated system.
type System struct {
	Config  simulation.Config
	Latency time.Duration // acceptable wait for a worker
	Front   Front
}

// Configure returns the system described by the template and the flags.
func (f Flags) Configure(t *template.Template, parameters map[string]string, fast bool) (System, error) {
	if err := f.checkRanges(); err != nil {
		return System{}, err
	}
	missing, err := metricmath.ParseMissing(f.Metrics.Missing)
	if err != nil {
		return System{}, err
	}
	s, err := t.System(parameters, missing)
	if err != nil {
		return System{}, err
	}
	if s.Fast == nil && s.Policies.Min == 0 {
		return System{}, errSleeps
	}
	switch {
	case f.Queues < 0 || f.Queues > 2:
		return System{}, fmt.Errorf("--queues (%d) must be 0, 1 or 2", f.Queues)
	case f.Queues == 1:
		s.Routing = nil
	case f.Queues == 2:
		s.Routing = simulation.DefaultRouting()
	}
	c := simulation.Config{Routing: s.Routing, Worker: s.Worker, Fleet: s.Fleet, AWS: simulation.Default(), Policies: s.Policies, Metrics: s.Metrics}
	c.AWS.Prices.SpotDiscount = f.SpotDiscount
	c.AWS.LateEvents = f.Photos.LateEvents
	f.Metrics.deliver(&c.AWS)
	if c.Worker.Mix, err = parseMix(f.Photos.Mix); err != nil {
		return System{}, err
	}
	c.Worker.Spread, c.Worker.Transfer, c.Worker.Stall = f.Photos.Spread, f.Photos.Transfer, stall
	if fast && s.Fast != nil {
		c.Fast = s.Fast
		c.Fast.StartUp = (c.AWS.StartLeast + c.AWS.StartMost) / 2
		if f.FastObjective != 0 {
			c.Fast.Objective = f.FastObjective
		}
	}
	c.Worker.DrainsWhenBlocked, c.Moves = f.DrainBlocked, f.Rebalance
	if f.Blocked == "exceeds" {
		c.AWS.Blocked = simulation.Exceeds
	}
	switch {
	case f.Deploy < 0:
		return System{}, fmt.Errorf("--deploy (%v) must not be negative", f.Deploy)
	case f.Deploy > 0:
		c.Deployments = []simulation.Deployment{{At: f.Deploy, Bad: f.BadRevision}}
	case f.BadRevision:
		return System{}, errBadRevision
	}
	if f.Photos.PhotoTime != 0 {
		c.Worker.PhotoTime = f.Photos.PhotoTime
	}
	sys := System{Config: c, Latency: s.Latency}
	sys.Config.Fleet.QuotaVCPU = f.Limits.VCPUs
	if f.Limits.Boards > 0 {
		sys.Config.Boards = f.Limits.Boards
	}
	if f.Limits.Front {
		sys.Front = Front{s.Front.Rate, s.Front.Burst, s.Front.Concurrency}
	}
	return sys, nil
}

// checkRanges reports the first number that is out of range.
func (f Flags) checkRanges() error {
	for _, share := range []struct {
		flag  string
		value float64
	}{{"--late-events", f.Photos.LateEvents}, {"--loss", f.Metrics.Loss}, {"--spot-discount", f.SpotDiscount}} {
		if !(share.value >= 0 && share.value <= 1) { // also not a number
			return fmt.Errorf("%s is %v: want 0 to 1", share.flag, share.value)
		}
	}
	if m := f.Metrics; m.LagLeast < 0 || m.LagMost < m.LagLeast {
		return fmt.Errorf("--lag-least is %v and --lag-most %v: want no less than 0, and --lag-most no less than --lag-least", m.LagLeast, m.LagMost)
	}
	if p := f.Photos; !(p.Spread >= 0) || p.Transfer < 0 || p.PhotoTime < 0 {
		return fmt.Errorf("--spread is %v, --transfer %v and --photo-time %v: want no less than 0", p.Spread, p.Transfer, p.PhotoTime)
	}
	return nil
}

// deliver sets how the metrics arrive.
func (f MetricFlags) deliver(a *simulation.AWS) {
	a.CPU.Loss = f.Loss
	for name, d := range map[string]*simulation.Delivery{"visible": &a.Visible, "inflight": &a.InFlight, "tasks": &a.Tasks} {
		*d = simulation.Delivery{Least: f.LagLeast, Most: f.LagMost, Loss: f.Loss}
		if slices.Contains(f.Silent, name) {
			d.Loss = 1
		}
	}
}

// parseMix parses kinds of photos, each with SHARE:COST.
func parseMix(mix map[string]string) ([]simulation.Kind, error) {
	if len(mix) == 0 {
		mix = defaultMix
	}
	var kinds []simulation.Kind
	for _, name := range slices.Sorted(maps.Keys(mix)) {
		share, cost, _ := strings.Cut(mix[name], ":")
		k := simulation.Kind{Name: name}
		var err error
		if k.Share, err = strconv.ParseFloat(strings.TrimSpace(share), 64); err == nil {
			k.Cost, err = strconv.ParseFloat(strings.TrimSpace(cost), 64)
		}
		if err != nil || k.Share < 0 || k.Cost <= 0 {
			return nil, fmt.Errorf("--mix: %s=%s: want SHARE:COST, such as 0.1:2.5", name, mix[name])
		}
		kinds = append(kinds, k)
	}
	sum := 0.0
	for _, k := range kinds {
		sum += k.Share
	}
	if sum < 0.999 || sum > 1.001 {
		return nil, fmt.Errorf("--mix: the shares add up to %.3g, want 1", sum)
	}
	return kinds, nil
}
