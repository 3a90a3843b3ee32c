package faults

import (
	"net/http"
	"strings"
	"testing"
)

// TestRefusal turns refusals on and off while the handlers run.
func TestRefusal(t *testing.T) {
	upstream := &server{answer: "fine"}
	s3, sqs := serve(t, S3(upstream, Config{})), serve(t, SQS(upstream, Config{}))
	const signed = "AWS4-HMAC-SHA256 Credential=..."
	for _, c := range []struct {
		name     string
		refusal  Refusal
		sqs      bool
		method   string
		path     string // URL path for S3, operation for SQS
		unsigned bool
		status   int
		answer   string
	}{
		{name: "off", method: "GET", path: "/b/k", status: 200, answer: "fine"},
		{name: "all of S3", refusal: Refusal{Status: 403, Code: "AccessDenied"}, method: "PUT", path: "/b/k", status: 403, answer: "<Code>AccessDenied</Code>"},
		{name: "a HEAD has no body", refusal: Refusal{Status: 403, Code: "AccessDenied"}, method: "HEAD", path: "/b/k", status: 403},
		{name: "no code", refusal: Refusal{Status: 507}, method: "GET", path: "/b/k", status: 507},
		{name: "a presigned upload passes", refusal: Refusal{Status: 403, Code: "AccessDenied"}, method: "PUT", path: "/b/k", unsigned: true, status: 200, answer: "fine"},
		{name: "one operation", refusal: Refusal{Status: 403, Code: "AccessDenied", Only: []string{"PUT b"}}, method: "PUT", path: "/b/k", status: 403, answer: "AccessDenied"},
		{name: "another operation", refusal: Refusal{Status: 403, Code: "AccessDenied", Only: []string{"PUT b"}}, method: "GET", path: "/b/k", status: 200, answer: "fine"},
		{name: "all of SQS", refusal: Refusal{Status: 400, Code: "AccessDeniedException"}, sqs: true, path: "ReceiveMessage", status: 400, answer: `"com.amazon.coral.service#AccessDeniedException"`},
		{name: "one operation of SQS", refusal: Refusal{Status: 400, Code: "AccessDeniedException", Only: []string{"DeleteMessageBatch"}}, sqs: true, path: "ReceiveMessage", status: 200, answer: "fine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			front, method, path := s3, c.method, c.path
			header := []string{"Authorization", signed}
			if c.unsigned {
				header = nil
			}
			if c.sqs {
				front, method, path = sqs, http.MethodPost, "/"
				header = append(header, "X-Amz-Target", "AmazonSQS."+c.path)
			}
			if err := Refuse(t.Context(), front.URL, c.refusal); err != nil {
				t.Fatal(err)
			}
			before := counts(t, front.URL).Injected[Refused]
			status, answer, err := do(t, method, front.URL+path, "{}", header...)
			if err != nil || status != c.status || !strings.Contains(answer, c.answer) || c.answer == "" && answer != "" {
				t.Errorf("%d %q, %v; want %d %q", status, answer, err, c.status, c.answer)
			}
			if refused := counts(t, front.URL).Injected[Refused] > before; refused != (c.status != 200) {
				t.Errorf("counted: %v", refused)
			}
		})
	}
	if err := Refuse(t.Context(), s3.URL, Refusal{Status: 200}); err == nil || !strings.Contains(err.Error(), "300 to 599") {
		t.Errorf("a refusal with status 200: %v", err)
	}
}
