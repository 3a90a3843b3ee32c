package template

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/testkit/metricmath"
	"darkroom/worker/scaling"
)

const file = "../../../aws/template/template.yaml"

func read(t *testing.T, parameters map[string]string) *System {
	t.Helper()
	tmpl, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := tmpl.System(parameters, metricmath.Gap)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSystem reads Darkroom's own template.
func TestSystem(t *testing.T) {
	s := read(t, map[string]string{"LatencySeconds": "40", "SecondsPerPhoto": "0.2", "TaskVcpu": "4", "MinTasks": "2", "MaxTasks": "30", "SpotWeight": "7",
		"VisibilitySeconds": "50", "DrainSeconds": "70", "ScaleOutCooldown": "80", "ScaleInCooldown": "900", "FastScaler": "yes"})
	want := simulation.Worker{Processors: 4, Slots: 16, PhotoTime: 200 * time.Millisecond, MaxReceives: 5, Visibility: 50 * time.Second, DrainTimeout: 70 * time.Second,
		StopTimeout: 2 * time.Minute, Linger: 2 * time.Second}
	if !reflect.DeepEqual(s.Worker, want) {
		t.Errorf("workers %+v, want %+v", s.Worker, want)
	}
	if f := (simulation.Fleet{Base: 1, OnDemandWeight: 1, SpotWeight: 7, VCPU: 4, MemoryGB: 8, Rolling: simulation.Rolling{
		MinimumHealthyPercent: 100, MaximumPercent: 200, CircuitBreaker: true, Healthy: 10 * time.Second, Unhealthy: 90 * time.Second}}); s.Fleet != f {
		t.Errorf("fleet %+v, want %+v", s.Fleet, f)
	}
	if s.Latency != 40*time.Second || s.Policies.Bounds != (scaling.Bounds{Min: 2, Max: 30}) {
		t.Errorf("%v, %+v", s.Latency, s.Policies.Bounds)
	}
	if len(s.Policies.TargetTracking) != 1 || len(s.Policies.StepScaling) != 1 {
		t.Fatalf("%+v", s.Policies)
	}
	track := s.Policies.TargetTracking[0]
	if track != (autoscaling.TargetTracking{Name: track.Name, Target: 40, ScaleOutCooldown: 80 * time.Second, ScaleInCooldown: 900 * time.Second}) {
		t.Errorf("%+v", track)
	}
	// With 4 processors each of 2 workers renders 20 photos a second.
	m := simulation.Measured{Visible: autoscaling.Series{0, 400, 4000, math.NaN()}, InFlight: autoscaling.Series{4, 16, 32, math.NaN()}, Tasks: autoscaling.Series{2, 2, 2, math.NaN()}}
	got := s.Metrics[track.Name](m)
	for i, v := range []float64{40, 40, 100} { // the fewest workers are kept
		if math.Abs(got[i]-v) > 0.01 {
			t.Errorf("seconds of backlog: %v", got)
			break
		}
	}
	m.Tasks = autoscaling.Series{4, 4, 4, 4}
	if more := s.Metrics[track.Name](m); math.Abs(more[0]-10) > 0.01 || math.Abs(more[1]-40) > 0.01 || math.Abs(more[2]-50) > 0.01 {
		t.Errorf("seconds of backlog with 4 workers: %v", more)
	}
	if !math.IsNaN(got[3]) {
		t.Errorf("a minute without samples has a backlog of %v, want NaN", got[3])
	}
}

func TestScaleToZeroWakes(t *testing.T) {
	one, zero := read(t, nil), read(t, map[string]string{"MinTasks": "0"})
	if len(zero.Policies.StepScaling) != len(one.Policies.StepScaling)+1 {
		t.Fatalf("%d step scaling policies with MinTasks=0, %d without", len(zero.Policies.StepScaling), len(one.Policies.StepScaling))
	}
	for visible, want := range map[float64]int{1: 1, 0: 0} {
		woken := 0
		m := simulation.Measured{Visible: autoscaling.Series{visible, visible}, InFlight: autoscaling.Series{0, 0}, Tasks: autoscaling.Series{math.NaN(), math.NaN()}}
		for _, p := range zero.Policies.StepScaling {
			if on, _ := p.Alarm.Evaluate(zero.Metrics[p.Name](m)); on {
				woken++
			}
		}
		if woken != want {
			t.Errorf("with %v visible messages and no worker counted %d policies act, want %d", visible, woken, want)
		}
	}
}

// edited returns Darkroom's template with texts replaced, in a file.
func edited(t *testing.T, changes ...[2]string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := string(text)
	for _, change := range changes {
		if !strings.Contains(changed, change[0]) {
			t.Fatalf("the template no longer contains %q", change[0])
		}
		changed = strings.ReplaceAll(changed, change[0], change[1])
	}
	f := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(f, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	return f
}

// system reads the system of a file.
func system(file string, parameters map[string]string) (*System, error) {
	tmpl, err := Read(file)
	if err != nil {
		return nil, err
	}
	return tmpl.System(parameters, metricmath.Gap)
}

const eventsRedrive = "RedrivePolicy: {deadLetterTargetArn: !GetAtt EventsDeadLetters.Arn, maxReceiveCount: 5}"

// With two queues, each metric is that of its queue. With one, it counts the messages of both.
func TestTwoQueues(t *testing.T) {
	two := read(t, nil)
	one, err := system(edited(t, [2]string{"            - {Name: PHOTOS_QUEUE_URL, Value: !Ref PhotosQueue} # its redrive policy names its dead-letter queue\n", ""}, [2]string{eventsRedrive, ""}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if two.Routing == nil || one.Routing != nil || two.Worker.MaxReceives != 5 {
		t.Errorf("routing %+v and %+v, %d receives", two.Routing, one.Routing, two.Worker.MaxReceives)
	}
	r := &reader{photosQueue: "PhotosQueue"}
	m := simulation.Measured{Visible: autoscaling.Series{1}, EventsVisible: autoscaling.Series{10}, InFlight: autoscaling.Series{100}, EventsInFlight: autoscaling.Series{1000}}
	none := simulation.Measured{Visible: autoscaling.Series{1, math.NaN()}, InFlight: autoscaling.Series{100, math.NaN()}}
	metric := func(name, queue string) any {
		return map[string]any{"Stat": "Maximum", "Metric": map[string]any{"Namespace": "AWS/SQS", "MetricName": name,
			"Dimensions": []any{map[string]any{"Name": "QueueName", "Value": "${" + queue + ".QueueName}"}}}}
	}
	const visible, inFlight = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
	for _, c := range []struct {
		reader      *reader
		name, queue string
		measured    simulation.Measured
		want        float64
	}{
		{r, visible, "PhotosQueue", m, 1}, {r, visible, "EventsQueue", m, 10}, {r, inFlight, "PhotosQueue", m, 100}, {r, inFlight, "EventsQueue", m, 1000},
		{&reader{}, visible, "EventsQueue", m, 11}, {&reader{}, inFlight, "EventsQueue", m, 1100},
		{r, visible, "PhotosQueue", none, 1}, {r, visible, "EventsQueue", none, 0}, {r, inFlight, "EventsQueue", none, 0},
	} {
		got := c.reader.source(metric(c.name, c.queue))(c.measured)
		if got[0] != c.want {
			t.Errorf("%s of %s is %v, want %v", c.name, c.queue, got[0], c.want)
		}
		if len(got) > 1 && !math.IsNaN(got[1]) {
			t.Errorf("%s of %s is %v in a minute without a point", c.name, c.queue, got[1])
		}
	}
	for _, other := range []string{strings.Replace(eventsRedrive, "5", "3", 1), ""} {
		if _, err := system(edited(t, [2]string{eventsRedrive, other}), nil); err == nil || !strings.Contains(err.Error(), "queues") {
			t.Errorf("an events queue with %q: error %v", other, err)
		}
	}
}

// The scaling counts the messages of both queues, in every policy.
func TestScalingCountsBothQueues(t *testing.T) {
	s := read(t, map[string]string{"MinTasks": "0"})
	series := func(v float64) autoscaling.Series { return autoscaling.Series{v, v, v} }
	for name, tasks := range map[string]float64{"BacklogScaling": 2, "BurstScaling": 2, "WakeScaling": math.NaN()} {
		value := func(photos, events float64) float64 {
			got := s.Metrics[name](simulation.Measured{Visible: series(photos), EventsVisible: series(events), InFlight: series(0), EventsInFlight: series(0), Tasks: series(tasks)})
			return got[len(got)-1]
		}
		if photos, events := value(4000, 0), value(0, 4000); !(photos > 1) || math.Abs(events-photos) > 1e-6*photos {
			t.Errorf("%s follows %v of 4,000 photos and %v of 4,000 events", name, photos, events)
		}
		if both, one := value(2000, 2000), value(4000, 0); name != "WakeScaling" && math.Abs(both-one) > 1e-6*one {
			t.Errorf("%s follows %v of 2,000 photos and 2,000 events, and %v of 4,000 photos", name, both, one)
		}
		if got := value(4000, math.NaN()); name != "WakeScaling" && !math.IsNaN(got) {
			t.Errorf("%s follows %v while the events are not known", name, got)
		}
	}
	if got := s.Metrics["WakeScaling"](simulation.Measured{Visible: autoscaling.Series{math.NaN(), 1}, EventsVisible: autoscaling.Series{1, math.NaN()}}); got[0] != 1 || got[1] != 1 {
		t.Errorf("waking follows %v with one queue's points, want each of them", got)
	}
}

// TestPredictiveScaling reads the forecast policy under each value of its parameter.
func TestPredictiveScaling(t *testing.T) {
	for scaling, want := range map[string][]autoscaling.PredictiveScaling{
		"no":       nil,
		"forecast": {{Name: "ForecastScaling", Target: 70, Buffer: 5 * time.Minute}},
		"scale":    {{Name: "ForecastScaling", Target: 70, Buffer: 5 * time.Minute, Scales: true}},
	} {
		if got := read(t, map[string]string{"PredictiveScaling": scaling}).Policies.Predictive; !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v", scaling, got, want)
		}
	}
	for name, change := range map[string][2]string{
		"mode":         {"[FollowsForecast, ForecastAndScale,", "[FollowsForecast, Forecast,"},
		"max capacity": {"HonorMaxCapacity", "IncreaseMaxCapacity"},
		"metric":       {"PredefinedMetricType: ECSServiceCPUUtilization", "PredefinedMetricType: ALBRequestCount"},
	} {
		if _, err := system(edited(t, change), map[string]string{"PredictiveScaling": "scale"}); err == nil || !strings.Contains(err.Error(), "ForecastScaling") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestCPUScaling reads the policy that CpuTarget adds.
func TestCPUScaling(t *testing.T) {
	set := map[string]string{"CpuTarget": "50", "ScaleOutCooldown": "80"}
	s := read(t, set)
	want := autoscaling.TargetTracking{Name: "CpuScaling", Target: 50, ScaleOutCooldown: 80 * time.Second,
		ScaleInCooldown: 300 * time.Second, NoScaleIn: true, HighResolution: true}
	if !slices.Contains(s.Policies.TargetTracking, want) {
		t.Errorf("policies %+v, want %+v", s.Policies.TargetTracking, want)
	}
	if got := s.Metrics["CpuScaling"](simulation.Measured{CPU: autoscaling.Series{70}}); !slices.Equal(got, autoscaling.Series{70}) {
		t.Errorf("the policy follows %v", got)
	}
	for name, change := range map[string][2]string{
		"metric":     {"ECSServiceAverageCPUUtilizationHighResolution", "ECSServiceAverageMemoryUtilizationHighResolution"},
		"resolution": {"ResolutionSeconds: 20", "ResolutionSeconds: 60"},
	} {
		if _, err := system(edited(t, change), set); err == nil || !strings.Contains(err.Error(), "CpuScaling") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestUnknownTemplates(t *testing.T) {
	if _, err := Read(filepath.Join(t.TempDir(), "template.yaml")); err == nil {
		t.Error("missing file: no error")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"policy type":          {"PolicyType: TargetTrackingScaling", "PolicyType: ScheduledScaling"},
		"statistic":            {"Stat: SampleCount", "Stat: Average"},
		"function":             {"visible + arriving + 0.001", "METRICS(visible)"},
		"period":               {"Period: 60, Metric:", "Period: 300, Metric:"},
		"missing data":         {"TreatMissingData: notBreaching\n      AlarmActions: [!Ref BurstScaling]", "TreatMissingData: breaching\n      AlarmActions: [!Ref BurstScaling]"},
		"policy without alarm": {"AlarmActions: [!Ref BurstScaling]", "AlarmActions: [!Ref Alarms]"},
		"a second alarm apart": {"DatapointsToAlarm: 1\n", "DatapointsToAlarm: 2\n"},
		"a window apart":       {"EventsQueue.QueueName}]\n      Statistic: Maximum\n      Period: 60\n      EvaluationPeriods: 3\n", "EventsQueue.QueueName}]\n      Statistic: Maximum\n      Period: 60\n      EvaluationPeriods: 4\n"},
		"three alarms":         {"AlarmActions: [!Ref BurstScaling]", "AlarmActions: [!Ref BurstScaling, !Ref WakeScaling]"},
		"no RENDERS":           {"Name: RENDERS", "Name: RENDER"},
		"capacity provider":    {"CapacityProvider: FARGATE_SPOT", "CapacityProvider: mine"},
		"parameter":            {"  SecondsPerPhoto:\n", "  SecondsForPhoto:\n"},
		"duration":             {`Value: !Sub "${DrainSeconds}s"`, `Value: !Sub "${DrainSeconds}"`},
		"unknown service":      {"service/${Name}/${WorkerService.Name}", "service/${Name}/other"},
		"two targets":          {"Type: AWS::ECS::TaskDefinition", "Type: AWS::ApplicationAutoScaling::ScalableTarget"},
		"not YAML":             {"Resources:", "Resources: ["},
	} {
		if !strings.Contains(string(text), change[0]) {
			t.Errorf("%s: the template no longer contains %q", name, change[0])
			continue
		}
		changed := filepath.Join(t.TempDir(), "template.yaml")
		if err := os.WriteFile(changed, []byte(strings.ReplaceAll(string(text), change[0], change[1])), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := system(changed, map[string]string{"MinTasks": "0"}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	tmpl, _ := Read(file)
	if _, err := tmpl.System(map[string]string{"NoSuch": "1"}, metricmath.Gap); err == nil {
		t.Error("unknown parameter: no error")
	}
}

func TestParameters(t *testing.T) {
	tmpl, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	names := tmpl.Parameters()
	for _, name := range []string{photoParameter, latencyParameter} {
		if i := strings.Join(names, " "); !strings.Contains(i, name) {
			t.Errorf("parameter %s is missing from %s", name, i)
		}
	}
	a, b := read(t, nil), read(t, map[string]string{"LatencySeconds": "31"})
	if reflect.DeepEqual(a.Policies, b.Policies) {
		t.Error("LatencySeconds does not change the policies")
	}
}
