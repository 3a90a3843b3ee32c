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
	Queue       string   `json:"queue"`
	DeadLetters string   `json:"deadLetters"`
	Workers     []string `json:"workers"` // each serves /metrics, /healthz and /readyz
	// APIMetrics and Watch serve /metrics of the API and of the queue's depth. Empty unless [Config].Observed.
	APIMetrics string `json:"apiMetrics,omitempty"`
	Watch      string `json:"watch,omitempty"`
	// FaultyS3 and FaultySQS are S3 and SQS with injected faults, for workers and uploads. Empty without faults.
	FaultyS3  string `json:"faultyS3,omitempty"`
	FaultySQS string `json:"faultySQS,omitempty"`
	Data      string `json:"data"` // data folder
	PID       int    `json:"pid"`  // process that runs the system
}

// DefaultAddresses returns the addresses at [DefaultPorts], which docker-compose.yml publishes.
func DefaultAddresses() Addresses { return DefaultPorts.addresses("", []int{DefaultPorts.Metrics}) }

func (p Ports) addresses(data string, metrics []int) Addresses {
	a := Addresses{API: loopbackURL(p.API), Issuer: loopbackURL(p.Issuer), S3: loopbackURL(p.S3), SQS: loopbackURL(p.SQS), Data: data, PID: os.Getpid()}
	a.Queue, a.DeadLetters = fake.QueueURL(a.SQS, fake.Queue), fake.QueueURL(a.SQS, fake.DeadLetters)
	for _, port := range metrics {
		a.Workers = append(a.Workers, loopbackURL(port))
	}
	return a
}
