package fakesqs

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"time"
)

// empty is the output of an operation that returns nothing.
type empty struct{}

type queueInput struct {
	QueueUrl *string
}

func (in *queueInput) url() *string { return in.QueueUrl }

type createQueueInput struct {
	QueueName  string
	Attributes map[string]string
	Tags       map[string]string `json:"tags"`
}

type queueURLOutput struct{ QueueUrl string }

func createQueue(_ context.Context, c *call, in *createQueueInput) (any, error) {
	if err := c.core.createQueue(in.QueueName, in.Attributes, in.Tags, false); err != nil {
		return nil, err
	}
	return queueURLOutput{c.queueURL(c.r, in.QueueName)}, nil
}

func deleteQueue(_ context.Context, c *call, name string, in *queueInput) (any, error) {
	return empty{}, c.core.deleteQueue(name)
}

type getQueueURLInput struct {
	QueueName              string
	QueueOwnerAWSAccountId string
}

func getQueueURL(_ context.Context, c *call, in *getQueueURLInput) (any, error) {
	if in.QueueName == "" {
		return nil, missingParameter("QueueName")
	}
	if in.QueueOwnerAWSAccountId != "" && in.QueueOwnerAWSAccountId != c.cfg.AccountID {
		return nil, queueDoesNotExist()
	}
	err := c.core.withQueue(in.QueueName, func(*queue, time.Time) error { return nil })
	return queueURLOutput{c.queueURL(c.r, in.QueueName)}, err
}

// page is the paging input of the list operations.
type page struct {
	NextToken  *string
	MaxResults *int32
}

const maxListed = 1000

// paginate returns the names of one page and, if the caller asked for pages, the token of the next page.
func (p page) paginate(names []string) ([]string, *string, error) {
	limit := maxListed
	if p.MaxResults != nil {
		limit = int(*p.MaxResults)
		if limit < 1 || limit > maxListed {
			return nil, nil, invalidValue(limit, "MaxResults", outOfRange, 1, maxListed)
		}
	}
	if p.NextToken != nil {
		last, err := base64.URLEncoding.DecodeString(*p.NextToken)
		if err != nil || p.MaxResults == nil {
			return nil, nil, invalidParameter("Invalid or expired next token.")
		}
		names = slices.DeleteFunc(names, func(n string) bool { return n <= string(last) })
	}
	if len(names) <= limit {
		return names, nil, nil
	}
	names = names[:limit]
	if p.MaxResults == nil {
		return names, nil, nil
	}
	token := base64.URLEncoding.EncodeToString([]byte(names[limit-1]))
	return names, &token, nil
}

func (c *call) urls(names []string) []string {
	urls := make([]string, len(names))
	for i, n := range names {
		urls[i] = c.queueURL(c.r, n)
	}
	return urls
}

type listQueuesInput struct {
	page
	QueueNamePrefix string
}

type listQueuesOutput struct {
	QueueUrls []string `json:",omitempty"`
	NextToken *string  `json:",omitempty"`
}

func listQueues(_ context.Context, c *call, in *listQueuesInput) (any, error) {
	names, token, err := in.paginate(c.core.queueNames(in.QueueNamePrefix))
	return listQueuesOutput{c.urls(names), token}, err
}

type listSourcesInput struct {
	page
	queueInput
}

type listSourcesOutput struct {
	QueueURLs []string `json:"queueUrls"` // lower-case q, unlike in ListQueues
	NextToken *string  `json:",omitempty"`
}

func listDeadLetterSourceQueues(_ context.Context, c *call, name string, in *listSourcesInput) (any, error) {
	var names []string
	err := c.core.withQueue(name, func(q *queue, _ time.Time) error {
		names = c.core.sources(q)
		return nil
	})
	if err != nil {
		return nil, err
	}
	names, token, err := in.paginate(names)
	return listSourcesOutput{c.urls(names), token}, err
}

type getAttributesInput struct {
	queueInput
	AttributeNames []string
}

type attributesOutput struct {
	Attributes map[string]string `json:",omitempty"`
}

func getQueueAttributes(_ context.Context, c *call, name string, in *getAttributesInput) (any, error) {
	found, err := c.core.describe(name, in.AttributeNames)
	return attributesOutput{found}, err
}

type setAttributesInput struct {
	queueInput
	Attributes map[string]string
}

func setQueueAttributes(_ context.Context, c *call, name string, in *setAttributesInput) (any, error) {
	if len(in.Attributes) == 0 {
		return nil, missingParameter("Attribute.Name")
	}
	return empty{}, c.core.withQueue(name, func(q *queue, now time.Time) error { return c.core.configure(q, in.Attributes, now) })
}

func purgeQueue(_ context.Context, c *call, name string, in *queueInput) (any, error) {
	return empty{}, c.core.purge(name)
}

type tagInput struct {
	queueInput
	Tags map[string]string
}

func tagQueue(_ context.Context, c *call, name string, in *tagInput) (any, error) {
	if len(in.Tags) == 0 {
		return nil, missingParameter("Tags")
	}
	return empty{}, c.core.updateTags(name, in.Tags, nil)
}

type untagInput struct {
	queueInput
	TagKeys []string
}

func untagQueue(_ context.Context, c *call, name string, in *untagInput) (any, error) {
	if len(in.TagKeys) == 0 {
		return nil, missingParameter("TagKeys")
	}
	return empty{}, c.core.updateTags(name, nil, in.TagKeys)
}

type tagsOutput struct {
	Tags map[string]string `json:",omitempty"`
}

func listQueueTags(_ context.Context, c *call, name string, in *queueInput) (any, error) {
	var tags map[string]string
	err := c.core.withQueue(name, func(q *queue, _ time.Time) error {
		tags = maps.Clone(q.tags)
		return nil
	})
	return tagsOutput{tags}, err
}
