package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"darkroom/worker/photo"
)

// overdueMessage begins the log lines that the alarm purges-overdue counts. TestOverdueMessage looks for it in the
// worker.
const overdueMessage = "a purge is overdue"

func equal(a, b any) bool          { return cmp.Equal(a, b) }
func contains(text, s string) bool { return strings.Contains(text, s) }

// optional reports when each optional resource must exist. All others must always exist.
var optional = map[string]func(*stack) bool{
	"OutcomeRule": param("OutcomeEvents", "yes"), "OutcomeLogs": param("OutcomeEvents", "yes"), "OutcomeLogsPolicy": param("OutcomeEvents", "yes"), "OutcomesLostAlarm": param("OutcomeEvents", "yes"),
	"ApiAuthorizer":      param("JwtAuthorizer", "yes"),
	"DistributionAccess": param("PublicVariants", "yes"), "Distribution": param("PublicVariants", "yes"),
	"NegotiateFunction": negotiates, "NegotiatedHeaders": negotiates,
	"PurgeQueue": param("PublicVariants", "yes"), "PurgeQueuePolicy": param("PublicVariants", "yes"), "OverduePurges": param("PublicVariants", "yes"),
	"PurgesOverdueAlarm": param("PublicVariants", "yes"), "OldestPurgeAlarm": param("PublicVariants", "yes"),
	"BoardBucket": param("PublishBoard", "yes"), "BoardPolicy": param("PublishBoard", "yes"), "BoardAccess": param("PublishBoard", "yes"), "BoardHeaders": param("PublishBoard", "yes"), "BoardDistribution": param("PublishBoard", "yes"),
	"EndpointAccess": param("InterfaceEndpoints", "yes"), "SqsEndpoint": param("InterfaceEndpoints", "yes"), "EcrApiEndpoint": param("InterfaceEndpoints", "yes"),
	"EcrDkrEndpoint": param("InterfaceEndpoints", "yes"), "LogsEndpoint": param("InterfaceEndpoints", "yes"), "EcsEndpoint": param("InterfaceEndpoints", "yes"),
	"XrayEndpoint":  func(s *stack) bool { return s.param("InterfaceEndpoints") == "yes" && s.param("CollectorImage") != "" },
	"WorkerMetrics": func(s *stack) bool { return s.param("CollectorImage") != "" },
	"AlarmsByMail":  func(s *stack) bool { return s.param("AlarmEmail") != "" },
	"QuotaTable":    hasQuotas, "QuotaFailuresAlarm": hasQuotas,
	"SweepGroup": param("Sweep", "yes"), "SweepTimer": param("Sweep", "yes"), "SweepRole": param("Sweep", "yes"), "SweepAlarm": param("Sweep", "yes"),
	"ScalerRole": param("FastScaler", "yes"), "ScalerLogs": param("FastScaler", "yes"), "ScalerFunction": param("FastScaler", "yes"), "ScalerRetries": param("FastScaler", "yes"),
	"ScalerTimer": param("FastScaler", "yes"), "ScalerMayStart": param("FastScaler", "yes"), "ScalerAlarm": param("FastScaler", "yes"),
	"WakeScaling": param("MinTasks", "0"), "WakeAlarm": param("MinTasks", "0"), "WakeForEventsAlarm": param("MinTasks", "0"),
	"UploadsBucket": isMade("UploadsBucketName"), "UploadsPolicy": isMade("UploadsBucketName"), "VariantsBucket": isMade("VariantsBucketName"), "VariantsPolicy": isMade("VariantsBucketName"),
	"Vpc": isMade("VpcId"), "Internet": isMade("VpcId"), "InternetAttachment": isMade("VpcId"), "SubnetA": isMade("VpcId"), "SubnetB": isMade("VpcId"), "Routes": isMade("VpcId"), "RouteOut": isMade("VpcId"),
	"RoutesA": isMade("VpcId"), "RoutesB": isMade("VpcId"), "S3Endpoint": isMade("VpcId"), "Cluster": isMade("ClusterName"), "ApiDomainName": isNamed("ApiDomain"), "ApiDomainMapping": isNamed("ApiDomain"),
	"CpuScaling":           func(s *stack) bool { return s.param("CpuTarget") != "0" },
	"ForecastScaling":      func(s *stack) bool { return s.param("PredictiveScaling") != "no" },
	"ForwardingFailsAlarm": func(s *stack) bool { return s.param("CollectorImage") != "" },
}

