package template

import (
	"fmt"
	"math"
	"slices"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/metricmath"
)

// source returns the function that reads one of AWS's metrics, or nil if the simulator does not have it. Template and
// simulation may differ in the number of queues. If only the simulation has two, the metrics of the template's queue
// count the messages of both. If only the template has two, its events queue is always empty.
func (r *reader) source(m any) func(simulation.Measured) autoscaling.Series {
	both, events := r.photosQueue == "", false
	for _, d := range list(cfn.Lookup(m, "Metric", "Dimensions")) {
		if cfn.Lookup(d, "Name") == "QueueName" {
			events = fmt.Sprint(cfn.Lookup(d, "Value")) != "${"+r.photosQueue+".QueueName}"
		}
	}
	choose := func(photos, ofEvents autoscaling.Series) autoscaling.Series {
		switch {
		case both:
			return sum(photos, ofEvents)
		case events && len(ofEvents) == 0:
			return empty(photos)
		case events:
			return ofEvents
		}
		return photos
	}
	stat := cfn.Lookup(m, "Stat")
	switch fmt.Sprint(cfn.Lookup(m, "Metric", "Namespace"), " ", cfn.Lookup(m, "Metric", "MetricName")) {
	case "AWS/SQS ApproximateNumberOfMessagesVisible":
		if stat == "Average" || stat == "Maximum" { // there is one sample a minute
			return func(m simulation.Measured) autoscaling.Series { return choose(m.Visible, m.EventsVisible) }
		}
	case "AWS/SQS ApproximateNumberOfMessagesNotVisible":
		if stat == "Average" || stat == "Maximum" {
			return func(m simulation.Measured) autoscaling.Series { return choose(m.InFlight, m.EventsInFlight) }
		}
	case "AWS/ECS MemoryUtilization":
		if stat == "SampleCount" { // one sample for each task and minute
			return func(m simulation.Measured) autoscaling.Series { return m.Tasks }
		}
	}
	return nil
}

// empty returns the metric of a queue without messages, which arrives when a does.
func empty(a autoscaling.Series) autoscaling.Series {
	s := slices.Clone(a)
	for i := range s {
		s[i] *= 0 // NaN stays
	}
	return s
}

// sum adds up two series. The second may be empty.
func sum(a, b autoscaling.Series) autoscaling.Series {
	if len(b) == 0 {
		return a
	}
	s := slices.Clone(a)
	for i := range s {
		s[i] += b[i]
	}
	return s
}

// singleMetric returns the function that reads the only metric of an alarm.
func (r *reader) singleMetric(where string, a any) simulation.Metric {
	read := r.source(map[string]any{"Stat": cfn.Lookup(a, "Statistic"), "Metric": a})
	if read == nil || r.numberOr(cfn.Lookup(a, "Period"), where+": Period", 60) != 60 {
		r.fail("%s: the simulator does not know its metric %v", where, cfn.Lookup(a, "MetricName"))
	}
	return read
}

// eitherMetric returns the function that reads a metric of the alarms of one policy. Each alarm follows one metric.
// They act as one alarm on the larger of both, if a single point is enough for each.
func eitherMetric(a, b simulation.Metric) simulation.Metric {
	return func(m simulation.Measured) autoscaling.Series {
		s := slices.Clone(a(m))
		for i, v := range b(m) {
			if math.IsNaN(s[i]) || v > s[i] {
				s[i] = v
			}
		}
		return s
	}
}

// metric returns the function that computes what an alarm or a policy follows, from its queries.
func (r *reader) metric(where string, v any) simulation.Metric {
	sources, expressions := map[string]func(simulation.Measured) autoscaling.Series{}, map[string]metricmath.Expression{}
	var ids []string   // ids of all queries so far
	var order []string // ids of the expressions, in the order of their evaluation
	returned := ""
	for _, q := range list(cfn.Lookup(v, "Metrics")) {
		id := fmt.Sprint(cfn.Lookup(q, "Id"))
		if text := cfn.Lookup(q, "Expression"); text != nil {
			e, err := metricmath.Parse(fmt.Sprint(text), ids)
			if err != nil {
				r.fail("%s: %w", where, err)
			}
			expressions[id] = e
			order = append(order, id)
		} else {
			m := cfn.Lookup(q, "MetricStat")
			if sources[id] = r.source(m); sources[id] == nil || r.numberOr(cfn.Lookup(m, "Period"), where+": Period", 60) != 60 {
				r.fail("%s: the simulator does not know the metric %v", where, m)
			}
		}
		ids = append(ids, id)
		if fmt.Sprint(cfn.Lookup(q, "ReturnData")) != "false" {
			if returned != "" {
				r.fail("%s returns both %s and %s: want one series", where, returned, id)
			}
			returned = id
		}
	}
	if returned == "" {
		r.fail("%s returns no series", where)
	}
	return func(m simulation.Measured) autoscaling.Series {
		series := map[string][]float64{}
		for id, read := range sources {
			series[id] = read(m)
		}
		for _, id := range order {
			series[id] = expressions[id].Evaluate(len(m.Visible), series, r.missing)
		}
		return series[returned]
	}
}
