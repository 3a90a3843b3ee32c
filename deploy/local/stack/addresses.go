package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"darkroom/deploy/local/fake"
)

// Ports are the TCP ports to listen on, on the loopback address. Each is 0 for the default one if it is free and any
// other that is free if not.
type Ports struct{ API, Issuer, S3, SQS, Metrics int }

// Defaults are also the ports that the containers publish.
var Defaults = Ports{API: 8080, Issuer: 8081, S3: 9000, SQS: 9324, Metrics: 9102}

// Addresses say where the parts of a system are: URLs without a slash at the end.
type Addresses struct {
	API         string   `json:"api"`         // and of the board page, at /
	TokenLambda string   `json:"tokenLambda"` // to which API leads
	Issuer      string   `json:"issuer"`
	S3          string   `json:"s3"`
	SQS         string   `json:"sqs"`
	Queue       string   `json:"queue"`
	DeadLetters string   `json:"deadLetters"`
	Workers     []string `json:"workers"` // /metrics, /healthz and /readyz of each
	// FaultyS3 and FaultySQS are S3 and SQS with faults, which the workers and uploads then meet; empty where there are none.
	FaultyS3  string `json:"faultyS3,omitempty"`
	FaultySQS string `json:"faultySQS,omitempty"`
	Data      string `json:"data"`
	PID       int    `json:"pid"` // of the process that runs the system
}

const loopback = "127.0.0.1"

func at(port int) string { return "http://" + net.JoinHostPort(loopback, strconv.Itoa(port)) }

// ByDefault are the addresses where the containers publish the parts.
func ByDefault() Addresses { return Defaults.addresses("", []int{Defaults.Metrics}) }

func (p Ports) addresses(data string, metrics []int) Addresses {
	a := Addresses{API: at(p.API), Issuer: at(p.Issuer), S3: at(p.S3), SQS: at(p.SQS), Data: data, PID: os.Getpid()}
	a.Queue, a.DeadLetters = fake.QueueURL(a.SQS, fake.Queue), fake.QueueURL(a.SQS, fake.DeadLetters)
	for _, port := range metrics {
		a.Workers = append(a.Workers, at(port))
	}
	return a
}

func (p Ports) validate() error {
	for _, port := range []int{p.API, p.Issuer, p.S3, p.SQS, p.Metrics} {
		if port < 0 || port > 65535 {
			return fmt.Errorf("port %d is not between 1 and 65535", port)
		}
	}
	return nil
}

// choose finds a free port for each part. A port that is given and taken is an error.
func (p Ports) choose(data string, workers int, faulty, anywhere bool) (Addresses, error) {
	var held []net.Listener // until all are chosen, so that no two parts get the same
	defer func() {
		for _, l := range held {
			l.Close()
		}
	}()
	pick := func(what string, given, preferred int) (int, error) {
		if given != 0 || anywhere {
			preferred = given
		}
		l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(preferred)))
		if err != nil && given == 0 {
			l, err = net.Listen("tcp", net.JoinHostPort(loopback, "0"))
		}
		if err != nil {
			return 0, fmt.Errorf("the port of %s: %w", what, err)
		}
		held = append(held, l)
		return l.Addr().(*net.TCPAddr).Port, nil
	}
	var out Ports
	for _, part := range []struct {
		what             string
		given, preferred int
		out              *int
	}{
		{"the page and the API", p.API, Defaults.API, &out.API},
		{"the issuer", p.Issuer, Defaults.Issuer, &out.Issuer},
		{"S3", p.S3, Defaults.S3, &out.S3},
		{"SQS", p.SQS, Defaults.SQS, &out.SQS},
		{"the worker's metrics", p.Metrics, Defaults.Metrics, &out.Metrics},
	} {
		port, err := pick(part.what, part.given, part.preferred)
		if err != nil {
			return Addresses{}, err
		}
		*part.out = port
	}
	metrics := []int{out.Metrics}
	for i := 1; i < workers; i++ {
		port, err := pick("a worker's metrics", 0, (out.Metrics+i)%65536)
		if err != nil {
			return Addresses{}, err
		}
		metrics = append(metrics, port)
	}
	a := out.addresses(data, metrics)
	others := map[string]*string{"the token Lambda": &a.TokenLambda}
	if faulty {
		others["faulty S3"], others["faulty SQS"] = &a.FaultyS3, &a.FaultySQS
	}
	for what, url := range others {
		port, err := pick(what, 0, 0)
		if err != nil {
			return Addresses{}, err
		}
		*url = at(port)
	}
	return a, nil
}

// file is where a running system says where it is, so that other commands of the same user find it.
func file() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("address file: %w", err)
	}
	return filepath.Join(cache, "darkroom", "stack.json"), nil
}

// Publish writes the addresses to the address file. The function that it returns removes the file, unless another
// system has taken it over.
func (a Addresses) Publish() (withdraw func(), err error) {
	path, err := file()
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	// Renamed into place: a reader never sees half a file.
	tmp := fmt.Sprintf("%s.%d", path, a.PID)
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return nil, fmt.Errorf("address file: %w", err)
	}
	return func() {
		if now, ok, err := Published(); err == nil && ok && now.PID == a.PID {
			os.Remove(path)
		}
	}, nil
}

// Published returns the addresses in the address file, or false when no system runs that has written one.
func Published() (Addresses, bool, error) {
	path, err := file()
	if err != nil {
		return Addresses{}, false, err
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Addresses{}, false, nil
	}
	if err != nil {
		return Addresses{}, false, fmt.Errorf("address file: %w", err)
	}
	var a Addresses
	if err := json.Unmarshal(b, &a); err != nil {
		return Addresses{}, false, fmt.Errorf("address file %s: %w", path, err)
	}
	// Signal 0 is never sent: it asks whether the process is there. One that was killed leaves its file behind.
	if err := syscall.Kill(a.PID, 0); a.PID <= 0 || err != nil && !errors.Is(err, syscall.EPERM) {
		return Addresses{}, false, nil
	}
	return a, true, nil
}

// lock makes the folder and takes it for this process.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("data folder %s: another system is running on it", dir)
		}
		return nil, fmt.Errorf("data folder %s: lock: %w", dir, err)
	}
	return func() { f.Close() }, nil
}
