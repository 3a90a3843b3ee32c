package main

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/testkit/cfn"
	"darkroom/worker/process"
)

// costColumns are the loads of the README's table.
func costColumns() (columns []load) {
	for _, photos := range []float64{100_000, 1_000_000, 30_000_000} {
		l := (&costCommand{Photos: photos, Views: 100, Keep: 12, PhotoMB: 4, VariantsMB: 0.5, ViewKB: 89, Forwarded: 1, Wait: 2 * time.Second, Architecture: defaultArchitecture}).load()
		if photos > 10*million {
			l.spareTasks = 0.5
		}
		columns = append(columns, l)
	}
	return columns
}

// costTable returns the README's table of costs.
func costTable() string {
	var out strings.Builder
	out.WriteString("| photos a month | 100,000 | 1,000,000 | 30,000,000 |\n|---|---|---|---|\n")
	var bills [][]item
	for _, l := range costColumns() {
		bills = append(bills, l.bill())
	}
	row := func(name string, usd func([]item) float64) {
		fmt.Fprintf(&out, "| %s |", name)
		for _, b := range bills {
			if slices.ContainsFunc(b, func(i item) bool { return i.name == name && i.none }) {
				out.WriteString(" none |")
				continue
			}
			fmt.Fprintf(&out, " %.2f |", usd(b))
		}
		out.WriteString("\n")
	}
	for i, first := range bills[0] {
		if !first.extra {
			row(first.name, func(b []item) float64 { return b[i].usd })
		}
	}
	row("total", total)
	for i, first := range bills[0] {
		if first.extra {
			row(first.name, func(b []item) float64 { return b[i].usd })
		}
	}
	return out.String()
}

// TestCosts compares the README's table of costs with what the program computes. With the flag -update it writes the
// table.
func TestCosts(t *testing.T) {
	const begin, end = "<!-- costs -->\n", "<!-- end of costs -->"
	page := readme(t)
	before, rest, ok := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("the README has no table of costs")
	}
	want := before + begin + costTable() + end + after
	switch update := flag.Lookup("update"); {
	case page == want:
	case update != nil && update.Value.String() == "true":
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the README's table of costs differs: run this test with -update\n%s", costTable())
	}
}

// TestCostDefaults checks that the command prints the table's middle column when it is given no flags.
func TestCostDefaults(t *testing.T) {
	var cl commandLine
	if _, err := process.Parser(&cl, "aws", description).Parse([]string{"cost"}); err != nil {
		t.Fatal(err)
	}
	if got, want := cl.Cost.load(), costColumns()[1]; got != want {
		t.Errorf("the defaults are %+v, want the table's %+v", got, want)
	}
	var out bytes.Buffer
	if err := cl.Cost.print(&out); err != nil {
		t.Fatal(err)
	}
	for _, i := range costColumns()[1].bill() {
		if !regexp.MustCompile(regexp.QuoteMeta(fmt.Sprintf("%.2f", i.usd)) + `\s+` + regexp.QuoteMeta(plainName(i.name))).MatchString(out.String()) {
			t.Errorf("no row for %s in\n%s", i.name, out.String())
		}
	}
	if !strings.Contains(out.String(), fmt.Sprintf("%.2f", total(costColumns()[1].bill()))) {
		t.Errorf("no total in\n%s", out.String())
	}
}

