package main

// Prices in US dollars without tax, from AWS's price lists for us-east-1 as they were in pricesOf, without free tiers and
// discounts. The README's table of prices links the pages.
const (
	pricesOf     = "2026-11"
	pricesRegion = "us-east-1"

	// https://aws.amazon.com/fargate/pricing/ for arm64. Spot's price changes; it is about 70 % lower.
	fargateVCPUHour = 0.03238
	fargateGBHour   = 0.00356
	spotShare       = 0.3

	ipv4Hour = 0.005 // https://aws.amazon.com/vpc/pricing/

	// https://aws.amazon.com/s3/pricing/, class Standard. Beyond 50 TB a month of storage is a little cheaper.
	s3Put        = 5.00 / 1e6 // PUT, COPY, POST and LIST
	s3Get        = 0.40 / 1e6 // GET, HEAD and all others
	s3MonthGB    = 0.023
	sqsRequest   = 0.40 / 1e6      // https://aws.amazon.com/sqs/pricing/
	event        = 1.00 / 1e6      // https://aws.amazon.com/eventbridge/pricing/
	apiRequest   = 1.00 / 1e6      // https://aws.amazon.com/api-gateway/pricing/, HTTP API
	lambdaCall   = 0.20 / 1e6      // https://aws.amazon.com/lambda/pricing/
	lambdaGBs    = 0.0000133334    // the same, for arm64
	logsGB       = 0.50            // https://aws.amazon.com/cloudwatch/pricing/
	metricMonth  = 0.30            // the same
	alarmMetric  = 0.10            // the same, for each metric of an alarm
	secretMonth  = 0.40            // https://aws.amazon.com/secrets-manager/pricing/
	cdnRequest   = 0.0100 / 10_000 // https://aws.amazon.com/cloudfront/pricing/, HTTPS in the United States
	hoursOfMonth = 730.0           // AWS counts a month as this
	million      = 1e6
)

// tier is a price per GB up to an amount of GB a month. The last tier has no end.
type tier struct{ upTo, price float64 }

// Prices of data sent to the internet, by tier of the month. A TB is 1,024 GB.
var (
	// https://aws.amazon.com/cloudfront/pricing/, United States, Mexico and Canada, and the same for Europe
	cdnTiers = []tier{{10 * 1024, 0.085}, {50 * 1024, 0.080}, {150 * 1024, 0.060}, {500 * 1024, 0.040}, {1024 * 1024, 0.030}, {5 * 1024 * 1024, 0.025}, {0, 0.020}}
	// https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer, from S3 to the internet
	outTiers = []tier{{10 * 1024, 0.09}, {50 * 1024, 0.085}, {150 * 1024, 0.07}, {0, 0.05}}
)

// tiered returns the price of an amount in GB.
func tiered(tiers []tier, gb float64) (usd float64) {
	from := 0.0
	for _, t := range tiers {
		if t.upTo == 0 || gb < t.upTo {
			return usd + (gb-from)*t.price
		}
		usd += (t.upTo - from) * t.price
		from = t.upTo
	}
	return usd
}
