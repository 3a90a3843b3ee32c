package s3store

import (
	"errors"
	"testing"
)

func TestCheckNotifications(t *testing.T) {
	const ours = "arn:aws:sqs:us-east-1:1:photos"
	queue := func(arn, event string) string {
		return "<QueueConfiguration><Queue>" + arn + "</Queue><Event>" + event + "</Event></QueueConfiguration>"
	}
	config := func(inner string) answers {
		return answer(200, "<NotificationConfiguration>"+inner+"</NotificationConfiguration>")
	}
	const other = "arn:aws:sqs:us-east-1:1:other"
	for name, tc := range map[string]struct {
		client answers
		seen   bool
		fault  error
	}{
		"this queue":             {config(queue(ours, "s3:ObjectCreated:*")), true, nil},
		"this queue and another": {config(queue(other, "s3:ObjectCreated:Put") + queue(ours, "s3:ObjectCreated:Put")), true, nil},
		"another":                {config(queue(other, "s3:ObjectCreated:*")), true, ErrNotifiesOthers},
		"of removals only":       {config(queue(other, "s3:ObjectCreated:*") + queue(ours, "s3:ObjectRemoved:*")), true, ErrNotifiesOthers},
		"another, of removals":   {config(queue(other, "s3:ObjectRemoved:*")), false, nil},
		"another and a topic": {config(queue(other, "s3:ObjectCreated:*") +
			"<TopicConfiguration><Topic>arn:aws:sns:us-east-1:1:t</Topic><Event>s3:ObjectCreated:*</Event></TopicConfiguration>"), false, nil},
		"a function": {config("<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:1:function:f</CloudFunction>" +
			"<Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>"), false, nil},
		"EventBridge":     {config("<EventBridgeConfiguration></EventBridgeConfiguration>"), false, nil},
		"nobody":          {config(""), false, nil},
		"not permitted":   {s3Error(403, "AccessDenied"), false, nil},
		"not implemented": {s3Error(501, "NotImplemented"), false, nil},
		"no such thing":   {s3Error(405, "MethodNotAllowed"), false, nil},
	} {
		unseen, err := faked(tc.client, 1).CheckNotifications(t.Context(), ours)
		if !errors.Is(err, tc.fault) || (unseen == "") != tc.seen {
			t.Errorf("%s: %q, %v", name, unseen, err)
		}
	}
}
