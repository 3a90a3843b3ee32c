package fakesqs

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// sendInput is the input of SendMessage, or an entry of SendMessageBatch.
type sendInput struct {
	queueInput
	ID                      string `json:"Id"`
	MessageBody             *string
	DelaySeconds            *int32
	MessageAttributes       map[string]attribute
	MessageSystemAttributes map[string]attribute
	MessageDeduplicationId  *string
	MessageGroupId          *string
}

func (in *sendInput) entryID() string { return in.ID }

// groupID is the form of a MessageGroupId (SendMessage). Punctuation is that of ASCII.
var groupID = regexp.MustCompile(`^[!-~]{1,128}$`)

// traceHeader is the only system attribute that a sender may set.
const traceHeader = "AWSTraceHeader"

// draft checks the input as far as possible without the queue.
func (in *sendInput) draft() (draft, error) {
	if in.MessageBody == nil || *in.MessageBody == "" {
		return draft{}, missingParameter("MessageBody")
	}
	if err := checkText(*in.MessageBody); err != nil {
		return draft{}, err
	}
	if err := checkAttributes(in.MessageAttributes); err != nil {
		return draft{}, err
	}
	if in.MessageDeduplicationId != nil {
		return draft{}, invalidValue(*in.MessageDeduplicationId, "MessageDeduplicationId",
			"The request include parameter that is not valid for this queue type")
	}
	delay, err := seconds(in.DelaySeconds, "DelaySeconds", maxDelay)
	if err != nil {
		return draft{}, err
	}
	d := draft{content: content{Body: *in.MessageBody, Attributes: in.MessageAttributes}, delay: delay}
	for name, a := range in.MessageSystemAttributes {
		if name != traceHeader || a.DataType != "String" {
			return draft{}, invalidParameter("Message system attribute name %q is invalid: only %s, a String, can be sent.",
				name, traceHeader)
		}
		if err := a.check(name); err != nil {
			return draft{}, err
		}
		d.Trace = *a.StringValue
	}
	if in.MessageGroupId != nil {
		if !groupID.MatchString(*in.MessageGroupId) {
			return draft{}, invalidValue(*in.MessageGroupId, "MessageGroupId",
				"MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
		}
		d.Group = *in.MessageGroupId
	}
	return d, nil
}

type sendOutput struct {
	ID                           string `json:"Id,omitempty"` // only in a batch
	MessageId                    string
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
}

func (in *sendInput) output(m *content) sendOutput {
	return sendOutput{ID: in.ID, MessageId: m.ID, MD5OfMessageBody: m.BodyMD5,
		MD5OfMessageAttributes:       attributesMD5(m.Attributes),
		MD5OfMessageSystemAttributes: attributesMD5(in.MessageSystemAttributes)}
}

func sendMessage(_ context.Context, c *call, name string, in *sendInput) (any, error) {
	d, err := in.draft()
	if err != nil {
		return nil, err
	}
	sent, refused, err := c.core.send(name, []draft{d})
	if err != nil {
		return nil, err
	}
	if refused[0] != nil {
		return nil, refused[0]
	}
	in.ID = ""
	return in.output(sent[0]), nil
}

type receiveInput struct {
	queueInput
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int32
	VisibilityTimeout           *int32
	WaitTimeSeconds             *int32
}

type receiveOutput struct {
	Messages []receivedMessage `json:",omitempty"`
}

type receivedMessage struct {
	MessageId              string
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string    `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
	MessageAttributes      map[string]attribute `json:",omitempty"`
}

// systemNames are the system attributes that a receive may ask for. A standard queue has no value for the last two.
var systemNames = []string{"All", "ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", traceHeader,
	"DeadLetterQueueSourceArn", "MessageGroupId", "SenderId", "SentTimestamp", "MessageDeduplicationId", "SequenceNumber"}

func receiveMessage(ctx context.Context, c *call, name string, in *receiveInput) (any, error) {
	o := receiveOptions{max: 1}
	if in.MaxNumberOfMessages != nil {
		if o.max = int(*in.MaxNumberOfMessages); o.max < 1 || o.max > maxBatch {
			return nil, invalidValue(o.max, "MaxNumberOfMessages", "Must be between 1 and %d, if provided.", maxBatch)
		}
	}
	var err error
	if o.timeout, err = seconds(in.VisibilityTimeout, "VisibilityTimeout", maxVisibility); err != nil {
		return nil, err
	}
	if o.wait, err = seconds(in.WaitTimeSeconds, "WaitTimeSeconds", maxWait); err != nil {
		return nil, err
	}
	wanted := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	for _, n := range wanted {
		if !slices.Contains(systemNames, n) {
			return nil, plainError("InvalidAttributeName", "Unknown Attribute %s.", n)
		}
	}
	got, err := c.core.receive(ctx, name, o)
	if err != nil {
		return nil, err
	}
	if len(got) > 0 {
		c.undo = func() error { return c.core.release(name, got) }
	}
	var out receiveOutput
	for _, d := range got {
		attributes := selectAttributes(d.Attributes, in.MessageAttributeNames)
		out.Messages = append(out.Messages, receivedMessage{MessageId: d.ID, ReceiptHandle: d.handle, MD5OfBody: d.BodyMD5,
			Body: d.Body, Attributes: d.systemAttributes(wanted, c.cfg.AccountID),
			MD5OfMessageAttributes: attributesMD5(attributes), MessageAttributes: attributes})
	}
	return out, nil
}

// systemAttributes returns the system attributes that a receive asks for. Requests are not authenticated, so the sender
// is the account.
func (d *delivery) systemAttributes(wanted []string, sender string) map[string]string {
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	all := map[string]string{
		"ApproximateFirstReceiveTimestamp": millis(d.first),
		"ApproximateReceiveCount":          strconv.FormatUint(uint64(d.receives), 10),
		"SenderId":                         sender,
		"SentTimestamp":                    millis(d.Sent),
		traceHeader:                        d.Trace,
		"DeadLetterQueueSourceArn":         d.source,
		"MessageGroupId":                   d.Group,
	}
	for n, v := range all {
		if v == "" || !slices.Contains(wanted, n) && !slices.Contains(wanted, "All") {
			delete(all, n)
		}
	}
	return all
}

// handleInput is the input of DeleteMessage and ChangeMessageVisibility, or an entry of their batches.
type handleInput struct {
	queueInput
	ID                string `json:"Id"`
	ReceiptHandle     string
	VisibilityTimeout *int32
}

func (in *handleInput) entryID() string { return in.ID }

func deleteMessage(_ context.Context, c *call, name string, in *handleInput) (any, error) {
	if in.ReceiptHandle == "" {
		return nil, missingParameter("ReceiptHandle")
	}
	failed, err := c.core.deleteMessages(name, []string{in.ReceiptHandle})
	if err != nil {
		return nil, err
	}
	return empty{}, failed[0]
}

// visibility returns the checked change of a visibility timeout.
func (in *handleInput) visibility() (visibility, error) {
	if in.ReceiptHandle == "" {
		return visibility{}, missingParameter("ReceiptHandle")
	}
	timeout, err := seconds(in.VisibilityTimeout, "VisibilityTimeout", maxVisibility)
	if err != nil {
		return visibility{}, err
	}
	if timeout == nil {
		return visibility{}, missingParameter("VisibilityTimeout")
	}
	return visibility{in.ReceiptHandle, *timeout}, nil
}

func changeMessageVisibility(_ context.Context, c *call, name string, in *handleInput) (any, error) {
	v, err := in.visibility()
	if err != nil {
		return nil, err
	}
	failed, err := c.core.changeVisibility(name, []visibility{v})
	if err != nil {
		return nil, err
	}
	return empty{}, failed[0]
}
