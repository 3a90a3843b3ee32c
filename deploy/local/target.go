package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/joho/godotenv"

	"darkroom/deploy/local/stack"
	"darkroom/worker/process"
	"darkroom/worker/settings"
)

// target is the system to use and the subject of the token.
type target struct {
	Issuer  string `placeholder:"URL" help:"URL of the token issuer. Default: the issuer of the system that runs on this machine, or http://127.0.0.1:8081."`
	Subject string `default:"you" placeholder:"NAME" help:"Subject of the token."`
}

// validate checks the URLs of the issuer and the API, which may be empty.
func (t target) validate(api string) error {
	for _, flag := range []struct{ name, url string }{{"--issuer", t.Issuer}, {"--api", api}} {
		if flag.url == "" {
			continue
		}
		if _, err := settings.HTTPURL(flag.url); err != nil {
			return settings.Named(flag.name, err)
		}
	}
	return nil
}

// resolve returns the URLs of the API and its token issuer: those of the flags, or else those of the system that
// answers on this machine. Two systems can run at once, from this program and in containers. Then a flag must name one.
func (t target) resolve(ctx context.Context, api string) (issuerURL, apiURL string, err error) {
	issuerURL, apiURL = strings.TrimSuffix(t.Issuer, "/"), strings.TrimSuffix(api, "/")
	if issuerURL != "" && apiURL != "" {
		return issuerURL, apiURL, nil
	}
	known, err := systems()
	if err != nil {
		return "", "", err
	}
	var matching, answering []stack.Addresses
	for _, s := range known {
		if apiURL != "" && s.API != apiURL || issuerURL != "" && s.Issuer != issuerURL {
			continue
		}
		matching = append(matching, s)
		if check(ctx, []string{s.API + process.HealthPath, s.Issuer + process.HealthPath}) == nil {
			answering = append(answering, s)
		}
	}
	switch {
	case len(answering) > 1:
		return "", "", fmt.Errorf("two systems answer, %s of `go run ./deploy/local` and %s of the containers: choose one with --api or --issuer", answering[0].API, answering[1].API)
	case len(answering) == 1:
		return answering[0].Issuer, answering[0].API, nil
	case len(matching) > 0: // the caller reports that nothing answers there
		return matching[0].Issuer, matching[0].API, nil
	}
	// A flag names an address that no known system has.
	if issuerURL == "" {
		issuerURL = known[0].Issuer
	}
	if apiURL == "" {
		apiURL = known[0].API
	}
	return issuerURL, apiURL, nil
}

// systems returns the addresses of the systems that may run on this machine: the one that `go run ./deploy/local` has
// started, if it still runs, and that of docker-compose.yml, with the ports of .env in the working directory.
func systems() ([]stack.Addresses, error) {
	started, running, err := stack.Published()
	if err != nil {
		return nil, err
	}
	containers, err := composeAddresses()
	switch {
	case err != nil:
		return nil, err
	case !running:
		return []stack.Addresses{containers}, nil
	case started.API == containers.API:
		return []stack.Addresses{started}, nil
	}
	return []stack.Addresses{started, containers}, nil
}

// composeAddresses returns what docker-compose.yml publishes. The environment goes before .env, as it does for Compose.
func composeAddresses() (stack.Addresses, error) {
	a := stack.DefaultAddresses()
	file, err := godotenv.Read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return a, fmt.Errorf(".env: %w", err)
	}
	for name, address := range map[string]*string{"API_PORT": &a.API, "ISSUER_PORT": &a.Issuer} {
		port := file[name]
		if v, ok := os.LookupEnv(name); ok {
			port = v
		}
		if port != "" {
			*address = "http://127.0.0.1:" + port
		}
	}
	return a, nil
}