// uploadCORS is the CORS rule of the uploads bucket for pages of some origins.
func uploadCORS(origins any) object {
	return object{"AllowedOrigins": origins, "AllowedMethods": []any{"PUT", "POST"}, "AllowedHeaders": []any{"*"}, "ExposedHeaders": []any{"ETag", "Location"}, "MaxAge": 3600}
}

var objectRules = []rule{
	{"existence", func(s *stack) (bad []string) {
		for name := range s.template.Section("Resources") {
			want := optional[name] == nil || optional[name](s)
			if (s.resources[name] != nil) != want {
				bad = append(bad, fmt.Sprintf("%s exists: %v, want %v", name, !want, want))
			}
		}
		for name := range optional {
			if s.template.Section("Resources")[name] == nil {
				bad = append(bad, name+" is not in the template")
			}
		}
		return bad
	}},
	// Photos stay until somebody removes them. A lifecycle rule deletes only what the parameters of retention say.
	{"bucket contents", func(s *stack) (bad []string) {
		abandoned := object{"Status": "Enabled", "AbortIncompleteMultipartUpload": object{"DaysAfterInitiation": 1}}
		rules := map[string][]any{
			"UploadsBucket":  {abandoned, object{"Status": "Enabled", "NoncurrentVersionExpiration": object{"NoncurrentDays": s.number("OldVersionDays")}, "ExpiredObjectDeleteMarker": true}},
			"VariantsBucket": {abandoned, object{"Status": "Enabled", "TagFilters": []any{object{"Key": "darkroom", "Value": "removed"}}, "ExpirationInDays": s.number("RemovedDays")}},
		}
		known := map[string][]string{
			"UploadsBucket":  {"BucketName", "PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption", "VersioningConfiguration", "LifecycleConfiguration", "CorsConfiguration", "NotificationConfiguration"},
			"VariantsBucket": {"BucketName", "PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption", "LifecycleConfiguration", "CorsConfiguration", "NotificationConfiguration"},
		}
		for name, want := range rules {
			b := s.properties(name)
			if b == nil {
				continue // the bucket is the account's own
			}
			var got []any
			for _, r := range listAt(b, "LifecycleConfiguration", "Rules") {
				r, _ := asNumbers(r).(object)
				r = maps.Clone(r)
				delete(r, "Id")
				got = append(got, r)
			}
			if d := cmp.Diff(want, got); d != "" {
				bad = append(bad, fmt.Sprintf("%s: rules -needed +is\n%s", name, d))
			}
			for property := range b {
				if !slices.Contains(known[name], property) {
					bad = append(bad, name+" has "+property)
				}
			}
			encryption := object{"ServerSideEncryptionByDefault": object{"SSEAlgorithm": "AES256"}}
			if key := s.param("KmsKeyArn"); key != "" {
				encryption = object{"ServerSideEncryptionByDefault": object{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": true}
			}
			if d := cmp.Diff(object{"ServerSideEncryptionConfiguration": []any{encryption}}, b["BucketEncryption"]); d != "" {
				bad = append(bad, fmt.Sprintf("%s: encryption -needed +is\n%s", name, d))
			}
		}
		if got := textAt(s.properties("UploadsBucket"), "VersioningConfiguration", "Status"); got != s.param("Versioning") && s.properties("UploadsBucket") != nil {
			bad = append(bad, "versioning is "+got)
		}
		want := map[string][]any{"UploadsBucket": nil, "VariantsBucket": nil}
		if origins := s.param("CorsOrigins"); origins != "" {
			want["UploadsBucket"] = append(want["UploadsBucket"], uploadCORS(origins))
			want["VariantsBucket"] = []any{object{"AllowedOrigins": origins, "AllowedMethods": []any{"GET", "HEAD"}, "AllowedHeaders": []any{"*"}, "MaxAge": 3600}}
		}
		if s.param("PublishBoard") == "yes" { // the page shows variants without reading them, for which it needs no CORS
			want["UploadsBucket"] = append(want["UploadsBucket"], uploadCORS([]any{"https://${BoardDistribution.DomainName}"}))
		}
		for name, need := range want {
			if d := cmp.Diff(need, listAt(s.properties(name), "CorsConfiguration", "CorsRules")); d != "" && s.properties(name) != nil {
				bad = append(bad, fmt.Sprintf("%s: CORS -needed +is\n%s", name, d))
			}
		}
		return bad
	}},
	{"notifications", func(s *stack) (bad []string) {
		event := func(name string) object { return object{"Event": name, "Queue": "${EventsQueue.Arn}"} }
		if d := cmp.Diff(object{"QueueConfigurations": []any{event("s3:ObjectCreated:*"), event("s3:ObjectRemoved:*")}}, s.properties("UploadsBucket")["NotificationConfiguration"]); d != "" && s.properties("UploadsBucket") != nil {
			bad = append(bad, "uploads: -needed +is\n"+d)
		}
		var want any
		if s.param("OutcomeEvents") == "yes" {
			want = object{"EventBridgeConfiguration": object{"EventBridgeEnabled": true}}
		}
		if d := cmp.Diff(want, s.properties("VariantsBucket")["NotificationConfiguration"]); d != "" && s.properties("VariantsBucket") != nil {
			bad = append(bad, "variants: -needed +is\n"+d)
		}
		return bad
	}},
	// A delay, another kind of queue or a key would change when messages arrive, or who can send them.
	{"queue properties", func(s *stack) (bad []string) {
		for _, q := range workQueues {
			work := object{"MessageRetentionPeriod": s.number("QueueDays") * 24 * 60 * 60, "ReceiveMessageWaitTimeSeconds": 20,
				"RedrivePolicy": object{"deadLetterTargetArn": "${" + q.dead + ".Arn}", "maxReceiveCount": 5}}
			dead := object{"MessageRetentionPeriod": 1209600,
				"RedriveAllowPolicy": object{"redrivePermission": "byQueue", "sourceQueueArns": []any{"arn:aws:sqs:us-east-1:123456789012:stack-name-" + q.suffix}}}
			bad = append(bad, s.lack(q.queue, s.encrypted(work), "QueueName", "VisibilityTimeout")...)
			bad = append(bad, s.lack(q.dead, s.encrypted(dead), "QueueName")...)
		}
		lost := object{"SqsManagedSseEnabled": true, "MessageRetentionPeriod": 1209600}
		bad = append(bad, s.lack("LostEvents", lost, "QueueName")...)
		return bad
	}},
	// A purge is received again until it is complete, so no number of receives may move its message.
	{"purges", func(s *stack) (bad []string) {
		if s.param("PublicVariants") != "yes" {
			return nil // the rule "existence" reports what is there
		}
		bad = s.lack("PurgeQueue", s.encrypted(object{"QueueName": "stack-name-purges", "MessageRetentionPeriod": 1209600, "ReceiveMessageWaitTimeSeconds": 20, "VisibilityTimeout": 60}))
		return append(bad, s.lack("OverduePurges", object{"LogGroupName": "${WorkerLogs}", "FilterPattern": `{ $.msg = "` + overdueMessage + `*" }`,
			"MetricTransformations": []any{object{"MetricNamespace": "Darkroom/Purges", "MetricName": "stack-name-overdue", "MetricValue": "1"}}})...)
	}},
	// CloudFront signs its requests to the bucket, which refuses all others.
	{"CloudFront", func(s *stack) (bad []string) {
		if s.param("PublicVariants") != "yes" {
			return nil // the rule "existence" reports what is there
		}
		access, _ := s.properties("DistributionAccess")["OriginAccessControlConfig"].(object)
		bad = append(bad, s.lack("DistributionAccess", object{"OriginAccessControlConfig": object{"Name": access["Name"], "OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}})...)
		config, _ := s.properties("Distribution")["DistributionConfig"].(object)
		bad = append(bad, s.lack("Distribution", object{"DistributionConfig": s.negotiating(s.withDomain(object{"Enabled": true, "Comment": config["Comment"], "HttpVersion": config["HttpVersion"], "IPV6Enabled": true, "PriceClass": s.param("PriceClass"), "CacheTagConfig": object{"HeaderName": photo.CacheTagHeader},
			"Origins": []any{object{"Id": "variants", "DomainName": "${VariantsBucket.RegionalDomainName}", "OriginAccessControlId": "${DistributionAccess.Id}", "S3OriginConfig": object{"OriginAccessIdentity": ""}}},
			"DefaultCacheBehavior": object{"TargetOriginId": "variants", "ViewerProtocolPolicy": "redirect-to-https", "AllowedMethods": []any{"GET", "HEAD"},
				// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html:
				// CachingOptimized
				"CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
				// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html:
				// CORS-and-SecurityHeadersPolicy
				"ResponseHeadersPolicyId": "e61eb60c-9c35-4d20-a928-2b84e02af89c"}}, "VariantsDomain"))})...)
		if v := textAt(config, "HttpVersion"); v != "http2and3" && v != "http2" {
			bad = append(bad, "HTTP version "+v)
		}
		return bad
	}},
}
