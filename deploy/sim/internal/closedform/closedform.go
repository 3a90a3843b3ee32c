// Package closedform has results of queueing theory for simple systems, to which the simulator can be compared.
package closedform

import (
	"fmt"
	"math"
	"time"
)

// MeanWait returns the mean time that a customer of an M/D/c queue waits before service begins. Arrivals are Poisson at
// rate a second. Each of the servers takes exactly the time service, in order of arrival. The load must be at most
// 0.98.
//
// The result is exact up to rounding. A customer in service at one moment has left one service time later, and all who
// arrive in between are still there. So with n customers now, there are max(n - c, 0) + Poisson(rate x service) one
// service time later: C. D. Crommelin, "Delay probability formulas when the holding times are constant", Post Office
// Electrical Engineers' Journal 25 (1932). MeanWait iterates that chain to its stationary distribution. Little's law
// then gives the mean wait from the mean number of waiting customers.
func MeanWait(rate float64, service time.Duration, servers int) (time.Duration, error) {
	load := rate * service.Seconds()
	if load <= 0 || servers < 1 || load >= float64(servers) {
		return 0, fmt.Errorf("a load of %v on %d servers has no steady state: want more than 0, and less than the servers",
			load, servers)
	}
	rho := load / float64(servers)
	if rho > 0.98 {
		return 0, fmt.Errorf("a load of %v a server is too high for this computation: want at most 0.98", rho)
	}
	arrivals := poisson(load)
	size := servers + len(arrivals) + int(30/(1-rho)) // the tail falls at least as fast as that of M/M/c
	now, next := make([]float64, size), make([]float64, size)
	now[0] = 1
	for range 1_000_000 {
		clear(next)
		for n, p := range now {
			if p == 0 {
				continue
			}
			left := max(n-servers, 0)
			for k, q := range arrivals {
				next[min(left+k, size-1)] += p * q
			}
		}
		change := 0.0
		for n := range now {
			change += math.Abs(now[n] - next[n])
		}
		now, next = next, now
		if change < 1e-12 {
			waiting := 0.0
			for n, p := range now {
				waiting += p * float64(max(n-servers, 0))
			}
			return time.Duration(waiting / rate * float64(time.Second)), nil
		}
	}
	return 0, fmt.Errorf("found no steady state for a load of %v on %d servers", load, servers)
}

// poisson returns the probabilities of 0, 1, 2, ... up to the first below 1e-15 beyond the mean.
func poisson(mean float64) []float64 {
	p := math.Exp(-mean)
	list := []float64{p}
	for k := 1; float64(k) < mean || p > 1e-15; k++ {
		p *= mean / float64(k)
		list = append(list, p)
	}
	return list
}

// Drain returns the fluid limit of the time to drain a queue. Each worker renders perWorker photos a second, while
// arriving photos a second are added.
func Drain(queue, arriving float64, workers int, perWorker float64) time.Duration {
	return time.Duration(queue / (float64(workers)*perWorker - arriving) * float64(time.Second))
}
