package settings_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"darkroom/worker/settings"
)

func TestHTTPURL(t *testing.T) {
	for _, c := range []struct{ value, fault string }{
		{"http://127.0.0.1:9324", ""},
		{"https://sqs.eu-west-1.amazonaws.com/123456789012/photos", ""},
		{"http://[::1]:9000/a/b", ""},
		{"", "not an http URL"},
		{"photos", "not an http URL"},
		{"sqs.eu-west-1.amazonaws.com/1/photos", "not an http URL"},
		{"ftp://example.org", "not an http URL"},
		{"arn:aws:sqs:eu-west-1:123456789012:photos", "not an http URL"},
		{"http://", "not an http URL"},
		{"http://:80/", "not an http URL"},
		{"http://a b/", "cannot be parsed"},
		{"http://user:hunter2@example.org/", "user name"},
		{"http://example.org/?a=b", "query"},
		{"http://example.org/?", "query"},
		{"http://example.org/#a", "fragment"},
	} {
		u, err := settings.HTTPURL(c.value)
		switch {
		case c.fault == "" && (err != nil || u.String() != c.value):
			t.Errorf("%q: %v, %v", c.value, u, err)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("%q: %v, want %q", c.value, err, c.fault)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%q: the error repeats the password: %v", c.value, err)
		}
	}
}

func TestRange(t *testing.T) {
	if err := settings.Range(3, 3, 3); err != nil {
		t.Error(err)
	}
	for _, v := range []time.Duration{0, time.Minute + 1} {
		if err := settings.Range(v, time.Second, time.Minute); err == nil || !strings.Contains(err.Error(), "1s to 1m0s") {
			t.Errorf("%v: %v", v, err)
		}
	}
}

func TestRangeErrors(t *testing.T) {
	for want, err := range map[string]error{
		"NaN is not a number":                      settings.Range(math.NaN(), 0, 1),
		"0 is not within 1 to 3":                   settings.Range(0, 1, 3),
		"4 is not within 1 to 3":                   settings.Range(4, 1, 3),
		"0 is less than 1":                         settings.Range(0, 1, math.MaxInt32),
		"-1s is less than 0s":                      settings.Range(-time.Second, 0, math.MaxInt64),
		"-0.5 is less than 0":                      settings.Range(-0.5, 0, math.MaxInt32),
		"2147483648 is not within 1 to 2147483647": settings.Range(int64(math.MaxInt32)+1, 1, math.MaxInt32),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestListenAddress(t *testing.T) {
	for value, valid := range map[string]bool{
		"127.0.0.1:9102": true, ":80": true, "localhost:http": true, "[::1]:0": true,
		"": false, "9102": false, "127.0.0.1": false, "127.0.0.1:": false, "127.0.0.1:65536": false, "127.0.0.1:-1": false, "::1:80": false, "a:b:c": false,
	} {
		if err := settings.ListenAddress(value); (err == nil) != valid {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestNamed(t *testing.T) {
	if err := settings.Named("SLOTS", nil); err != nil {
		t.Error(err)
	}
	cause := errors.New("0 is not within 1 to 3")
	if err := settings.Named("SLOTS", cause); !errors.Is(err, cause) || err.Error() != "SLOTS: 0 is not within 1 to 3" {
		t.Error(err)
	}
}

func TestAWSEndpoints(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
	t.Setenv("AWS_ENDPOINT_URL_SQS", "")
	if err := settings.AWSEndpoints(); err != nil {
		t.Error(err)
	}
	for _, value := range []string{"nonsense", "http://user:hunter2@127.0.0.1", "http://user:hunter2@127.0.0.1:%zz", "ftp://127.0.0.1"} {
		t.Setenv("AWS_ENDPOINT_URL_S3", value)
		err := settings.AWSEndpoints()
		if err == nil || !strings.HasPrefix(err.Error(), "AWS_ENDPOINT_URL_S3: ") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestCheckJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": {"b": [1, "x", true]}, "c": {"b": {}}}`: "",
		`7`:                           "",
		`null`:                        "null sets nothing: leave the entry out",
		`{"a": null}`:                 "a: null sets nothing: leave the entry out",
		`{"a": {"b": [1, null]}}`:     "a: b: null sets nothing: leave the entry out",
		`[{"a": 1}, {"b": 1, "B":2}]`: `"B" comes twice: want each entry once`,
		`{"a": {"b": 1, "b": 1}}`:     `a: "b" comes twice: want each entry once`,
		`{"a": `:                      "EOF",
	} {
		got := ""
		if err := settings.CheckJSON(text); err != nil {
			got = err.Error()
		}
		if got != want && !(want == "EOF" && strings.Contains(got, want)) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if err := settings.CheckRepeats(text); (err == nil) != (want == "" || strings.Contains(want, "null")) {
			t.Errorf("repeats in %s: %v", text, err)
		}
	}
}
