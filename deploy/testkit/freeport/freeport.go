// Package freeport finds where programs that a test starts can listen on this machine.
package freeport

import (
	"net"
	"strconv"
	"testing"
)

const host = "127.0.0.1"

// Ports returns n TCP ports at which nobody listens, all different. Nothing keeps them free.
func Ports(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // not before all are found, so that no two are the same
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// Addresses returns n of them as addresses to listen at.
func Addresses(t testing.TB, n int) (addrs []string) {
	t.Helper()
	for _, port := range Ports(t, n) {
		addrs = append(addrs, net.JoinHostPort(host, strconv.Itoa(port)))
	}
	return addrs
}
