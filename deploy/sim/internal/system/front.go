package system

import (
	"errors"
	"time"
)

// errSleeps reports a system that no message can wake.
var errSleeps = errors.New("MinTasks=0 requires FastScaler=yes, which starts the first worker")

// Front limits the requests for upload tokens, as API Gateway and the Lambda function do. The zero Front limits
// nothing.
type Front struct {
	Rate, Burst float64 // requests a second, and at once
	Concurrency float64 // requests in progress
}

// tokenTime is the assumed time of a request for a token in the Lambda function.
const tokenTime = 100 * time.Millisecond

// Admit returns the times of the uploads of clients that ask for a token at the given times. A client that is refused
// asks again until it gets one, in the order of the first requests.
func (f Front) Admit(asked []time.Duration) []time.Duration {
	if f.Rate == 0 {
		return asked
	}
	rate := f.Rate
	if f.Concurrency > 0 { // 0 reserves none
		rate = min(rate, f.Concurrency/tokenTime.Seconds())
	}
	each := time.Duration(float64(time.Second) / rate)
	admitted := make([]time.Duration, len(asked))
	var full time.Duration // time at which the last token of the bucket will be back
	for i, at := range asked {
		full = max(full, at) + each
		admitted[i] = max(at, full-time.Duration(f.Burst)*each)
	}
	return admitted
}

// LongestWait returns the longest time from a first request to its upload.
func LongestWait(asked, admitted []time.Duration) (longest time.Duration) {
	for i := range asked {
		longest = max(longest, admitted[i]-asked[i])
	}
	return longest
}
