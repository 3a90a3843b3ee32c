package fakesqs

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
)

func FuzzServeHTTP(f *testing.F) {
	url := `"QueueUrl":"http://x/000000000000/q"`
	for op, body := range map[string]string{
		"CreateQueue":                  `{"QueueName":"q2","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:q\",\"maxReceiveCount\":\"5\"}"},"tags":{"a":"b"}}`,
		"DeleteQueue":                  `{` + url + `}`,
		"ListQueues":                   `{"MaxResults":1,"NextToken":"cQ=="}`,
		"GetQueueUrl":                  `{"QueueName":"q"}`,
		"GetQueueAttributes":           `{` + url + `,"AttributeNames":["All"]}`,
		"SetQueueAttributes":           `{` + url + `,"Attributes":{"RedriveAllowPolicy":"{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":[\"x\"]}"}}`,
		"PurgeQueue":                   `{` + url + `}`,
		"ListDeadLetterSourceQueues":   `{` + url + `}`,
		"TagQueue":                     `{` + url + `,"Tags":{"a":"b"}}`,
		"UntagQueue":                   `{` + url + `,"TagKeys":["a"]}`,
		"ListQueueTags":                `{` + url + `}`,
		"SendMessage":                  `{` + url + `,"MessageBody":"x","MessageAttributes":{"a":{"DataType":"Number","StringValue":"1"}},"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"x"}}}`,
		"SendMessageBatch":             `{` + url + `,"Entries":[{"Id":"1","MessageBody":"x"},null]}`,
		"ReceiveMessage":               `{` + url + `,"MaxNumberOfMessages":10,"WaitTimeSeconds":20,"VisibilityTimeout":0,"AttributeNames":["All"],"MessageAttributeNames":[".*"]}`,
		"DeleteMessage":                `{` + url + `,"ReceiptHandle":"` + encodeHandle(1, 1, 1) + `"}`,
		"DeleteMessageBatch":           `{` + url + `,"Entries":[{"Id":"1","ReceiptHandle":"x"}]}`,
		"ChangeMessageVisibility":      `{` + url + `,"ReceiptHandle":"x","VisibilityTimeout":0}`,
		"ChangeMessageVisibilityBatch": `{` + url + `,"Entries":[{"Id":"1","ReceiptHandle":"x","VisibilityTimeout":0}]}`,
		"StartMessageMoveTask":         `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:q","MaxNumberOfMessagesPerSecond":1}`,
		"ListMessageMoveTasks":         `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:q"}`,
		"CancelMessageMoveTask":        `{"TaskHandle":"eyJ0YXNrSWQiOiJ4Iiwic291cmNlQXJuIjoieCJ9"}`,
		"Nothing":                      `[{"a":null}]`,
	} {
		f.Add(targetPrefix+op, []byte(body))
	}
	f.Fuzz(func(t *testing.T, target string, body []byte) {
		synctest.Test(t, func(t *testing.T) { // long polls take no real time
			s := open(t, "")
			for _, err := range []error{s.EnsureQueue("q", nil), s.Send("q", "x")} {
				if err != nil {
					t.Fatal(err)
				}
			}
			r := post(string(body))
			r.Header["X-Amz-Target"] = []string{target}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("status %d with a body that is not JSON: %s", w.Code, w.Body)
			}
			if w.Code != 200 && (w.Code < 400 || w.Code > 499) {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
			if w.Code == 200 && !json.Valid(body) && len(strings.TrimSpace(string(body))) > 0 {
				t.Errorf("garbage was accepted: %s", w.Body)
			}
		})
	})
}
