package observability

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/deploy/testkit/programs"
	"darkroom/deploy/testkit/scrape"
	"darkroom/worker/wait"
)

// series maps the labels of a metric to their values.
type series map[string][]string

// exports starts the programs without S3 and an issuer, and returns their metrics by name. They need a queue, because
// the metrics of its depth have no value before it has been read.
func exports(t *testing.T) map[string]series {
	t.Helper()
	bin := programs.Shared(t)
	sqsURL, queueURL, photosURL := startQueues(t)
	env := []string{"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "UPLOADS_BUCKET=uploads", "VARIANTS_BUCKET=variants", "LOG_FORMAT=json",
		"AWS_ENDPOINT_URL_S3=http://127.0.0.1:1", "AWS_ENDPOINT_URL_SQS=" + sqsURL, "QUEUE_URL=" + queueURL, "PHOTOS_QUEUE_URL=" + photosURL,
		"AUTH_ISSUER=http://127.0.0.1:1", "AUTH_AUDIENCE=a"}
	exported := map[string]series{}
	add(t, exported, start(t, filepath.Join(bin, "worker"), append(env, "LISTEN_ADDR=127.0.0.1:0"), "", "run"), "", 0)
	if _, ok := exported["darkroom_queue_messages"]; ok {
		t.Error("a worker exports the depth of the queue: then nobody knows it when no worker is left")
	}
	// The depths of two queues and of their dead-letter queues together, with three states each, are read shortly after the
	// program listens.
	add(t, exported, start(t, filepath.Join(bin, "worker"), append(env, "LISTEN_ADDR=127.0.0.1:0"), "", "watch"), "darkroom_queue_messages", 3*3)
	add(t, exported, start(t, filepath.Join(bin, "token-lambda"), append(env, "LISTEN_ADDR=127.0.0.1:0", "METRICS_ADDR=127.0.0.1:0"), "metrics"), "", 0)
	return exported
}

// startQueues starts a fake SQS and returns its endpoint and the URLs of two queues with a dead-letter queue.
func startQueues(t *testing.T) (endpoint, events, photos string) {
	t.Helper()
	_, endpoint = fakesqstest.Start(t)
	client := fakesqstest.Client(endpoint)
	create := func(in sqs.CreateQueueInput) string {
		t.Helper()
		out, err := client.CreateQueue(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl
	}
	create(sqs.CreateQueueInput{QueueName: aws.String("dead")})
	policy := map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":5}`}
	return endpoint, create(sqs.CreateQueueInput{QueueName: aws.String("events"), Attributes: policy}),
		create(sqs.CreateQueueInput{QueueName: aws.String("photos"), Attributes: policy})
}

// start runs a program until the test ends. It returns the address in the log line "listening" whose value of the key
// "serves" is listens; an empty value matches a line without the key.
func start(t *testing.T, path string, env []string, listens string, args ...string) string {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Env = env
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(logs)
	var log []string
	for lines.Scan() {
		var line struct{ Msg, Addr, Serves string }
		if log = append(log, lines.Text()); json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" && line.Serves == listens {
			rest := make(chan struct{})
			go func() {
				defer close(rest)
				_, _ = io.Copy(io.Discard, logs) // so the program does not block on its log
			}()
			t.Cleanup(func() {
				_ = cmd.Process.Kill()
				<-rest
				_ = cmd.Wait()
			})
			return line.Addr
		}
	}
	_ = cmd.Wait()
	t.Fatalf("%s does not listen:\n%s", filepath.Base(path), strings.Join(log, "\n"))
	return ""
}

// add adds the metrics at an address. It retries until the metric late has n series.
func add(t *testing.T, exported map[string]series, addr, late string, n int) {
	t.Helper()
	for {
		families, err := scrape.Families(t.Context(), http.DefaultClient, "http://"+addr)
		if err != nil {
			t.Fatal(err)
		}
		if len(families[late].GetMetric()) < n {
			if err := wait.For(t.Context(), 20*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			continue
		}
		conventions(t, families)
		for name, family := range families {
			names := []string{name}
			if family.GetType().String() == "HISTOGRAM" {
				names = []string{name + "_bucket", name + "_count", name + "_sum"}
			}
			for _, n := range names {
				if exported[n] == nil {
					exported[n] = series{}
				}
				for _, m := range family.GetMetric() {
					for _, l := range m.GetLabel() {
						if have := exported[n][l.GetName()]; !slices.Contains(have, l.GetValue()) {
							exported[n][l.GetName()] = append(have, l.GetValue())
						}
					}
					for _, b := range m.GetHistogram().GetBucket() {
						le := strings.TrimSuffix(model.SampleValue(b.GetUpperBound()).String(), ".0")
						if have := exported[n]["le"]; strings.HasSuffix(n, "_bucket") && !slices.Contains(have, le) {
							exported[n]["le"] = append(have, le)
						}
					}
				}
			}
		}
		return
	}
}

// conventions checks names, units and help texts against Prometheus's conventions, as far as promtool knows them.
func conventions(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Run("conventions", func(t *testing.T) {
		var text strings.Builder
		for _, family := range families {
			if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
				t.Fatal(err)
			}
		}
		promtool(t, text.String(), "check", "metrics")
	})
}
