// Package validation compares the simulator with closed forms, with published measurements, and with a second model of
// what the parameters of the template promise.
package validation

import (
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"
)

// Largest relative errors of the simulator.
const (
	ClosedBound = 0.05
	FluidBound  = 0.25
	RealBound   = 0.15
)

// Comparison compares a time of the simulator with the true one.
type Comparison struct {
	What       string
	Sim, Truth time.Duration
}

// RelativeError returns the relative error.
func (c Comparison) RelativeError() float64 { return c.Sim.Seconds()/c.Truth.Seconds() - 1 }

// WriteComparisons prints a table. The error names each comparison whose relative error exceeds the bound.
func WriteComparisons(w io.Writer, what, truth string, bound float64, all []Comparison) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "%s\tSIMULATOR\t%s\tOFF BY\n", what, truth)
	var wrong error
	for _, c := range all {
		fmt.Fprintf(t, "%s\t%.4gs\t%.4gs\t%+.1f %%\n", c.What, c.Sim.Seconds(), c.Truth.Seconds(), 100*c.RelativeError())
		if !(math.Abs(c.RelativeError()) <= bound) {
			wrong = errors.Join(wrong, fmt.Errorf("%s is off by %.1f %%, more than %.0f %%", c.What, 100*c.RelativeError(), 100*bound))
		}
	}
	t.Flush()
	return wrong
}
