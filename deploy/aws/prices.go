package main

import "darkroom/worker/prices"

// Prices are in US dollars before tax, from AWS's price lists for us-east-1 of the month pricesOf, without free tiers
// and discounts. The prices of processors are in architectures. The README's table of prices links the pages.
const (
	pricesOf     = prices.Month
	pricesRegion = prices.Region

	spotShare = 0.3 // share of the on-demand price of Fargate; Spot prices change, and are about 70 % lower

	ipv4Hour = 0.005 // https://aws.amazon.com/vpc/pricing/

	// https://aws.amazon.com/s3/pricing/, class Standard. Beyond 50 TB a month of storage is a little cheaper.
	s3Put        = prices.S3Put // PUT, COPY, POST and LIST
	s3Get        = prices.S3Get // GET, HEAD and all others
	s3MonthGB    = 0.023
	sqsRequest   = prices.SQSRequest
	dynamoWrite  = 0.625 / 1e6 // https://aws.amazon.com/dynamodb/pricing/on-demand/, an item of up to 1 KB
	event        = 1.00 / 1e6  // https://aws.amazon.com/eventbridge/pricing/
	apiRequest   = 1.00 / 1e6  // https://aws.amazon.com/api-gateway/pricing/, HTTP API
	lambdaCall   = 0.20 / 1e6  // https://aws.amazon.com/lambda/pricing/
	logsGB       = 0.50        // https://aws.amazon.com/cloudwatch/pricing/
	metricMonth  = 0.30        // the same
	alarmMetric  = 0.10        // the same, for each metric of an alarm
	fastAlarm    = 0.30        // the same, for an alarm on points of less than a minute
	secretMonth  = 0.40        // https://aws.amazon.com/secrets-manager/pricing/
	cdnRequest   = prices.CDNRequest
	hoursOfMonth = 730.0 // AWS's month
	million      = 1e6
)

// cdnPlan is a flat-rate plan of CloudFront, which is for one distribution. There is no charge beyond its allowance,
// but AWS may slow a distribution that exceeds it.
type cdnPlan struct {
	name         string
	usd          float64 // a month
	requests, gb float64 // allowance of a month
}

// cdnPlans are the flat-rate plans, the cheapest first: https://aws.amazon.com/cloudfront/pricing/. The allowances are
// those of https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/flat-rate-pricing-plan.html.
var cdnPlans = []cdnPlan{{"Free", 0, 1e6, 100}, {"Pro", 15, 10e6, 50_000}, {"Business", 200, 125e6, 50_000}, {"Premium", 1000, 500e6, 50_000}}

// cheapestPlan returns the cheapest plan whose allowance covers a month's requests and data.
func cheapestPlan(requests, gb float64) (cdnPlan, bool) {
	for _, p := range cdnPlans {
		if requests <= p.requests && gb <= p.gb {
			return p, true
		}
	}
	return cdnPlan{}, false
}

// outTiers are the prices of data that S3 sends to the internet, by tier of the month. A TB is 1,024 GB.
// https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer
var outTiers = []prices.Tier{{UpTo: 10 * 1024, Price: 0.09}, {UpTo: 50 * 1024, Price: 0.085}, {UpTo: 150 * 1024, Price: 0.07}, {Price: 0.05}}
