// Package freeport finds free TCP ports for the programs that a test starts.
package freeport

import (
	"net"
	"strconv"
	"testing"
)

const host = "127.0.0.1"

// Ports returns n different TCP ports of 127.0.0.1 that are free now. Nothing reserves them.
func Ports(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // keeps the port taken until all are found, so that no two are the same
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// Addresses returns n different addresses to listen on, host:port. See [Ports].
func Addresses(t testing.TB, n int) (addrs []string) {
	t.Helper()
	for _, port := range Ports(t, n) {
		addrs = append(addrs, net.JoinHostPort(host, strconv.Itoa(port)))
	}
	return addrs
}
