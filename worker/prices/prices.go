// Package prices has the prices of AWS that several programs use: the estimate of a bill, the plan of a backfill and
// the benchmark. They are US dollars without tax, from AWS's price lists for us-east-1 as they were in Month, without
// free tiers and discounts.
package prices

const (
	Month  = "2026-11"
	Region = "us-east-1"

	// Requests of S3's class Standard: https://aws.amazon.com/s3/pricing/
	S3Put = 5.00 / 1e6 // PUT, COPY, POST and LIST
	S3Get = 0.40 / 1e6 // GET, HEAD and all others

	SQSRequest = 0.40 / 1e6 // https://aws.amazon.com/sqs/pricing/, standard queues and fair ones

	CDNRequest = 0.0100 / 10_000 // https://aws.amazon.com/cloudfront/pricing/, HTTPS in the United States
)

// Fargate is the price of a task: https://aws.amazon.com/fargate/pricing/
type Fargate struct{ VCPUHour, GBHour float64 }

var (
	FargateARM64 = Fargate{0.03238, 0.00356}
	FargateAMD64 = Fargate{0.04048, 0.004445}
)

// Tier is a price per GB up to an amount of GB a month. The last tier has no end, which UpTo 0 says.
type Tier struct{ UpTo, Price float64 }

// CDNTiers are the prices of data that CloudFront sends in the United States, Mexico and Canada, and in Europe, by tier
// of the month (https://aws.amazon.com/cloudfront/pricing/). A TB is 1,024 GB.
var CDNTiers = []Tier{{10 * 1024, 0.085}, {50 * 1024, 0.080}, {150 * 1024, 0.060}, {500 * 1024, 0.040}, {1024 * 1024, 0.030}, {5 * 1024 * 1024, 0.025}, {0, 0.020}}

// Tiered returns the price in US dollars of an amount in GB.
func Tiered(tiers []Tier, gb float64) (usd float64) {
	from := 0.0
	for _, t := range tiers {
		if t.UpTo == 0 || gb < t.UpTo {
			return usd + (gb-from)*t.Price
		}
		usd += (t.UpTo - from) * t.Price
		from = t.UpTo
	}
	return usd
}
