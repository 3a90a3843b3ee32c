package forecast

import (
	"time"

	"darkroom/worker/prices"
)

// Requests counts requests by their price.
type Requests struct {
	Put  float64 `json:"put"`
	List float64 `json:"list"`
	Get  float64 `json:"get"` // GET and HEAD
	SQS  float64 `json:"sqs"`
}

func (r Requests) plus(o Requests) Requests {
	return Requests{r.Put + o.Put, r.List + o.List, r.Get + o.Get, r.SQS + o.SQS}
}

func (r Requests) times(n float64) Requests {
	return Requests{r.Put * n, r.List * n, r.Get * n, r.SQS * n}
}

// Fleet describes the tasks that render.
type Fleet struct {
	Tasks   int            `json:"tasks"`
	VCPUs   float64        `json:"vcpus"` // vCPUs of a task
	Rate    float64        `json:"rate"`  // most events a second; 0 for no limit
	Fargate prices.Fargate `json:"-"`
}

// gbOfVCPU is the memory of a task for each vCPU, in GB.
const gbOfVCPU = 2

// usd returns the price of processor time. The tasks stop when there is no more work, so their time is that of the
// processors while all are busy.
func (f Fleet) usd(cpu time.Duration) float64 {
	return cpu.Hours() * (f.Fargate.VCPUHour + gbOfVCPU*f.Fargate.GBHour)
}

// sqsOfEvent is the number of requests to SQS for each photo that gets an event. Events are sent in batches of ten. A
// worker of two vCPUs with a backlog receives one message at a time, as a slot becomes free, and deletes two at a time,
// as counted over 2,000 photos.
const sqsOfEvent = 0.1 + 1 + 0.5

// requestsOfRead returns the requests that the backfill itself makes for each original: it lists both buckets in pages
// of a thousand keys, and reads the manifest.
func requestsOfRead(specs int) Requests {
	return Requests{Get: 1, List: float64(1+specs+1) / 1000}
}

// USD is a sum in US dollars.
type USD struct {
	S3      float64 `json:"s3"`
	SQS     float64 `json:"sqs"`
	Fargate float64 `json:"fargate"`
	Total   float64 `json:"total"`
}

// price returns the price of requests and processor time.
func (f Fleet) price(r Requests, cpu time.Duration) USD {
	u := USD{S3: (r.Put+r.List)*prices.S3Put + r.Get*prices.S3Get, SQS: r.SQS * prices.SQSRequest, Fargate: f.usd(cpu)}
	u.Total = u.S3 + u.SQS + u.Fargate
	return u
}

// unmeasured is the assumed processor time of a render if the sample has none: more than most photos take.
const unmeasured = time.Second

// requestsOfAll returns the requests to S3 for a photo of an older recipe whose variants are all rendered.
func requestsOfAll(specs int) Requests {
	return Requests{Get: 3, List: 1, Put: float64(specs + 1)}
}
