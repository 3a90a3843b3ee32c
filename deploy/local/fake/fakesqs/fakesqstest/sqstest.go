// Package fakesqstest starts the fake SQS for tests.
package fakesqstest

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs"
)

// Start starts an empty emulator and returns it with its endpoint. It stops when the test ends.
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

// Client returns a client for the endpoint. options are applied to its configuration.
func Client(endpoint string, options ...func(*sqs.Options)) *sqs.Client {
	return sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}, options...)
}
