package settings_test

import (
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
