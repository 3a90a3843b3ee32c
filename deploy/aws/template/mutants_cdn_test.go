package template

// cdnMutants are faults in how CloudFront serves photos and forgets them.
var cdnMutants = map[string][]mutant{
	"purges": {
		{"a purge is lost after a day", setProperty("PurgeQueue", 86400, "MessageRetentionPeriod")},
		{"a purge that takes long is set aside", setProperty("PurgeQueue", object{"deadLetterTargetArn": getAtt("DeadLetters", "Arn"), "maxReceiveCount": 5}, "RedrivePolicy")},
		{"another log", setProperty("OverduePurges", ref("WorkerMetrics"), "LogGroupName")},
		{"every purge", setProperty("OverduePurges", `{ $.msg = "*purge*" }`, "FilterPattern")},
		{"a metric that no alarm watches", setProperty("OverduePurges", "Darkroom", "MetricTransformations", 0, "MetricNamespace")},
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
