// Package settings checks values that an operator sets, in one way for every program of Darkroom. An error says what is
// wrong and what would be right. The caller puts the name of the variable in front, and package process adds the flag:
// VARIANTS (--variants).
package settings

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
)

// HTTPURL parses an absolute http or https URL, which may have a port and a path. It refuses user information, a query
// and a fragment: the first would end up in logs, and Darkroom does not use the others. Its errors never repeat the
// value, which may hold a password.
func HTTPURL(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	switch {
	case err != nil:
		return nil, errors.New("the URL cannot be parsed: want http(s)://host[:port][/path]")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("not an http URL: want http(s)://host[:port][/path]")
	case u.User != nil:
		return nil, errors.New("the URL contains a user name or a password: want http(s)://host[:port][/path]")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the URL has a query or a fragment: want http(s)://host[:port][/path]")
	}
	return u, nil
}

// AWSEndpoints checks every variable of the environment that gives the AWS SDK an endpoint: AWS_ENDPOINT_URL,
// AWS_ENDPOINT_URL_S3 and the like. The SDK itself checks them at the first request, and its error repeats the value.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func AWSEndpoints() error {
	environ := os.Environ()
	slices.Sort(environ)
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if value == "" || name != "AWS_ENDPOINT_URL" && !strings.HasPrefix(name, "AWS_ENDPOINT_URL_") {
			continue
		}
		if _, err := HTTPURL(value); err != nil {
			return Named(name, err)
		}
	}
	return nil
}

// Range checks that value is within least and most, both included. NaN is never within. The error does not mention most
// if that is just the largest value of its type.
func Range[T ~int | ~int64 | ~float64](value, least, most T) error {
	if value >= least && value <= most {
		return nil
	}
	switch {
	case value != value:
		return fmt.Errorf("%v is not a number", value)
	case value < least && (float64(most) == math.MaxInt32 || float64(most) == math.MaxInt64):
		return fmt.Errorf("%v is less than %v", value, least)
	}
	return fmt.Errorf("%v is not within %v to %v", value, least, most)
}

// ListenAddress checks that value is an address for a server to listen on: HOST:PORT, where the host may be empty and
// the port may be 0 or the name of a service.
func ListenAddress(value string) error {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil || port == "" {
		return fmt.Errorf("%q is not an address to listen on: want HOST:PORT", value)
	}
	return nil
}

// Named puts the name of a setting before what is wrong with it. It returns nil for nil.
func Named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
