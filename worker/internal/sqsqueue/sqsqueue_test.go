package sqsqueue

import (
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/sqs"
	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/pool/queuetest"
)

func TestConformance(t *testing.T) {
	emulator, err := sqs.Open(sqs.Config{Log: slog.New(slog.DiscardHandler)})
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
	client := awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	queuetest.Conformance(t, func(t *testing.T) (pool.Queue, func(string)) {
		name := aws.String("q-" + rand.Text())
		created, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: name})
		if err != nil {
			t.Fatal(err)
		}
		return New(client, *created.QueueUrl), func(body string) {
			if _, err := client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: created.QueueUrl, MessageBody: &body}); err != nil {
				t.Error(err)
			}
		}
	})
}
