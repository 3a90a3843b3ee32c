// Package closedform has what queueing theory says of the simplest systems, for the simulator to be held against.
package closedform

import (
	"fmt"
	"math"
	"time"
)

// MeanWait is the mean time that a customer of an M/D/c queue waits before the service begins: arrivals are Poisson at rate
// a second, each of servers takes exactly service, in order of arrival.
//
// It is exact up to rounding. Whoever is being served at one moment is gone a service later, and whoever has come by then is
// still there, so that the number in the system one service later is max(n - c, 0) + Poisson(rate x service): C. D. Crommelin,
// "Delay probability formulas when the holding times are constant", Post Office Electrical Engineers' Journal 25 (1932).
// The stationary distribution of that chain is found by following it, and Little's law makes of the mean number that waits
// the mean wait. The servers must have less to do than they can.
func MeanWait(rate float64, service time.Duration, servers int) (time.Duration, error) {
	load := rate * service.Seconds()
	if load <= 0 || servers < 1 || load >= float64(servers) {
		return 0, fmt.Errorf("a load of %v on %d servers has no steady state", load, servers)
	}
	rho := load / float64(servers)
	if rho > 0.98 {
		return 0, fmt.Errorf("servers at %v of what they can do: too much for this computation", rho)
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
	return 0, fmt.Errorf("no steady state was found for a load of %v on %d servers", load, servers)
}

// poisson returns the probabilities of 0, 1, 2, ... with what is left below 1e-15.
func poisson(mean float64) []float64 {
	p := math.Exp(-mean)
	list := []float64{p}
	for k := 1; float64(k) < mean || p > 1e-15; k++ {
		p *= mean / float64(k)
		list = append(list, p)
	}
	return list
}

// Drain is the fluid limit: how long workers that do so many photos a second each take for a queue while others arrive.
func Drain(queue, arriving float64, workers int, perWorker float64) time.Duration {
	return time.Duration(queue / (float64(workers)*perWorker - arriving) * float64(time.Second))
}
