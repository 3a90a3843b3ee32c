package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"darkroom/worker/prices"
	"darkroom/worker/settings"
)

// load is what a system does in a month.
type load struct {
	photos     float64       // uploads a month
	views      float64       // views of each photo
	months     int           // months for which photos are kept; the bill is that of the last
	photoMB    float64       // size of an original
	variantsMB float64       // size of all its variants
	viewKB     float64       // size of the variant that is seen
	forwarded  float64       // share of the photos that workers forward to the photos queue; they render the rest at once
	wait       time.Duration // how long the one request for the outcome of a photo waits
	spareTasks float64       // average number of tasks besides the one that always runs
	processor  architecture  // processors of the workers and the functions
}

// item is a row of the bill.
type item struct {
	name  string
	usd   float64
	extra bool // not in the total: an alternative or an option
	none  bool // no plan covers so much
}

// Assumptions about a system with the template's defaults. A test counts the requests of a photo.
const (
	taskVCPU, taskGB   = 2.0, 4.0 // TaskVcpu=2
	spotOfSpare        = 0.75     // OnDemandWeight=1, SpotWeight=3
	workerPuts         = 5        // four variants and the manifest
	workerGets         = 3        // GET the original, GET the absent manifest, HEAD the original
	clientPuts         = 1        // the upload
	sqsOfPhoto         = 3        // send, receive and delete of an event
	sqsOfForwarded     = 2.05     // send, receive and delete of a photo, some in batches, as in the simulator's diurnal
	queuesOfStack      = 2        // events and photos
	pollsMonth         = 0.05     // USD of one idle worker's polls of one queue
	objectsOfPhoto     = 5        // events of the variants bucket
	apiOfPhoto         = 2        // the token and one wait for the outcome
	lambdaGB           = 0.5      // TokenMemory=512
	logsOfPhotoGB      = 5e-6
	metricsOfStack     = 33
	metricsInAlarms    = 47
	scalerGB           = 0.125 // memory of the fast scaler
	scalerSeconds      = 50.5  // duration of an invocation; there is one every minute
	scalerPolls        = 6
	writesOfQuotas     = 2 * (1 + 1.0/16) // the board's and the user's; one in 16 writes again, to remove old counters
	originFetchesOfCDN = 1                // times that CloudFront fetches a photo from S3
)

// polls returns how often the API reads the state of a photo in a wait without an outcome: at its start, then after
// pauses of 200 ms that double up to 1 s. Each read is a GET. The first read also sends a HEAD for the original, which
// exists.
func polls(wait time.Duration) (n int) {
	pause := 200 * time.Millisecond
	for at := time.Duration(0); at <= wait; n++ {
		at += pause
		pause = min(2*pause, time.Second)
	}
	return n
}

// bill returns the rows of a month's bill. The last rows are the costs of storage and of views.
func (l load) bill() []item {
	tasks := 1 + l.spareTasks
	seen := l.photos * l.views
	seenGB := seen * l.viewKB / million
	stored := l.photos * float64(l.months) * (l.photoMB + l.variantsMB) / 1000
	waiting := l.wait.Seconds()
	plan, covered := cheapestPlan(seen, seenGB)
	originGets := min(seen, l.photos*originFetchesOfCDN) * s3Get
	return []item{
		{name: "workers: Fargate", usd: hoursOfMonth * l.processor.taskHour() * (1 + l.spareTasks*(1-spotOfSpare+spotOfSpare*spotShare))},
		{name: "their public addresses", usd: hoursOfMonth * ipv4Hour * tasks},
		{name: "S3 requests of uploads", usd: l.photos * ((workerPuts+clientPuts)*s3Put + workerGets*s3Get)},
		{name: "SQS", usd: l.photos*(sqsOfPhoto+l.forwarded*sqsOfForwarded)*sqsRequest + queuesOfStack*pollsMonth*tasks},
		{name: "EventBridge (`OutcomeEvents`)", usd: l.photos * objectsOfPhoto * event},
		{name: "API Gateway", usd: l.photos * apiOfPhoto * apiRequest},
		{name: "Lambda: tokens", usd: l.photos * (apiOfPhoto - 1) * lambdaCall},
		{name: "Lambda: waits", usd: l.photos * (lambdaCall + waiting*lambdaGB*l.processor.lambdaGBs)},
		{name: "the fast scaler: Lambda, SQS", usd: hoursOfMonth * 60 * (lambdaCall + scalerSeconds*scalerGB*l.processor.lambdaGBs + scalerPolls*queuesOfStack*sqsRequest)},
		{name: "S3 requests of the waits", usd: l.photos * float64(polls(l.wait)+1) * s3Get},
		{name: "CloudWatch: logs, metrics, alarms", usd: l.photos*logsOfPhotoGB*logsGB + metricsOfStack*metricMonth + metricsInAlarms*alarmMetric},
		{name: "the secret that signs ids: Secrets Manager", usd: secretMonth},
		{name: "storage of all photos", usd: stored * s3MonthGB},
		{name: "delivery by CloudFront (`PublicVariants=yes`)", usd: prices.Tiered(prices.CDNTiers, seenGB) + seen*cdnRequest + originGets},
		{name: "or by CloudFront with the cheapest flat-rate plan", usd: plan.usd + originGets, extra: true, none: !covered},
		// A presigned URL is valid for 15 minutes. So each view asks the API for one, which reads the manifest.
		{name: "or by presigned URLs, from S3", usd: prices.Tiered(outTiers, seenGB) + seen*(2*s3Get+apiRequest+lambdaCall), extra: true},
		// Limits for boards and for users, with an alarm and its metric. The counters themselves take a few MB.
		{name: "the counters of quotas (`Quotas`): DynamoDB", usd: l.photos*writesOfQuotas*dynamoWrite + metricMonth + alarmMetric, extra: true},
		// Target tracking makes an alarm above the target, and may make one below it, although this policy removes nothing.
		{name: "the workers' CPU every 20 s (`CpuTarget`): a metric, two alarms", usd: metricMonth + 2*fastAlarm, extra: true},
		// The page's requests pass CloudFront on their way to the API. Its own files are a few cents.
		{name: "the board page's requests (`PublishBoard=yes`)", usd: l.photos * apiOfPhoto * cdnRequest, extra: true},
	}
}

