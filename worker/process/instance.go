package process

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"darkroom/worker/ecsmetadata"
)

// metadataTimeout is the longest that a program waits at its start for the metadata of its ECS task.
const metadataTimeout = 2 * time.Second

// Instance returns the id of this process among all that run the same program, for the attribute service.instance.id of
// its traces and metrics. It is the first of these that exists:
//
//   - service.instance.id in OTEL_RESOURCE_ATTRIBUTES, which an operator sets;
//   - the id of the ECS task, by ECS_CONTAINER_METADATA_URI_V4;
//   - the name of the log stream on AWS Lambda, AWS_LAMBDA_LOG_STREAM_NAME, one for each execution environment;
//   - a random UUID.
//
// Call it once: a random id differs every time. getenv is [os.Getenv]. The error says why the id of the task could not
// be read; the id is then a random one.
func Instance(ctx context.Context, getenv func(string) string) (string, error) {
	if id := configuredInstance(getenv("OTEL_RESOURCE_ATTRIBUTES")); id != "" {
		return id, nil
	}
	if uri := getenv(ecsmetadata.Variable); uri != "" {
		ctx, cancel := context.WithTimeout(ctx, metadataTimeout)
		defer cancel()
		task, err := ecsmetadata.Read(ctx, http.DefaultClient, uri)
		if err != nil {
			return uuid.NewString(), fmt.Errorf("id of this instance: %w", err)
		}
		return task.ID(), nil
	}
	if stream := getenv("AWS_LAMBDA_LOG_STREAM_NAME"); stream != "" {
		return stream, nil
	}
	return uuid.NewString(), nil
}

// configuredInstance returns service.instance.id from the value of OTEL_RESOURCE_ATTRIBUTES, a list of key=value pairs
// whose values are percent-encoded, or "".
func configuredInstance(attributes string) string {
	for pair := range strings.SplitSeq(attributes, ",") {
		key, value, _ := strings.Cut(pair, "=")
		if strings.TrimSpace(key) != "service.instance.id" {
			continue
		}
		if id, err := url.PathUnescape(strings.TrimSpace(value)); err == nil {
			return id
		}
	}
	return ""
}
