// Package faults injects faults into the fake S3, SQS and CDN: the handlers [S3], [SQS] and [CDN] around a server
// answer some requests with an error, or damage the answer.
//
// The seed alone decides whether and how the n-th request to a handler fails. Which request is the n-th depends on the
// clients: if several race, two runs with the same seed differ.
//
// A handler also refuses every request while a [Refusal] is set.
//
// A handler counts what it did, and serves the counts at [CountsPath]. A test can then tell whether faults explain work
// that was done twice.
package faults

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is a kind of fault.
type Kind string

const (
	Error    Kind = "5xx"      // 500 InternalError; the request has no effect
	SlowDown Kind = "slowdown" // 503 SlowDown, S3 only; the request has no effect
	Stall    Kind = "stall"    // the body of a GET stops half way, for [Config.StallFor] or until the client disconnects
	Truncate Kind = "truncate" // the connection is cut half way through the body of a GET
	Lost     Kind = "lost"     // the request has its effect, but the connection is cut instead of an answer
	Partial  Kind = "partial"  // one entry of a batch fails, SQS only
	Busy     Kind = "busy"     // too many purges are in progress, CDN only; the request has no effect
	Skip     Kind = "skip"     // the purge is complete in time but removes nothing, CDN only
	Refused  Kind = "refused"  // the answer of a [Refusal]; the request has no effect
)

// Config says how often each fault is injected. A rate is the probability, 0 to 1, that a request fails in this way if
// it can. The zero value injects nothing.
type Config struct {
	Seed uint64
	// Rates for S3.
	S3Error, S3SlowDown, S3Stall, S3Truncate, S3Lost float64
	// Rates for SQS.
	SQSError, SQSPartial, SQSLost float64
	// Rates for the API of the CDN. With CDNSkip, erased photos stay in the cache, so that checks of a system must
	// fail.
	CDNError, CDNBusy, CDNSkip float64
	// StallFor is the longest that a body stalls; default 30 s.
	StallFor time.Duration
}

// Typical returns the faults that the soak injects by default: 5 % S3 errors, 5 % throttles, 2 % stalled or truncated
// bodies, and 1 % each of SQS errors, partial batch failures and answers that are lost after the commit. The CDN
// answers 5 % of the requests to its API with an error, and refuses 5 % of the purges.
func Typical(seed uint64) Config {
	return Config{Seed: seed, S3Error: 0.05, S3SlowDown: 0.05, S3Stall: 0.01, S3Truncate: 0.01, S3Lost: 0.01,
		SQSError: 0.01, SQSPartial: 0.01, SQSLost: 0.01, CDNError: 0.05, CDNBusy: 0.05}
}

const defaultStall = 30 * time.Second

// rate is a rate and its name in the text form.
type rate struct {
	name  string
	value *float64
}

func (c *Config) rates() []rate {
	return []rate{
		{"s3-5xx", &c.S3Error}, {"s3-slowdown", &c.S3SlowDown}, {"s3-stall", &c.S3Stall}, {"s3-truncate", &c.S3Truncate},
		{"s3-lost", &c.S3Lost},
		{"sqs-5xx", &c.SQSError}, {"sqs-partial", &c.SQSPartial}, {"sqs-lost", &c.SQSLost},
		{"cdn-5xx", &c.CDNError}, {"cdn-busy", &c.CDNBusy}, {"cdn-skip", &c.CDNSkip},
	}
}

// Validate reports the first setting that is out of range.
func (c Config) Validate() error {
	for _, r := range c.rates() {
		if !(*r.value >= 0 && *r.value <= 1) {
			return fmt.Errorf("faults: %s: %v is not within 0%% to 100%%", r.name, *r.value)
		}
	}
	switch {
	case c.S3Error+c.S3SlowDown+c.S3Stall+c.S3Truncate+c.S3Lost > 1, c.SQSError+c.SQSPartial+c.SQSLost > 1,
		c.CDNError+c.CDNBusy+c.CDNSkip > 1:
		return errors.New("faults: the rates of one server add up to more than 100%")
	case c.StallFor < 0 || c.StallFor > time.Hour:
		return fmt.Errorf("faults: stall-for: %v is not within 0 to 1h", c.StallFor)
	}
	return nil
}

// UnmarshalText parses the form that [Config.String] returns. Faults that are not named are off.
func (c *Config) UnmarshalText(text []byte) error {
	var out Config
	for part := range strings.SplitSeq(string(text), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		if err := out.set(name, value); err != nil {
			return fmt.Errorf("faults: %q: %w", part, err)
		}
	}
	if err := out.Validate(); err != nil {
		return err
	}
	*c = out
	return nil
}

func (c *Config) set(name, value string) (err error) {
	switch name {
	case "seed":
		c.Seed, err = strconv.ParseUint(value, 10, 64)
		return err
	case "stall-for":
		c.StallFor, err = time.ParseDuration(value)
		return err
	}
	names := []string{"seed", "stall-for"}
	for _, r := range c.rates() {
		if r.name == name {
			*r.value, err = ParseRate(value)
			return err
		}
		names = append(names, r.name)
	}
	return fmt.Errorf("unknown fault; known are %s", strings.Join(names, ", "))
}

// ParseRate parses a probability such as 5% or 0.05.
func ParseRate(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a rate such as 5%% or 0.05", s)
	}
	if percent {
		v /= 100
	}
	if !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("%q is not within 0%% to 100%%", s)
	}
	return v, nil
}

// String returns the text form: name=value for the seed and every fault that is on, separated by commas.
func (c Config) String() string {
	parts := []string{"seed=" + strconv.FormatUint(c.Seed, 10)}
	for _, r := range c.rates() {
		if *r.value > 0 {
			parts = append(parts, r.name+"="+strconv.FormatFloat(*r.value, 'g', -1, 64))
		}
	}
	if c.StallFor > 0 {
		parts = append(parts, "stall-for="+c.StallFor.String())
	}
	return strings.Join(parts, ",")
}

// chance is a kind of fault and its probability.
type chance struct {
	kind Kind
	rate float64
}

// dice decides which requests fail.
type dice struct {
	mu      sync.Mutex
	random  *rand.Rand
	chances []chance
}

// Each server has its own random stream, so that requests to one do not change the faults of the other.
const (
	streamS3  = 1
	streamSQS = 2
	streamCDN = 3
)

func newDice(seed, stream uint64, chances ...chance) *dice {
	return &dice{random: rand.New(rand.NewPCG(seed, stream)), chances: chances}
}

// roll returns the fault of the next request, or "". One random number decides for all kinds: each has its part of the
// range. A request that cannot fail in the way that was drawn does not fail.
func (d *dice) roll() Kind {
	d.mu.Lock()
	x := d.random.Float64()
	d.mu.Unlock()
	for _, c := range d.chances {
		if x < c.rate {
			return c.kind
		}
		x -= c.rate
	}
	return ""
}
