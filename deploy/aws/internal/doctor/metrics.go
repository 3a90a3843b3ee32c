package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// dataQuery is one query of GetMetricData.
type dataQuery struct {
	ID         string    `json:"Id"`
	MetricStat *dataStat `json:",omitempty"`
	Expression string    `json:",omitempty"`
}

type dataStat struct {
	Metric struct {
		Namespace, MetricName string
		Dimensions            []dataDimension
	}
	Period int
	Stat   string
}

type dataDimension struct{ Name, Value string }

// data returns a query for a metric. dimensions are names and values in turn.
func data(id, namespace, name, stat string, period int, dimensions ...string) dataQuery {
	s := &dataStat{Period: period, Stat: stat}
	s.Metric.Namespace, s.Metric.MetricName = namespace, name
	for i := 0; i < len(dimensions); i += 2 {
		s.Metric.Dimensions = append(s.Metric.Dimensions, dataDimension{dimensions[i], dimensions[i+1]})
	}
	return dataQuery{ID: id, MetricStat: s}
}

// points are the values of a series, by the start of their period.
type points map[time.Time]float64

func (p points) newest() (at time.Time) {
	for t := range p {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// read returns the results of queries over the time before now, by their ids.
func (d *Doctor) read(ctx context.Context, over time.Duration, queries ...dataQuery) (map[string]points, error) {
	text, err := compact(queries)
	if err != nil {
		return nil, err
	}
	var out struct {
		MetricDataResults []struct {
			ID         string `json:"Id"`
			Timestamps []time.Time
			Values     []float64
		}
	}
	end := d.Now.Truncate(time.Minute).Add(time.Minute)
	if err := d.Ask(ctx, &out, "cloudwatch", "get-metric-data", "--start-time", end.Add(-over).UTC().Format(time.RFC3339), "--end-time", end.UTC().Format(time.RFC3339),
		"--metric-data-queries", text); err != nil {
		return nil, err
	}
	all := map[string]points{}
	for _, r := range out.MetricDataResults {
		p := points{}
		for i := range min(len(r.Timestamps), len(r.Values)) {
			p[r.Timestamps[i].UTC()] = r.Values[i]
		}
		all[r.ID] = p
	}
	return all, nil
}

// metrics prints how metric math counts late and missing data, and how late metrics are. It reports whether a minute
// decided the first question.
func (d *Doctor) metrics(ctx context.Context) (decided bool, err error) {
	service := []string{"ClusterName", d.outputs["Cluster"], "ServiceName", d.outputs["Service"]}
	all, err := d.read(ctx, 15*time.Minute,
		data("visible", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 60, "QueueName", d.queue),
		data("tasks", "AWS/ECS", "MemoryUtilization", "SampleCount", 60, service...),
		data("cpu", "AWS/ECS", "CPUUtilization", "SampleCount", 60, service...),
		dataQuery{ID: "sum", Expression: "visible + tasks"},
		data("ghost", "AWS/ECS", "MemoryUtilization", "SampleCount", 60, "ClusterName", d.outputs["Cluster"], "ServiceName", "no-such-service"),
		dataQuery{ID: "filled", Expression: "FILL(ghost, 0)"})
	if err != nil {
		return false, err
	}
	alone, summed := oneMissing(all["visible"], all["tasks"], all["sum"])
	reading := "not decided: look again during a burst (--watch 10m)"
	switch {
	case alone > 0 && summed == alone:
		reading = "a missing value counts as 0 (zero)"
	case alone > 0 && summed == 0:
		reading = "the result has no value (gap)"
	case alone > 0:
		reading = "both happen"
	}
	d.say("late data", "%d minutes have one of two metrics, and %d of these have a sum: %s", alone, summed, reading)
	filled := "has no value, so FILL cannot stand for no task"
	if len(all["filled"]) > 0 {
		filled = fmt.Sprintf("has %d values", len(all["filled"]))
	}
	d.say("fill", "FILL of a metric without points %s", filled)
	for _, m := range []struct{ id, what string }{{"visible", "visible messages"}, {"tasks", "tasks"}} {
		if newest := all[m.id].newest(); newest.IsZero() {
			d.say("metric lag", "%s: no point in the last quarter of an hour", m.what)
		} else {
			d.say("metric lag", "%s: the newest minute ended %v ago", m.what, d.Now.Sub(newest.Add(time.Minute)).Round(time.Second))
		}
	}
	// With CpuTarget, the CPU metric has three samples for each task and minute. The memory metric must keep its one.
	// Every sample of the oldest minute has arrived.
	if minutes := slices.SortedFunc(maps.Keys(all["tasks"]), time.Time.Compare); len(minutes) > 0 {
		oldest := minutes[0]
		d.say("samples", "at %s UTC, the service's memory metric has %s samples in a minute, and its CPU metric %s", oldest.Format("15:04"), number(all["tasks"][oldest]), number(all["cpu"][oldest]))
	}
	return alone > 0, nil
}

// oneMissing counts the minutes in which one of two series has no value, and those of them in which their sum has one.
func oneMissing(a, b, sum points) (alone, summed int) {
	minutes := map[time.Time]bool{}
	for _, p := range []points{a, b} {
		for t := range p {
			minutes[t] = true
		}
	}
	for t := range minutes {
		_, inA := a[t]
		_, inB := b[t]
		if inA != inB {
			alone++
			if _, ok := sum[t]; ok {
				summed++
			}
		}
	}
	return alone, summed
}

// events prints how often the stack's rules were triggered in the last day, and how often their targets refused.
func (d *Doctor) events(ctx context.Context) error {
	var queries []dataQuery
	for i, rule := range d.rules {
		queries = append(queries, data(fmt.Sprintf("triggered%d", i), "AWS/Events", "TriggeredRules", "Sum", 3600, "RuleName", rule),
			data(fmt.Sprintf("failed%d", i), "AWS/Events", "FailedInvocations", "Sum", 3600, "RuleName", rule))
	}
	if len(queries) == 0 {
		return fmt.Errorf("the stack %s has no rule", d.Stack)
	}
	all, err := d.read(ctx, 24*time.Hour, queries...)
	if err != nil {
		return err
	}
	for i, rule := range d.rules {
		triggered, failed := total24(all[fmt.Sprintf("triggered%d", i)]), total24(all[fmt.Sprintf("failed%d", i)])
		verdict := "its target accepts"
		switch {
		case triggered == 0:
			verdict = "not known: nothing happened"
		case failed > 0:
			verdict = "ITS TARGET REFUSES: look at the resource policy"
		}
		d.say("events", "%s: triggered %s times, failed %s times in a day: %s", rule, number(triggered), number(failed), verdict)
	}
	return nil
}

func total24(p points) (sum float64) {
	for _, v := range p {
		sum += v
	}
	return sum
}

// computing are the stages of a photo that take processor time. In the others it waits, for the network or for its
// turn.
var computing = []string{"inspect", "decode", "resample", "encode"}

// graviton prints what the workers' metrics say about the time of a photo, if a collector sends them.
func (d *Doctor) graviton(ctx context.Context) error {
	var out struct {
		Metrics []struct {
			Dimensions []struct{ Name, Value string }
		}
	}
	const namespace, name = "Darkroom/Workers", "darkroom_stage_seconds"
	if err := d.Ask(ctx, &out, "cloudwatch", "list-metrics", "--namespace", namespace, "--metric-name", name, "--dimensions", "Name=stack,Value="+d.Stack); err != nil {
		return err
	}
	var queries []dataQuery
	for _, m := range out.Metrics {
		for _, dim := range m.Dimensions {
			if dim.Name == "stage" && slices.Contains(computing, dim.Value) {
				queries = append(queries, data("s"+fmt.Sprint(len(queries)), namespace, name, "Average", 86400, "stack", d.Stack, "stage", dim.Value))
			}
		}
	}
	if len(queries) == 0 {
		d.say("graviton", "no collector sends %s: deploy with CollectorImage, or read the workers' metrics", name)
		return nil
	}
	all, err := d.read(ctx, 24*time.Hour, queries...)
	if err != nil {
		return err
	}
	sum, stages := 0.0, []string{}
	for _, q := range queries {
		p := all[q.ID]
		if len(p) > 0 {
			v := total24(p) / float64(len(p))
			sum += v
			stages = append(stages, fmt.Sprintf("%s %.3f s", q.MetricStat.Metric.Dimensions[1].Value, v))
		}
	}
	d.say("graviton", "SecondsPerPhoto is about %.3f, as the sum of the means of its stages: %s", sum, strings.Join(stages, ", "))
	return nil
}
