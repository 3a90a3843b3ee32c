package fakecloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type object = map[string]any

// operation answers one operation of the AWS CLI, with the options that it takes.
type operation struct {
	options string
	do      func(*Cloud, call) (any, error)
}

var operations map[string]operation

func init() {
	operations = map[string]operation{
		"sts get-caller-identity": {"", func(*Cloud, call) (any, error) { return object{"Account": "123456789012"}, nil }},
		"ec2 describe-availability-zones": {"filters", func(c *Cloud, _ call) (any, error) {
			var zones []object
			for _, name := range slices.Sorted(maps.Keys(c.Zones)) {
				zones = append(zones, object{"ZoneName": name, "ZoneId": c.Zones[name]})
			}
			return object{"AvailabilityZones": zones}, nil
		}},
		"iam get-role": {"role-name", func(c *Cloud, k call) (any, error) {
			if !slices.Contains(c.Roles, k.option("role-name")) {
				return nil, refusal{"NoSuchEntity", "the role " + k.option("role-name") + " cannot be found"}
			}
			return object{"Role": object{}}, nil
		}},
		"iam create-service-linked-role": {"aws-service-name", func(c *Cloud, k call) (any, error) {
			c.Roles = append(c.Roles, map[string]string{"ecs.amazonaws.com": "AWSServiceRoleForECS", "ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService"}[k.option("aws-service-name")])
			return object{}, nil
		}},
		"service-quotas get-service-quota": {"service-code quota-code", func(c *Cloud, _ call) (any, error) { return object{"Quota": object{"Value": c.VCPUs}}, nil }},
		"lambda get-account-settings": {"", func(c *Cloud, _ call) (any, error) {
			return object{"AccountLimit": object{"ConcurrentExecutions": c.Concurrency, "UnreservedConcurrentExecutions": c.Concurrency}}, nil
		}},
		"ecr get-login-password": {"", func(*Cloud, call) (any, error) { return Password, nil }},
		"ecr describe-images": {"repository-name image-ids", func(c *Cloud, k call) (any, error) {
			if !k.isGiven("image-ids") {
				all := []object{}
				for i, tag := range c.Images[k.option("repository-name")] { // in the order of their pushes
					all = append(all, object{"imageTags": []string{tag}, "imagePushedAt": time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)})
				}
				return object{"imageDetails": all}, nil
			}
			tag := strings.TrimPrefix(k.option("image-ids"), "imageTag=")
			if !slices.Contains(c.Images[k.option("repository-name")], tag) {
				return nil, refusal{"ImageNotFoundException", "the image with imageId " + tag + " does not exist"}
			}
			return object{"imageDetails": []object{{"imageTags": []string{tag}}}}, nil
		}},
		"ecr list-images": {"repository-name max-items", func(c *Cloud, k call) (any, error) {
			images := []object{}
			for _, tag := range c.Images[k.option("repository-name")] {
				images = append(images, object{"imageTag": tag, "imageDigest": "sha256:" + tag})
			}
			return object{"imageIds": images}, nil
		}},
		"ecr delete-repository": {"repository-name force", func(c *Cloud, k call) (any, error) {
			delete(c.Images, k.option("repository-name"))
			return object{}, nil
		}},
		"s3api head-object":     {"bucket key", (*Cloud).headObject},
		"s3api list-objects-v2": {"bucket prefix max-items", (*Cloud).listObjects},
		"s3 cp":                 {"only-show-errors recursive exclude include content-type cache-control metadata", (*Cloud).copy},
		"s3 rb": {"force", func(c *Cloud, k call) (any, error) {
			delete(c.Objects, strings.TrimPrefix(k.words[0], "s3://"))
			return nil, nil
		}},
		"sqs get-queue-attributes": {"queue-url attribute-names", func(c *Cloud, k call) (any, error) {
			return object{"Attributes": object{"ApproximateNumberOfMessages": fmt.Sprint(c.Messages[k.option("queue-url")]), "ApproximateNumberOfMessagesNotVisible": "2", "ApproximateNumberOfMessagesDelayed": "0"}}, nil
		}},
		"ecs describe-services": {"cluster services", func(c *Cloud, _ call) (any, error) {
			return object{"services": []object{{"desiredCount": c.Tasks + 1, "runningCount": c.Tasks, "pendingCount": 1, "deployments": []object{{"status": "ACTIVE", "rolloutState": "COMPLETED"}, {"status": "PRIMARY", "rolloutState": "IN_PROGRESS"}}}}}, nil
		}},
		"cloudwatch describe-alarms": {"state-value alarm-types alarm-name-prefix", func(c *Cloud, k call) (any, error) {
			alarms := []object{}
			for _, name := range c.Alarms {
				if strings.HasPrefix(name, k.option("alarm-name-prefix")) {
					alarms = append(alarms, object{"AlarmName": name})
				}
			}
			return object{"MetricAlarms": alarms, "CompositeAlarms": []object{}}, nil
		}},
		"cloudwatch get-metric-data": {"start-time end-time metric-data-queries", func(c *Cloud, k call) (any, error) {
			var queries []object
			if err := json.Unmarshal([]byte(k.option("metric-data-queries")), &queries); err != nil || len(queries) != 1 {
				return nil, refusal{"ValidationError", "metric data queries " + k.option("metric-data-queries")}
			}
			return object{"MetricDataResults": []object{{"Id": queries[0]["Id"], "Values": []float64{c.Errors, c.Errors}}}}, nil
		}},
		"logs tail": {"since format follow filter-pattern log-stream-name-prefix", func(c *Cloud, k call) (any, error) {
			lines, ok := c.Logs[k.words[0]]
			if !ok {
				return nil, refusal{"ResourceNotFoundException", "The specified log group does not exist."}
			}
			return strings.Join(lines, "\n") + "\n", nil
		}},
		"cloudformation describe-stacks":          {"stack-name", (*Cloud).describeStacks},
		"cloudformation get-template":             {"stack-name template-stage", (*Cloud).getTemplate},
		"cloudformation list-stack-resources":     {"stack-name", (*Cloud).listResources},
		"cloudformation describe-stack-resources": {"stack-name", (*Cloud).describeResources},
		"cloudformation describe-stack-events":    {"stack-name max-items", (*Cloud).describeEvents},
		"cloudformation create-change-set":        {"stack-name change-set-name change-set-type template-url template-body use-previous-template capabilities parameters", (*Cloud).createChangeSet},
		"cloudformation describe-change-set":      {"stack-name change-set-name", (*Cloud).describeChangeSet},
		"cloudformation execute-change-set":       {"stack-name change-set-name", (*Cloud).executeChangeSet},
		"cloudformation delete-change-set":        {"stack-name change-set-name", (*Cloud).deleteChangeSet},
		"cloudformation delete-stack":             {"stack-name", (*Cloud).deleteStack},
		"cloudformation wait":                     {"stack-name", (*Cloud).wait},
	}
}

