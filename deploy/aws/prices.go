package main

import "darkroom/worker/prices"

// Prices in US dollars without tax, from AWS's price lists for us-east-1 as they were in pricesOf, without free tiers and
// discounts. architectures has those of processors. The README's table of prices links the pages.
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
	secretMonth  = 0.40        // https://aws.amazon.com/secrets-manager/pricing/
	cdnRequest   = prices.CDNRequest
	hoursOfMonth = 730.0 // AWS counts a month as this
	million      = 1e6
)

// outTiers are the prices of data that S3 sends to the internet, by tier of the month. A TB is 1,024 GB.
// https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer
var outTiers = []prices.Tier{{UpTo: 10 * 1024, Price: 0.09}, {UpTo: 50 * 1024, Price: 0.085}, {UpTo: 150 * 1024, Price: 0.07}, {Price: 0.05}}
