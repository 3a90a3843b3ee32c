package template

import "strings"

// cdnMutants are faults in how CloudFront serves photos and forgets them.
var cdnMutants = map[string][]mutant{
	"purges": {
		{"a purge is lost after a day", setProperty("PurgeQueue", 86400, "MessageRetentionPeriod")},
		{"a purge that takes long is set aside", setProperty("PurgeQueue", object{"deadLetterTargetArn": getAtt("DeadLetters", "Arn"), "maxReceiveCount": 5}, "RedrivePolicy")},
		{"another log", setProperty("OverduePurges", ref("WorkerMetrics"), "LogGroupName")},
		{"every purge", setProperty("OverduePurges", `{ $.msg = "*purge*" }`, "FilterPattern")},
		{"a metric that no alarm watches", setProperty("OverduePurges", "Darkroom", "MetricTransformations", 0, "MetricNamespace")},
	},
	"negotiation": {
		{"without public variants", setAt(object{"Fn::Equals": []any{ref("NegotiateFormat"), "yes"}}, "Conditions", "NegotiatesFormat")},
		{"a function that is never called", setProperty("Distribution", nil, "DistributionConfig", "CacheBehaviors")},
		{"after the cache", setProperty("Distribution", "viewer-response", "DistributionConfig", "CacheBehaviors", "Fn::If", 1, 0, "FunctionAssociations", 0, "EventType")},
		{"for every photo", setProperty("Distribution", "*", "DistributionConfig", "CacheBehaviors", "Fn::If", 1, 0, "PathPattern")},
		{"never cached", setProperty("Distribution", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "DistributionConfig", "CacheBehaviors", "Fn::If", 1, 0, "CachePolicyId")},
		{"no Vary", setProperty("Distribution", "e61eb60c-9c35-4d20-a928-2b84e02af89c", "DistributionConfig", "CacheBehaviors", "Fn::If", 1, 0, "ResponseHeadersPolicyId")},
		{"CORS that sets Vary", setProperty("NegotiatedHeaders", object{"OriginOverride": true}, "ResponseHeadersPolicyConfig", "CorsConfig")},
		{"Vary by everything", setProperty("NegotiatedHeaders", "*", "ResponseHeadersPolicyConfig", "CustomHeadersConfig", "Items", 0, "Value")},
		{"a draft that is never published", setProperty("NegotiateFunction", false, "AutoPublish")},
		{"a runtime without const", setProperty("NegotiateFunction", "cloudfront-js-1.0", "FunctionConfig", "Runtime")},
		{"a function that is too long", setProperty("NegotiateFunction", strings.Repeat("x", 10241), "FunctionCode")},
		{"another function", setProperty("NegotiateFunction", "function handler(event) { return event.request; }", "FunctionCode")},
	},
	"CloudFront": {
		{"no cache tags", setProperty("Distribution", nil, "DistributionConfig", "CacheTagConfig")},
		{"cache tags from another header", setProperty("Distribution", "edge-cache-tag", "DistributionConfig", "CacheTagConfig", "HeaderName")},
		{"never signs", setProperty("DistributionAccess", "never", "OriginAccessControlConfig", "SigningBehavior")},
		{"signs only without a header", setProperty("DistributionAccess", "no-override", "OriginAccessControlConfig", "SigningBehavior")},
		{"for another kind of origin", setProperty("DistributionAccess", "mediastore", "OriginAccessControlConfig", "OriginAccessControlOriginType")},
		{"the uploads", setProperty("Distribution", getAtt("UploadsBucket", "RegionalDomainName"), "DistributionConfig", "Origins", 0, "DomainName")},
		{"off", setProperty("Distribution", false, "DistributionConfig", "Enabled")},
		{"never caches", setProperty("Distribution", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "DistributionConfig", "DefaultCacheBehavior", "CachePolicyId")},
		{"DELETE allowed", setProperty("Distribution", []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}, "DistributionConfig", "DefaultCacheBehavior", "AllowedMethods")},
	},
}