func (c *Cloud) headObject(k call) (any, error) {
	o, ok := c.Objects[k.option("bucket")][k.option("key")]
	if !ok {
		return nil, refusal{"404", "Not Found"}
	}
	return object{"ContentLength": len(o.Content), "Metadata": o.Metadata}, nil
}

func (c *Cloud) listObjects(k call) (any, error) {
	bucket, ok := c.Objects[k.option("bucket")]
	if !ok {
		return nil, refusal{"NoSuchBucket", "The specified bucket does not exist"}
	}
	var contents []object
	for _, key := range slices.Sorted(maps.Keys(bucket)) {
		if strings.HasPrefix(key, k.option("prefix")) {
			contents = append(contents, object{"Key": key})
		}
	}
	if contents == nil {
		return nil, nil // the CLI prints nothing
	}
	return object{"Contents": contents}, nil
}

// copy copies a file or a folder to a bucket, from one, or between two. A copy between buckets keeps type and metadata.
func (c *Cloud) copy(k call) (any, error) {
	if len(k.words) != 2 {
		return nil, fmt.Errorf("s3 cp takes a source and a destination, not %q", k.words)
	}
	files, err := c.source(k.words[0], k)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 && !k.isGiven("recursive") {
		return nil, refusal{"404", "Key does not exist: " + k.words[0]}
	}
	bucket, prefix, remote := parseS3(k.words[1])
	for name, o := range files {
		target := prefix
		if k.isGiven("recursive") || strings.HasSuffix(target, "/") {
			target = prefix + name
		}
		if !remote {
			path := c.file(k.words[1])
			if k.isGiven("recursive") {
				path = filepath.Join(path, name)
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return nil, err
			}
			if err := os.WriteFile(path, o.Content, 0o600); err != nil {
				return nil, err
			}
			continue
		}
		if c.Objects[bucket] == nil {
			return nil, refusal{"NoSuchBucket", "The specified bucket does not exist: " + bucket}
		}
		if k.isGiven("content-type") {
			o.Type = k.option("content-type")
		}
		if name, value, ok := strings.Cut(k.option("metadata"), "="); ok {
			o.Metadata = map[string]string{name: value}
		}
		c.Objects[bucket][target] = o
	}
	return nil, nil
}

// source returns what is to be copied, by its name below the source.
func (c *Cloud) source(from string, k call) (map[string]Object, error) {
	files := map[string]Object{}
	wanted := func(name string) bool {
		if !k.isGiven("exclude") {
			return true
		}
		return slices.ContainsFunc(k.options["include"], func(pattern string) bool {
			match, _ := filepath.Match(pattern, filepath.Base(name))
			return match
		})
	}
	if bucket, prefix, remote := parseS3(from); remote {
		for key, o := range c.Objects[bucket] {
			name, below := strings.CutPrefix(key, prefix)
			if below && (k.isGiven("recursive") && wanted(name) || name == "") {
				files[name] = o
			}
		}
		return files, nil
	}
	if !k.isGiven("recursive") {
		content, err := os.ReadFile(c.file(from))
		files[filepath.Base(from)] = Object{Content: content}
		return files, err
	}
	from = c.file(from)
	err := filepath.WalkDir(from, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, _ := filepath.Rel(from, path)
		if !wanted(name) {
			return nil
		}
		content, err := os.ReadFile(path)
		files[name] = Object{Content: content}
		return err
	})
	return files, err
}

func parseS3(url string) (bucket, key string, remote bool) {
	rest, remote := strings.CutPrefix(url, "s3://")
	bucket, key, _ = strings.Cut(rest, "/")
	return bucket, key, remote
}
