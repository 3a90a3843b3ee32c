// Package faults makes the stand-ins for S3 and SQS fail now and then, as the real ones do: a handler around a server,
// [S3] or [SQS], that answers with an error instead of passing a request on, or spoils the answer.
//
// Whether the n-th request to a handler fails, and how, follows from the seed alone. Which request is the n-th is up to
// the clients: where several race, a run with the same seed is not the same run.
//
// What a handler did is counted and can be read at [CountsPath], so that whoever checks the system can hold the work
// that was done twice against its causes.
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

// Kind is a way to fail.
type Kind string

const (
	Error    Kind = "5xx"      // 500 InternalError; the request has no effect
	SlowDown Kind = "slowdown" // 503 SlowDown, of S3; the request has no effect
	Stall    Kind = "stall"    // the body of a GET stops half way, for [Config.StallFor] or until the client goes
	Truncate Kind = "truncate" // the connection is cut half way through the body of a GET
	Lost     Kind = "lost"     // the request has its effect and the connection is cut instead of the answer
	Partial  Kind = "partial"  // one entry of a batch fails, of SQS
)

// Config says how often what fails. Rates are probabilities of a request that can fail so, 0 to 1; the zero value
// never fails.
type Config struct {
	Seed uint64
	// Rates of S3.
	S3Error, S3SlowDown, S3Stall, S3Truncate, S3Lost float64
	// Rates of SQS.
	SQSError, SQSPartial, SQSLost float64
	// StallFor is how long a body stalls at most; default 30 s.
	StallFor time.Duration
}

// Typical is what the soak injects: 5 % errors, 5 % throttles, 2 % stalled or truncated bodies, and 1 % each of partial
// batch failures and of replies lost after the commit.
func Typical(seed uint64) Config {
	return Config{Seed: seed, S3Error: 0.05, S3SlowDown: 0.05, S3Stall: 0.01, S3Truncate: 0.01, S3Lost: 0.01,
		SQSError: 0.01, SQSPartial: 0.01, SQSLost: 0.01}
}

const defaultStall = 30 * time.Second

// rate is a rate by its name in the text form.
type rate struct {
	name  string
	value *float64
}

func (c *Config) rates() []rate {
	return []rate{
		{"s3-5xx", &c.S3Error}, {"s3-slowdown", &c.S3SlowDown}, {"s3-stall", &c.S3Stall}, {"s3-truncate", &c.S3Truncate}, {"s3-lost", &c.S3Lost},
		{"sqs-5xx", &c.SQSError}, {"sqs-partial", &c.SQSPartial}, {"sqs-lost", &c.SQSLost},
	}
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	for _, r := range c.rates() {
		if !(*r.value >= 0 && *r.value <= 1) {
			return fmt.Errorf("faults: %s: %v is not within 0%% to 100%%", r.name, *r.value)
		}
	}
	switch {
	case c.S3Error+c.S3SlowDown+c.S3Stall+c.S3Truncate+c.S3Lost > 1, c.SQSError+c.SQSPartial+c.SQSLost > 1:
		return errors.New("faults: the rates of a server are more than 100% together")
	case c.StallFor < 0 || c.StallFor > time.Hour:
		return fmt.Errorf("faults: stall-for: %v is not within 0 to 1h", c.StallFor)
	}
	return nil
}

// UnmarshalText reads the form that [Config.String] writes. What is not named is off.
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
	return fmt.Errorf("there is no such fault; there are %s", strings.Join(names, ", "))
}

// ParseRate reads a probability: 5% or 0.05.
func ParseRate(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no rate such as 5%% or 0.05", s)
	}
	if percent {
		v /= 100
	}
	if !(v >= 0 && v <= 1) {
		return 0, fmt.Errorf("%q is not within 0%% to 100%%", s)
	}
	return v, nil
}

// String is the text form: what is on as name=value, separated by commas.
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

// chance is a way to fail and its probability.
type chance struct {
	kind Kind
	rate float64
}

// dice decides for one request after the other.
type dice struct {
	mu      sync.Mutex
	random  *rand.Rand
	chances []chance
}

// Each server has a stream of its own, so that requests to one do not change what becomes of those to the other.
const (
	streamS3  = 1
	streamSQS = 2
)

func newDice(seed, stream uint64, chances ...chance) *dice {
	return &dice{random: rand.New(rand.NewPCG(seed, stream)), chances: chances}
}

// roll returns how the next request fails if it can fail so, or "". One number decides for all kinds: each has its part
// of the range, and a request that cannot fail in the way that was drawn does not fail.
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
