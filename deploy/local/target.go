package main

import (
	"strings"

	"darkroom/deploy/local/stack"
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

// addresses returns the addresses of the system that runs on this machine, or those that docker-compose.yml publishes.
func addresses() (stack.Addresses, error) {
	a, ok, err := stack.Published()
	if err == nil && !ok {
		a = stack.DefaultAddresses()
	}
	return a, err
}

// resolve returns the URLs of the issuer and the API: those of the flags, or else those of the running system.
func (t target) resolve(api string) (issuerURL, apiURL string, err error) {
	issuerURL, apiURL = strings.TrimSuffix(t.Issuer, "/"), strings.TrimSuffix(api, "/")
	if issuerURL != "" && apiURL != "" {
		return issuerURL, apiURL, nil
	}
	a, err := addresses()
	if issuerURL == "" {
		issuerURL = a.Issuer
	}
	if apiURL == "" {
		apiURL = a.API
	}
	return issuerURL, apiURL, err
}
