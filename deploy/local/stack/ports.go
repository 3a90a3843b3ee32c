package stack

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"

	"darkroom/deploy/local/fake"
	"darkroom/worker/settings"
)

const loopback = "127.0.0.1"

func loopbackURL(port int) string { return "http://" + net.JoinHostPort(loopback, strconv.Itoa(port)) }

// Ports are the TCP ports of the parts on the loopback address. For a port of 0 the default port is used if it is free,
// and any other free port if it is not.
type Ports struct {
	API, Issuer, S3, SQS, Metrics int
	APIMetrics, Watch             int // only with [Config].Observed
}

// DefaultPorts are also the ports that docker-compose.yml publishes, except the last two.
var DefaultPorts = Ports{API: 8080, Issuer: 8081, S3: 9000, SQS: 9324, Metrics: 9102, APIMetrics: 9100, Watch: 9101}

// Validate reports the first port that is not within 0 to 65535.
func (p Ports) Validate() error {
	for _, port := range []int{p.API, p.Issuer, p.S3, p.SQS, p.Metrics, p.APIMetrics, p.Watch} {
		if err := settings.Named("port", settings.Range(port, 0, 65535)); err != nil {
			return err
		}
	}
	return nil
}

// portPicker finds free ports. It keeps a listener on each port until release, so that no two parts get the same port.
type portPicker struct{ listeners []net.Listener }

func (p *portPicker) release() {
	for _, l := range p.listeners {
		l.Close()
	}
}

// pick returns the port given, or if that is 0 the preferred one or any other free port. A given port that is taken is
// an error.
func (p *portPicker) pick(part string, given, preferred int) (int, error) {
	if given != 0 {
		preferred = given
	}
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(preferred)))
	if err != nil && given == 0 {
		l, err = listenAnywhere()
	}
	if err != nil {
		return 0, fmt.Errorf("port of %s: %w", part, err)
	}
	p.listeners = append(p.listeners, l)
	return l.Addr().(*net.TCPAddr).Port, nil
}

// listenAnywhere listens on any free port. A part takes its port only after the picker has released it. Systems take
// ports for connections from 32768 or 49152 on, so a lower port is still free then.
func listenAnywhere() (l net.Listener, err error) {
	for range 100 {
		port := 10_000 + rand.N(22_000)
		if l, err = net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	return nil, err
}

// choose finds a free port for each part of c's system.
func (p Ports) choose(c Config) (Addresses, error) {
	picker := &portPicker{}
	defer picker.release()
	preferred := DefaultPorts
	if c.AnyPorts {
		preferred = Ports{}
	}
	var chosen Ports
	for _, part := range []struct {
		name             string
		given, preferred int
		chosen           *int
	}{
		{"the page and the API", p.API, preferred.API, &chosen.API},
		{"the issuer", p.Issuer, preferred.Issuer, &chosen.Issuer},
		{"S3", p.S3, preferred.S3, &chosen.S3},
		{"SQS", p.SQS, preferred.SQS, &chosen.SQS},
		{"the worker's metrics", p.Metrics, preferred.Metrics, &chosen.Metrics},
	} {
		port, err := picker.pick(part.name, part.given, part.preferred)
		if err != nil {
			return Addresses{}, err
		}
		*part.chosen = port
	}
	metrics := []int{chosen.Metrics}
	for i := 1; i < c.Workers; i++ {
		next := 0
		if !c.AnyPorts {
			next = (chosen.Metrics + i) % 65536
		}
		port, err := picker.pick("a worker's metrics", 0, next)
		if err != nil {
			return Addresses{}, err
		}
		metrics = append(metrics, port)
	}
	a := chosen.addresses(c.Data, metrics)
	if c.Observed {
		for _, part := range []struct {
			name             string
			given, preferred int
			url              *string
		}{
			{"the API's metrics", p.APIMetrics, preferred.APIMetrics, &a.APIMetrics},
			{"the queue's metrics", p.Watch, preferred.Watch, &a.Watch},
		} {
			port, err := picker.pick(part.name, part.given, part.preferred)
			if err != nil {
				return Addresses{}, err
			}
			*part.url = loopbackURL(port)
		}
	}
	internal := map[string]*string{"the token Lambda": &a.TokenLambda}
	if c.Faults != nil {
		internal["faulty S3"], internal["faulty SQS"] = &a.FaultyS3, &a.FaultySQS
	}
	if c.CDN {
		internal["the CDN"] = &a.CDN
		a.Purges = fake.QueueURL(a.SQS, fake.Purges)
	}
	for part, url := range internal {
		port, err := picker.pick(part, 0, 0)
		if err != nil {
			return Addresses{}, err
		}
		*url = loopbackURL(port)
	}
	return a, nil
}
