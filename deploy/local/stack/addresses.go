package stack

import (
	"os"

	"darkroom/deploy/local/fake"
)

// Addresses are the URLs of the parts of a system, without a slash at the end.
type Addresses struct {
	API         string   `json:"api"`         // the API, with the board page at /
	TokenLambda string   `json:"tokenLambda"` // the server behind API
	Issuer      string   `json:"issuer"`
	S3          string   `json:"s3"`
	SQS         string   `json:"sqs"`
	Events      string   `json:"events"`      // queue that the uploads bucket notifies
	Photos      string   `json:"photos"`      // queue that the workers forward to; may be empty in a system started elsewhere
	DeadLetters []string `json:"deadLetters"` // dead-letter queues of Events and Photos, in this order
	Workers     []string `json:"workers"`     // each serves /metrics, /healthz and /readyz
	// APIMetrics and Watch serve /metrics of the API and of the queue's depth. Empty unless [Config].Observed.
	APIMetrics string `json:"apiMetrics,omitempty"`
	Watch      string `json:"watch,omitempty"`
	// CDN serves the variants, and its API purges them. Empty unless [Config].CDN.
	CDN string `json:"cdn,omitempty"`
	// Purges is the queue of the purges from the CDN. Empty without one.
	Purges string `json:"purges,omitempty"`
	// FaultyS3 and FaultySQS are S3 and SQS with injected faults, for workers and uploads. Empty without faults.
	FaultyS3  string `json:"faultyS3,omitempty"`
	FaultySQS string `json:"faultySQS,omitempty"`
	Data      string `json:"data"` // data folder
	PID       int    `json:"pid"`  // process that runs the system
}

// Queues returns the queues that hold work.
func (a Addresses) Queues() []string {
	if a.Photos == "" {
		return []string{a.Events}
	}
	return []string{a.Events, a.Photos}
}

// DefaultAddresses returns the addresses at [DefaultPorts], which docker-compose.yml publishes.
func DefaultAddresses() Addresses { return DefaultPorts.addresses("", []int{DefaultPorts.Metrics}) }

func (p Ports) addresses(data string, metrics []int) Addresses {
	a := Addresses{API: loopbackURL(p.API), Issuer: loopbackURL(p.Issuer), S3: loopbackURL(p.S3), SQS: loopbackURL(p.SQS), Data: data, PID: os.Getpid()}
	a.Events, a.Photos = fake.QueueURL(a.SQS, fake.Events), fake.QueueURL(a.SQS, fake.Photos)
	a.DeadLetters = []string{fake.QueueURL(a.SQS, fake.EventDeadLetters), fake.QueueURL(a.SQS, fake.PhotosDeadLetters)}
	for _, port := range metrics {
		a.Workers = append(a.Workers, loopbackURL(port))
	}
	return a
}
