package template

import (
	"maps"
	"slices"

	"darkroom/deploy/web"
)

// boardMutants are faults of the board page: see mutants.
var boardMutants = map[string][]mutant{
	"board page": {
		{"files without a signature", setProperty("BoardDistribution", nil, "DistributionConfig", "Origins", 0, "OriginAccessControlId")},
		{"the originals", setProperty("BoardDistribution", getAtt("UploadsBucket", "RegionalDomainName"), "DistributionConfig", "Origins", 0, "DomainName")},
		{"the API without TLS", setProperty("BoardDistribution", "match-viewer", "DistributionConfig", "Origins", 1, "CustomOriginConfig", "OriginProtocolPolicy")},
		{"answers of the API are cached", setProperty("BoardDistribution", "658327ea-f89d-4fab-a63d-7e88639e58f6", "DistributionConfig", "CacheBehaviors", 0, "CachePolicyId")},
		{"no Authorization", setProperty("BoardDistribution", nil, "DistributionConfig", "CacheBehaviors", 0, "OriginRequestPolicyId")},
		{"the Host of the page", setProperty("BoardDistribution", "216adef6-5c7f-47e4-b989-5492eafa07d3", "DistributionConfig", "CacheBehaviors", 0, "OriginRequestPolicyId")},
		{"no DELETE", setProperty("BoardDistribution", []any{"GET", "HEAD", "OPTIONS"}, "DistributionConfig", "CacheBehaviors", 0, "AllowedMethods")},
		{"all paths to the API", setProperty("BoardDistribution", "*", "DistributionConfig", "CacheBehaviors", 0, "PathPattern")},
		{"no page at the root", setProperty("BoardDistribution", nil, "DistributionConfig", "DefaultRootObject")},
		{"headers of S3 alone", setProperty("BoardDistribution", nil, "DistributionConfig", "DefaultCacheBehavior", "ResponseHeadersPolicyId")},
		{"scripts from everywhere", replaced("BoardHeaders", "script-src 'self'", "script-src *")},
		{"no uploads", replaced("BoardHeaders", "-uploads-", "-upload-")},
		{"no issuer", replaced("BoardHeaders", " https://${Issuer}", "")},
		{"no token endpoint", setAt(object{"Fn::Equals": []any{"a", "b"}}, "Conditions", "HasBoardTokenOrigin")},
		{"photos of CloudFront only", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "HasPublicVariants")},
		{"in frames", replaced("BoardHeaders", "frame-ancestors 'none'", "frame-ancestors *")},
		{"the bucket's headers count", setProperty("BoardHeaders", false, "ResponseHeadersPolicyConfig", "SecurityHeadersConfig", "ContentSecurityPolicy", "Override")},
		{"files expire", appended("BoardBucket", object{"Id": "old", "Status": "Enabled", "ExpirationInDays": 30}, "LifecycleConfiguration", "Rules")},
	},
}

func init() { maps.Copy(mutants, boardMutants) }

var boardRules = []rule{
	// The page is served with the headers that deploy/web sends, and the API at the same origin. CloudFront's managed
	// policies: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
	{"board page", func(s *stack) (bad []string) {
		if s.param("PublishBoard") != "yes" {
			return nil // the rule "existence" reports what is there
		}
		bad = append(bad, s.lack("BoardBucket", object{"LifecycleConfiguration": object{"Rules": []any{object{"Id": "abandoned", "Status": "Enabled", "AbortIncompleteMultipartUpload": object{"DaysAfterInitiation": 1}}}}},
			"BucketName", "PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption")...)
		if got := textAt(s.properties("BoardBucket"), "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm"); got != "AES256" {
			bad = append(bad, "encrypted with "+got+", for which CloudFront would need a key")
		}
		access, _ := s.properties("BoardAccess")["OriginAccessControlConfig"].(object)
		bad = append(bad, s.lack("BoardAccess", object{"OriginAccessControlConfig": object{"Name": access["Name"], "OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}})...)

		uploads := "https://" + textAt(s.properties("UploadsBucket"), "BucketName") + ".s3.us-east-1.amazonaws.com"
		if s.param("UploadsBucketName") != "" {
			uploads = "https://${UploadsBucket.RegionalDomainName}"
		}
		photos := "https://${VariantsBucket.RegionalDomainName}"
		if s.param("PublicVariants") == "yes" {
			photos = "https://${Distribution.DomainName}"
		}
		headers := web.Config{Storage: []string{uploads, photos}, SignIn: &web.SignIn{Issuer: s.param("AuthIssuer"), TokenOrigin: s.param("BoardTokenOrigin")}}.Headers()
		want := []string{"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy", "X-Content-Type-Options"}
		if names := slices.Sorted(maps.Keys(headers)); !slices.Equal(names, want) || headers["X-Content-Type-Options"] != "nosniff" {
			bad = append(bad, "deploy/web sends other headers than this rule knows")
		}
		policy, _ := s.properties("BoardHeaders")["ResponseHeadersPolicyConfig"].(object)
		bad = append(bad, s.lack("BoardHeaders", object{"ResponseHeadersPolicyConfig": object{"Name": policy["Name"],
			"SecurityHeadersConfig": object{
				"ContentSecurityPolicy":   object{"ContentSecurityPolicy": headers["Content-Security-Policy"], "Override": true},
				"ContentTypeOptions":      object{"Override": true},
				"ReferrerPolicy":          object{"ReferrerPolicy": headers["Referrer-Policy"], "Override": true},
				"StrictTransportSecurity": object{"AccessControlMaxAgeSec": 31536000, "Override": true},
			},
			"CustomHeadersConfig": object{"Items": []any{object{"Header": "Cross-Origin-Opener-Policy", "Value": headers["Cross-Origin-Opener-Policy"], "Override": true}}}}})...)

		config, _ := s.properties("BoardDistribution")["DistributionConfig"].(object)
		bad = append(bad, s.lack("BoardDistribution", object{"DistributionConfig": s.withDomain(object{"Enabled": true, "Comment": config["Comment"], "HttpVersion": "http2and3", "IPV6Enabled": true, "PriceClass": s.param("PriceClass"), "DefaultRootObject": "index.html",
			"Origins": []any{
				object{"Id": "page", "DomainName": "${BoardBucket.RegionalDomainName}", "OriginAccessControlId": "${BoardAccess.Id}", "S3OriginConfig": object{"OriginAccessIdentity": ""}},
				object{"Id": "api", "DomainName": "${Api}.execute-api.us-east-1.amazonaws.com", "CustomOriginConfig": object{"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": []any{"TLSv1.2"}}},
			},
			"DefaultCacheBehavior": object{"TargetOriginId": "page", "ViewerProtocolPolicy": "redirect-to-https", "AllowedMethods": []any{"GET", "HEAD"}, "Compress": true,
				// CachingOptimized
				"CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6", "ResponseHeadersPolicyId": "${BoardHeaders}"},
			"CacheBehaviors": []any{object{"PathPattern": "/v1/*", "TargetOriginId": "api", "ViewerProtocolPolicy": "https-only",
				"AllowedMethods": []any{"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"},
				// CachingDisabled and AllViewerExceptHostHeader
				"CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac"}},
		}, "BoardDomain")})...)
		return bad
	}},
}
