package process

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
)

func TestInstance(t *testing.T) {
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v4/1234/task" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(`{"Cluster":"default","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/default/e9028f8d"}`))
	}))
	defer metadata.Close()
	const configured, uri, stream = "OTEL_RESOURCE_ATTRIBUTES", "ECS_CONTAINER_METADATA_URI_V4", "AWS_LAMBDA_LOG_STREAM_NAME"
	for name, c := range map[string]struct {
		env   map[string]string
		want  string // empty: a random UUID
		fails bool
	}{
		"nothing":                   {nil, "", false},
		"a task":                    {map[string]string{uri: metadata.URL + "/v4/1234"}, "e9028f8d", false},
		"a task without metadata":   {map[string]string{uri: metadata.URL + "/v4/none"}, "", true},
		"on Lambda":                 {map[string]string{stream: "2026/01/02/[$LATEST]abc"}, "2026/01/02/[$LATEST]abc", false},
		"configured":                {map[string]string{configured: "a=b, service.instance.id = one%20two ,c=d", uri: metadata.URL + "/v4/1234"}, "one two", false},
		"configured without one":    {map[string]string{configured: "service.name=x", uri: metadata.URL + "/v4/1234"}, "e9028f8d", false},
		"configured, empty":         {map[string]string{configured: "service.instance.id="}, "", false},
		"configured, badly encoded": {map[string]string{configured: "service.instance.id=%zz"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			getenv := func(name string) string { return c.env[name] }
			id, err := Instance(t.Context(), getenv)
			if (err != nil) != c.fails {
				t.Errorf("error %v", err)
			}
			if c.want != "" {
				if id != c.want {
					t.Errorf("%q, want %q", id, c.want)
				}
				return
			}
			if _, err := uuid.Parse(id); err != nil {
				t.Errorf("%q: %v", id, err)
			}
			if other, _ := Instance(t.Context(), getenv); other == id {
				t.Errorf("twice %q", id)
			}
		})
	}
}
