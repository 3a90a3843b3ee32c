// Package fakesqstest starts the stand-in for SQS for the length of a test.
package fakesqstest

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs"
)

// Start returns an empty emulator and its endpoint, which end with the test.
func Start(t testing.TB) (emulator *fakesqs.Server, endpoint string) {
	t.Helper()
	emulator, err := fakesqs.Open(fakesqs.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emulator)
	t.Cleanup(func() {
		server.Close()
		if err := emulator.Close(); err != nil {
			t.Error(err)
		}
	})
	return emulator, server.URL
}

// Client returns a client of the endpoint, as options change it.
func Client(endpoint string, options ...func(*sqs.Options)) *sqs.Client {
	return sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}, options...)
}
