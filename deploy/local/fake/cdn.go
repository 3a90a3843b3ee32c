package fake

import (
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/local/fake/fakecdn"
	"darkroom/deploy/local/fake/faults"
	"darkroom/worker/process"
)

// serveCDN serves the variants bucket through a cache, if there is an address. It reads S3 without faults. stop ends
// it.
func (c Config) serveCDN(fail func(error)) (stop func(), err error) {
	if c.CDNAddr == "" {
		return func() {}, nil
	}
	// A server that stops waits for its connections to end, so the client keeps none.
	transport := &http.Transport{DisableKeepAlives: true}
	client := s3.New(s3.Options{Region: Region, BaseEndpoint: aws.String("http://" + process.Reachable(c.S3Addr)), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""), HTTPClient: &http.Client{Transport: transport}})
	cdn := fakecdn.New(fakecdn.Config{Distribution: Distribution, Origin: fakecdn.NewBucket(client, Variants), Delay: c.PurgeDelay, Log: c.Log})
	stopServer, err := listen("the CDN", "--cdn-addr", c.CDNAddr, faults.CDN(cdn, c.Faults), fail)
	if err != nil {
		return nil, err
	}
	return sync.OnceFunc(stopServer), nil
}
