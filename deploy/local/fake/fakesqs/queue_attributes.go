package fakesqs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of queue attributes (Amazon SQS API Reference, SetQueueAttributes; Developer Guide, "Amazon SQS message
// quotas").
const (
	maxVisibility  = 12 * time.Hour
	maxDelay       = 15 * time.Minute
	maxWait        = 20 * time.Second
	maxMessageSize = 1 << 20 // bytes
	maxReceives    = 1000    // limit of a redrive policy
)

// limits are the default value and the bounds of a numeric attribute.
type limits struct{ initial, min, max int }

var numeric = map[string]limits{
	"DelaySeconds":                  {0, 0, int(maxDelay / time.Second)},
	"MaximumMessageSize":            {maxMessageSize, 1024, maxMessageSize},
	"MessageRetentionPeriod":        {4 * 24 * 3600, 60, 14 * 24 * 3600},
	"ReceiveMessageWaitTimeSeconds": {0, 0, int(maxWait / time.Second)},
	"VisibilityTimeout":             {30, 0, int(maxVisibility / time.Second)},
}

// stored are attributes that are stored and returned but have no effect: nothing is encrypted and no request is
// refused.
var stored = []string{"Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"}

var fifoOnly = []string{"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}

// attributes are the settings of a queue. They are immutable: a change returns a new value.
type attributes struct {
	set       map[string]string // explicitly set values, normalised; the others have their default
	delay     time.Duration
	retention time.Duration
	wait      time.Duration
	timeout   time.Duration // visibility
	maxSize   int           // bytes
	redrive   *redrivePolicy
	allow     *allowPolicy
}

// redrivePolicy is the JSON value of the attribute RedrivePolicy.
type redrivePolicy struct {
	Target   string `json:"deadLetterTargetArn"`
	Receives count  `json:"maxReceiveCount"`
}

// allowPolicy is the JSON value of the attribute RedriveAllowPolicy.
type allowPolicy struct {
	Permission string   `json:"redrivePermission"`
	Sources    []string `json:"sourceQueueArns,omitempty"`
}

// count is a number that clients send either as a JSON number or as a string.
type count int

// UnmarshalJSON reads 5 and "5".
func (c *count) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(b), `"`))
	*c = count(n)
	return err
}

// withChanges returns the attributes after changes, each of which must be valid on its own. An empty value removes a
// policy or key attribute.
func (a attributes) withChanges(changes map[string]string) (attributes, error) {
	next := attributes{set: maps.Clone(a.set)}
	if next.set == nil {
		next.set = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		value, err := normalise(name, changes[name])
		if err != nil {
			return attributes{}, err
		}
		if value == "" {
			delete(next.set, name)
		} else {
			next.set[name] = value
		}
	}
	seconds := func(name string) time.Duration { return time.Duration(next.number(name)) * time.Second }
	next.delay, next.retention = seconds("DelaySeconds"), seconds("MessageRetentionPeriod")
	next.wait, next.timeout = seconds("ReceiveMessageWaitTimeSeconds"), seconds("VisibilityTimeout")
	next.maxSize = next.number("MaximumMessageSize")
	if v, ok := next.set["RedrivePolicy"]; ok {
		next.redrive = new(redrivePolicy)
		if err := json.Unmarshal([]byte(v), next.redrive); err != nil {
			return attributes{}, fmt.Errorf("redrive policy: %w", err)
		}
	}
	if v, ok := next.set["RedriveAllowPolicy"]; ok {
		next.allow = new(allowPolicy)
		if err := json.Unmarshal([]byte(v), next.allow); err != nil {
			return attributes{}, fmt.Errorf("redrive allow policy: %w", err)
		}
	}
	return next, nil
}

// number returns a numeric attribute. Set values were validated by normalise.
func (a attributes) number(name string) int {
	if v, ok := a.set[name]; ok {
		n, _ := strconv.Atoi(v)
		return n
	}
	return numeric[name].initial
}

// value returns a settable attribute. It reports false if the attribute has no value.
func (a attributes) value(name string) (string, bool) {
	if _, ok := numeric[name]; ok {
		return strconv.Itoa(a.number(name)), true
	}
	v, ok := a.set[name]
	return v, ok
}

// difference returns the name of the first attribute in wanted whose value differs from that in a, or "".
func (a attributes) difference(wanted map[string]string) (string, error) {
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		value, err := normalise(name, wanted[name])
		if err != nil {
			return "", err
		}
		if have, _ := a.value(name); have != value {
			return name, nil
		}
	}
	return "", nil
}

// normalise checks one attribute and returns it in the form that is stored and returned.
func normalise(name, value string) (string, error) {
	if l, ok := numeric[name]; ok {
		n, err := strconv.Atoi(value)
		if err != nil || n < l.min || n > l.max {
			return "", plainError("InvalidAttributeValue", "Invalid value for the parameter %s. "+outOfRange, name, l.min, l.max)
		}
		return strconv.Itoa(n), nil
	}
	switch {
	case name == "RedrivePolicy":
		return normaliseRedrive(value)
	case name == "RedriveAllowPolicy":
		return normaliseAllow(value)
	case name == "Policy" && value != "" && !json.Valid([]byte(value)):
		return "", plainError("InvalidAttributeValue", "Invalid value for the parameter Policy.")
	case slices.Contains(stored, name):
		return value, nil
	case slices.Contains(fifoOnly, name):
		return "", sqsError("UnsupportedOperation", "FIFO queues are not supported: attribute %s.", name)
	}
	return "", plainError("InvalidAttributeName", "Unknown Attribute %s.", name)
}

func normaliseRedrive(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	invalid := func(reason string, args ...any) error { return invalidValue(value, "RedrivePolicy", reason, args...) }
	var p redrivePolicy
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return "", invalid("Redrive policy is not a valid JSON map.")
	}
	if p.Target == "" {
		return "", invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
	}
	if p.Receives < 1 || p.Receives > maxReceives {
		return "", invalid("Invalid value for maxReceiveCount: %d, valid values are from 1 to %d both inclusive.", p.Receives, maxReceives)
	}
	if _, ok := parseARN(p.Target); !ok {
		return "", invalid("Invalid value for deadLetterTargetArn.")
	}
	b, err := json.Marshal(p)
	return string(b), err
}

func normaliseAllow(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	invalid := func(reason string) error { return invalidValue(value, "RedriveAllowPolicy", "%s", reason) }
	var p allowPolicy
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return "", invalid("Redrive allow policy is not a valid JSON map.")
	}
	switch p.Permission {
	case "allowAll", "denyAll":
		if len(p.Sources) > 0 {
			return "", invalid("sourceQueueArns goes with byQueue only.")
		}
	case "byQueue":
		if len(p.Sources) < 1 || len(p.Sources) > 10 {
			return "", invalid("byQueue needs 1 to 10 sourceQueueArns.")
		}
	default:
		return "", invalid("redrivePermission must be allowAll, denyAll or byQueue.")
	}
	b, err := json.Marshal(p)
	return string(b), err
}

// allowsSource reports whether a queue with these attributes may be the dead-letter queue of the queue with this ARN.
func (a attributes) allowsSource(source string) bool {
	switch {
	case a.allow == nil || a.allow.Permission == "allowAll":
		return true
	case a.allow.Permission == "byQueue":
		return slices.Contains(a.allow.Sources, source)
	}
	return false
}
