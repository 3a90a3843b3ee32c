package stack

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/fake/faults"
)

func TestFaultsReachWorkersAndUploads(t *testing.T) {
	c, _ := config(t)
	c.Faults = &faults.Config{Seed: 3, S3Error: 0.5}
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{s.FaultyS3, s.FaultySQS} {
		resp, err := http.Get(url)
		if err != nil {
			t.Error(err)
			continue
		}
		resp.Body.Close()
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	_, env := journal(t, c)
	for _, has := range []string{
		"worker has AWS_ENDPOINT_URL_S3=" + s.FaultyS3 + "\n", "worker has AWS_ENDPOINT_URL_SQS=" + s.FaultySQS + "\n",
		"token-lambda has AWS_ENDPOINT_URL_S3=" + s.S3 + "\n", "token-lambda has S3_PUBLIC_ENDPOINT=" + s.FaultyS3 + "\n", "--storage " + s.FaultyS3 + " ",
	} {
		if !strings.Contains(env, has) {
			t.Errorf("no %q in the children's environment:\n%s", has, env)
		}
	}
	c.Faults.S3Error = 2
	if _, err := Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "s3-5xx") {
		t.Errorf("a rate of 2: error %v", err)
	}
}

func TestDeferredWorkers(t *testing.T) {
	c, _ := config(t)
	c.DeferWorkers = true
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	wantRefused(t, s.Workers[0])
	for range 2 {
		if err := s.StartWorkers(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.StopWorkers(); err != nil {
			t.Fatal(err)
		}
		wantRefused(t, s.Workers[0])
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	events, _ := journal(t, c)
	want := []string{"front starts", "aws starts", "token-lambda starts", "worker starts", "worker stops", "worker starts", "worker stops",
		"token-lambda stops", "front stops", "aws stops"}
	if !slices.Equal(events, want) {
		t.Errorf("order %q, want %q", events, want)
	}
}

func TestObserved(t *testing.T) {
	c, _ := config(t)
	c.Observed, c.AnyPorts, c.Ports = true, true, Ports{}
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.Watch)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	wantRefused(t, s.Watch)
	_, env := journal(t, c)
	for _, has := range []string{
		"worker has watch\n", "worker has LISTEN_ADDR=" + hostPort(s.Watch) + "\n", "token-lambda has METRICS_ADDR=" + hostPort(s.APIMetrics) + "\n",
	} {
		if !strings.Contains(env, has) {
			t.Errorf("no %q in the children's environment:\n%s", has, env)
		}
	}
}