func total(items []item) (sum float64) {
	for _, i := range items {
		if !i.extra {
			sum += i.usd
		}
	}
	return sum
}

type costCommand struct {
	Photos     float64       `default:"1000000" placeholder:"N" help:"Photos uploaded a month."`
	Views      float64       `default:"100" placeholder:"N" help:"How often each photo is seen."`
	Keep       int           `default:"12" placeholder:"MONTHS" help:"Months for which photos are kept. The bill is that of the last of them."`
	PhotoMB    float64       `name:"photo-mb" default:"4" placeholder:"MB" help:"Size of an original."`
	VariantsMB float64       `name:"variants-mb" default:"0.5" placeholder:"MB" help:"Size of all variants of a photo."`
	ViewKB     float64       `name:"view-kb" default:"89" placeholder:"KB" help:"Size of the variant that users see."`
	Forwarded  float64       `default:"1" placeholder:"SHARE" help:"Share of the photos that are forwarded from the events queue to the photos queue, 0 to 1. Photos are not forwarded while nothing waits."`
	Wait       time.Duration `default:"2s" placeholder:"DURATION" help:"How long the request for the outcome of a photo waits, 0 to 20s."`
	SpareTasks float64       `name:"spare-tasks" default:"0" placeholder:"N" help:"Tasks that run on average besides the first."`

	Architecture string `default:"ARM64" placeholder:"NAME" help:"Processors of the workers and the Lambda functions: ARM64 or X86_64."`
}

// Validate reports the first setting that cannot be used.
func (c *costCommand) Validate() error {
	const most = 1e12
	_, unknown := architectureNamed(c.Architecture)
	for _, err := range []error{
		settings.Named("--photos", settings.Range(c.Photos, 0, most)),
		settings.Named("--views", settings.Range(c.Views, 0, most)),
		settings.Named("--keep", settings.Range(c.Keep, 1, 1200)),
		settings.Named("--photo-mb", settings.Range(c.PhotoMB, 0, most)),
		settings.Named("--variants-mb", settings.Range(c.VariantsMB, 0, most)),
		settings.Named("--view-kb", settings.Range(c.ViewKB, 0, most)),
		settings.Named("--forwarded", settings.Range(c.Forwarded, 0, 1)),
		settings.Named("--wait", settings.Range(c.Wait, 0, 20*time.Second)),
		settings.Named("--spare-tasks", settings.Range(c.SpareTasks, 0, most)),
		settings.Named("--architecture", unknown),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// Help is shown by --help.
func (*costCommand) Help() string {
	return fmt.Sprintf("The prices are those of %s in %s, without free tiers. deploy/aws/README.md lists the assumptions.", pricesRegion, pricesOf)
}

func (c *costCommand) load() load {
	return load{photos: c.Photos, views: c.Views, months: c.Keep, photoMB: c.PhotoMB, variantsMB: c.VariantsMB, viewKB: c.ViewKB, forwarded: c.Forwarded, wait: c.Wait, spareTasks: c.SpareTasks,
		processor: architectures[c.Architecture]}
}

// print writes the bill.
func (c *costCommand) print(out io.Writer) error {
	items := c.load().bill()
	var text strings.Builder
	for _, i := range items {
		if !i.extra {
			fmt.Fprintf(&text, "%12.2f  %s\n", i.usd, plainName(i.name))
		}
	}
	fmt.Fprintf(&text, "%12.2f  total, USD a month\n", total(items))
	for _, i := range items {
		switch {
		case i.none:
			fmt.Fprintf(&text, "%12s  %s (not in the total)\n", "none", plainName(i.name))
		case i.extra:
			fmt.Fprintf(&text, "%12.2f  %s (not in the total)\n", i.usd, plainName(i.name))
		}
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// plainName returns the name of a row without Markdown.
func plainName(name string) string { return strings.ReplaceAll(name, "`", "") }

// Run prints the bill.
func (c *costCommand) Run() error { return c.print(os.Stdout) }