// TestCostsByHand has sums that were worked out by hand.
func TestCostsByHand(t *testing.T) {
	base := costColumns()[1]
	row := func(l load, name string) float64 {
		for _, i := range l.bill() {
			if strings.HasPrefix(i.name, name) {
				return i.usd
			}
		}
		t.Fatalf("no row %s", name)
		return 0
	}
	changedLoad := func(change func(*load)) load {
		l := base
		change(&l)
		return l
	}
	onX86 := changedLoad(func(l *load) { l.processor = architectures["X86_64"] })
	long := changedLoad(func(l *load) { l.wait = 20 * time.Second })
	for _, c := range []struct {
		name string
		got  float64
		want float64
	}{
		{"storage of a month's photos", row(changedLoad(func(l *load) { l.months = 1 }), "storage"), 103.5},
		{"storage in the twelfth month", row(base, "storage"), 1242},
		{"tokens", row(long, "Lambda: tokens"), 0.2},
		{"waits of 20 s", row(long, "Lambda: waits"), 133.534}, // 10 GB-s each
		{"S3 requests of waits of 20 s", row(long, "S3 requests of the waits"), 9.2},
		{"the fast scaler", row(base, "the fast scaler"), 43_800 * (0.0000002 + 6.3125*0.0000133334 + 12*0.0000004)},
		{"SQS with every photo forwarded", row(base, "SQS"), 5.05*0.4 + 0.1},
		{"SQS by the short way", row(changedLoad(func(l *load) { l.forwarded = 0 }), "SQS"), 3*0.4 + 0.1},
		{"workers on X86_64", row(onX86, "workers"), 730 * (2*0.04048 + 4*0.004445)},
		{"waits of 2 s on X86_64", row(onX86, "Lambda: waits"), 0.2 + 16.6667},
		{"delivery", row(base, "delivery"), 8900*0.085 + 100 + 0.4},
		{"delivery by the plan Business", row(base, "or by CloudFront with"), 200 + 0.4}, // 100 million views, 8.9 TB
		{"by the plan Pro", row(changedLoad(func(l *load) { l.views = 10 }), "or by CloudFront with"), 15 + 0.4},
		{"by the plan Free", row(changedLoad(func(l *load) { l.views = 1 }), "or by CloudFront with"), 0.4},
		{"by the plan Premium", row(changedLoad(func(l *load) { l.views = 126 }), "or by CloudFront with"), 1000 + 0.4},
		{"delivery from S3", row(base, "or by presigned"), 8900*0.09 + 80 + 100 + 20},
		{"delivery of 20 TB", row(changedLoad(func(l *load) { l.viewKB = 204.8 }), "delivery"), 10240*(0.085+0.080) + 100 + 0.4},
		{"quotas", row(base, "the counters of quotas"), 2.125*0.625 + 0.4},
		{"CPU every 20 s", row(base, "the workers' CPU"), 0.9},
		{"nobody looks", row(changedLoad(func(l *load) { l.views = 0 }), "delivery"), 0},
	} {
		if math.Abs(c.got-c.want) > 1e-6*max(1, c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestPlansHaveLimits checks that a plan is offered up to its allowance, and none beyond the largest.
func TestPlansHaveLimits(t *testing.T) {
	for _, c := range []struct {
		requests, gb float64
		want         string
	}{{0, 0, "Free"}, {1e6, 100, "Free"}, {1e6, 101, "Pro"}, {1e6 + 1, 1, "Pro"}, {10e6 + 1, 1, "Business"}, {125e6 + 1, 1, "Premium"}, {500e6, 50_000, "Premium"}, {500e6 + 1, 1, ""}, {1, 50_001, ""}} {
		if got, ok := cheapestPlan(c.requests, c.gb); got.name != c.want || ok != (c.want != "") {
			t.Errorf("%v requests and %v GB: the plan %q, want %q", c.requests, c.gb, got.name, c.want)
		}
	}
}

// TestMetricsInAlarms counts the metrics that alarms follow. Target tracking has two alarms.
func TestMetricsInAlarms(t *testing.T) {
	resources, err := readTestTemplate(t, "template.yaml").Resolve(map[string]string{"WorkerImage": "worker", "CodeBucket": "code", "CodeKey": "key", "AuthIssuer": "https://issuer.example", "AuthAudience": "a"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range resources {
		metrics := func(path ...any) (found int) {
			list, _ := cfn.Lookup(r, path...).([]any)
			for _, m := range list {
				if cfn.Lookup(m, "MetricStat") != nil {
					found++
				}
			}
			return found
		}
		switch cfn.Lookup(r, "Type") {
		case "AWS::CloudWatch::Alarm":
			n += metrics("Properties", "Metrics")
			if cfn.Lookup(r, "Properties", "MetricName") != nil {
				n++
			}
		case "AWS::ApplicationAutoScaling::ScalingPolicy":
			n += 2 * metrics("Properties", "TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification", "Metrics")
		}
	}
	if n != metricsInAlarms {
		t.Errorf("%d metrics in alarms, the costs have %d", n, metricsInAlarms)
	}
}

// TestFormsOfTheFastScaler computes what the forms of the fast scaler cost.
func TestFormsOfTheFastScaler(t *testing.T) {
	const minutes, polls = hoursOfMonth * 60, hoursOfMonth * 360 * queuesOfStack
	processor := architectures[defaultArchitecture]
	task := hoursOfMonth * (0.25*processor.fargate.VCPUHour + 0.5*processor.fargate.GBHour)
	for form, usd := range map[string]float64{
		"inside each worker":                            polls * sqsRequest,
		"a Lambda function, one poll a minute":          minutes * (lambdaCall + 1*scalerGB*processor.lambdaGBs + queuesOfStack*sqsRequest),
		"a Lambda function, six polls a minute":         minutes * (lambdaCall + scalerSeconds*scalerGB*processor.lambdaGBs + scalerPolls*queuesOfStack*sqsRequest),
		"a task of 0.25 vCPU on Spot, with its address": spotShare*task + hoursOfMonth*ipv4Hour + polls*sqsRequest,
		"a task of 0.25 vCPU, with its address":         task + hoursOfMonth*ipv4Hour + polls*sqsRequest,
	} {
		if row := fmt.Sprintf("| %s | %.2f", form, usd); !strings.Contains(readme(t), row) {
			t.Errorf("the README has no row %s", row)
		}
	}
}

// TestPolls compares the pauses of a wait with the source of the API.
func TestPolls(t *testing.T) {
	text, err := os.ReadFile("../../token-lambda/internal/api/wait.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "firstPause, lastPause = 200 * time.Millisecond, time.Second") || !strings.Contains(string(text), "pause = min(2*pause, lastPause)") {
		t.Error("the API pauses differently from what polls assumes")
	}
	for wait, want := range map[time.Duration]int{0: 1, 2 * time.Second: 4, 20 * time.Second: 22} {
		if got := polls(wait); got != want {
			t.Errorf("a wait of %v polls %d times, want %d", wait, got, want)
		}
	}
}

// TestPricesAreDated checks that the README gives the date and the region of the prices.
func TestPricesAreDated(t *testing.T) {
	if want := pricesRegion + ", at the list prices of " + pricesOf; !strings.Contains(strings.Join(strings.Fields(readme(t)), " "), want) {
		t.Errorf("the README does not say %q", want)
	}
}
