package ecsmetadata

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		id     string // empty if an error is expected
	}{
		// From the page that the package comment links to.
		"fargate": {200, `{"Cluster":"arn:aws:ecs:us-west-2:111122223333:cluster/default","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/default/e9028f8d5d8e4f258373e7b93ce9a3c3","Family":"curltest"}`,
			"e9028f8d5d8e4f258373e7b93ce9a3c3"},
		"old ARN":    {200, `{"Cluster":"default","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/1234"}`, "1234"},
		"no task":    {200, `{"Cluster":"default"}`, ""},
		"empty id":   {200, `{"Cluster":"default","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/"}`, ""},
		"no cluster": {200, `{"TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/1234"}`, ""},
		"no JSON":    {200, `<html>`, ""},
		"refused":    {500, `{"Cluster":"default","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/1234"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v4/1234/task" {
					t.Errorf("asked for %s", r.URL.Path)
				}
				w.WriteHeader(c.status)
				w.Write([]byte(c.body))
			}))
			defer srv.Close()
			for _, uri := range []string{"/v4/1234", "/v4/1234/"} {
				task, err := Read(t.Context(), srv.Client(), srv.URL+uri)
				if task.ID() != c.id || (err == nil) != (c.id != "") {
					t.Errorf("%+v, %v, want %q", task, err, c.id)
				}
			}
		})
	}
}
