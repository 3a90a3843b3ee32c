package stack

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/testkit/freeport"
)

func freePorts(t *testing.T) Ports {
	t.Helper()
	p := freeport.Ports(t, 5)
	return Ports{API: p[0], Issuer: p[1], S3: p[2], SQS: p[3], Metrics: p[4]}
}

func TestPorts(t *testing.T) {
	given := freePorts(t)
	a, err := given.choose(Config{Data: "data", Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	if a.API != loopbackURL(given.API) || a.Workers[0] != loopbackURL(given.Metrics) || len(a.Workers) != 3 {
		t.Errorf("addresses %+v of %+v", a, given)
	}
	all := append([]string{a.API, a.TokenLambda, a.Issuer, a.S3, a.SQS}, a.Workers...)
	slices.Sort(all)
	if len(slices.Compact(all)) != 8 {
		t.Errorf("duplicate port: %v", all)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().(*net.TCPAddr).Port
	if _, err := (Ports{S3: taken}).choose(Config{Workers: 1}); err == nil || !strings.Contains(err.Error(), "S3") || !strings.Contains(err.Error(), strconv.Itoa(taken)) {
		t.Errorf("a given port that is taken: error %v", err)
	}
	saved := DefaultPorts
	defer func() { DefaultPorts = saved }()
	DefaultPorts.API = taken
	if a, err := (Ports{}).choose(Config{Workers: 1}); err != nil || a.API == loopbackURL(taken) {
		t.Errorf("default port taken: %v, %v", a, err)
	}
	if a, err := (Ports{}).choose(Config{Workers: 1, AnyPorts: true}); err != nil || a.Issuer == loopbackURL(DefaultPorts.Issuer) || a.S3 == loopbackURL(DefaultPorts.S3) || a.SQS == loopbackURL(DefaultPorts.SQS) {
		t.Errorf("AnyPorts: %+v, %v", a, err)
	}
	for _, bad := range []Config{{}, {Data: "d"}, {Data: "d", Self: "s"}, {Data: "d", Self: "s", Out: &buffer{}, Workers: -1}, {Data: "d", Self: "s", Out: &buffer{}, Ports: Ports{API: 70000}}} {
		if _, err := Start(t.Context(), bad); err == nil {
			t.Errorf("%+v: started", bad)
		}
	}
}

func TestPublish(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	if _, ok, err := Published(); ok || err != nil {
		t.Errorf("before Publish: %v, %v", ok, err)
	}
	a := DefaultAddresses()
	a.API = "http://127.0.0.1:1234"
	withdraw, err := a.Publish()
	if err != nil {
		t.Fatal(err)
	}
	path, _ := addressFile()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file %v, %v", info, err)
	}
	if got, ok, err := Published(); err != nil || !ok || got.API != a.API || got.Events != a.Events {
		t.Errorf("published %+v, %v, %v", got, ok, err)
	}
	other := a
	other.PID = os.Getppid()
	if _, err := other.Publish(); err != nil {
		t.Fatal(err)
	}
	withdraw()
	if got, ok, _ := Published(); !ok || got.PID != other.PID {
		t.Errorf("withdraw removed the addresses of another system: %+v, %v", got, ok)
	}
	dead := a
	dead.PID = 1 << 22 // above the largest id of Linux
	if withdraw, err = dead.Publish(); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := Published(); ok || err != nil {
		t.Errorf("addresses of a killed system: %v, %v", ok, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Published(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("an invalid file: error %v", err)
	}
	withdraw()
}
