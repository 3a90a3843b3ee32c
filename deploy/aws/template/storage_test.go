package template

import (
	"fmt"
	"slices"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

var storageRules = []rule{
	{"buckets", func(s *stack) (bad []string) {
		for name, b := range s.ofType("AWS::S3::Bucket") {
			if textAt(b, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm") == "" {
				bad = append(bad, name+" is not encrypted")
			}
			for _, p := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
				if cfn.Lookup(b, "PublicAccessBlockConfiguration", p) != true {
					bad = append(bad, name+" lacks "+p)
				}
			}
			if textAt(b, "OwnershipControls", "Rules", 0, "ObjectOwnership") != "BucketOwnerEnforced" {
				bad = append(bad, name+" allows owners and access lists of single objects")
			}
			if textAt(s.resources, name, "DeletionPolicy") != "RetainExceptOnCreate" || textAt(s.resources, name, "UpdateReplacePolicy") != "Retain" {
				bad = append(bad, name+" is deleted with the stack")
			}
			if !s.onlyTLS("AWS::S3::BucketPolicy", "Bucket", name, "${"+name+".Arn}", "${"+name+".Arn}/*") {
				bad = append(bad, name+" accepts requests without TLS")
			}
		}
		return bad
	}},
	{"abandoned uploads", func(s *stack) (bad []string) {
		for name, b := range s.ofType("AWS::S3::Bucket") {
			if !slices.ContainsFunc(listAt(b, "LifecycleConfiguration", "Rules"), func(r any) bool {
				return textAt(r, "Status") == "Enabled" && cfn.Lookup(r, "TagFilters") == nil && numberAt(r, "AbortIncompleteMultipartUpload", "DaysAfterInitiation") > 0
			}) {
				bad = append(bad, name+" keeps the parts of abandoned multipart uploads")
			}
		}
		return bad
	}},
	{"old versions", func(s *stack) (bad []string) {
		for name, b := range s.ofType("AWS::S3::Bucket") {
			if cfn.Lookup(b, "VersioningConfiguration") != nil && !slices.ContainsFunc(listAt(b, "LifecycleConfiguration", "Rules"), func(r any) bool {
				return textAt(r, "Status") == "Enabled" && cfn.Lookup(r, "ExpiredObjectDeleteMarker") == true && numberAt(r, "NoncurrentVersionExpiration", "NoncurrentDays") > 0
			}) {
				bad = append(bad, name+" keeps old versions for ever")
			}
		}
		return bad
	}},
	// The manifest of a removed photo stops uploads with an old token, so it must outlive every token.
	{"removed photos", func(s *stack) (bad []string) {
		if s.param("VariantsBucketName") != "" {
			return nil
		}
		i := slices.IndexFunc(listAt(s.properties("VariantsBucket"), "LifecycleConfiguration", "Rules"), func(r any) bool {
			return textAt(r, "Status") == "Enabled" && textAt(r, "TagFilters", 0, "Key") == "darkroom" && textAt(r, "TagFilters", 0, "Value") == "removed"
		})
		if i < 0 {
			return []string{"manifests of removed photos are kept for ever"}
		}
		days := numberAt(s.properties("VariantsBucket"), "LifecycleConfiguration", "Rules", i, "ExpirationInDays")
		if minutes := numberAt(s.properties("TokenFunction"), "Environment", "Variables", "TOKEN_TTL"); days < 1+minutes/(24*60) {
			bad = append(bad, fmt.Sprintf("manifests of removed photos are kept for %v days, but tokens are valid for %v minutes", days, minutes))
		}
		return bad
	}},
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
	{"once", func(s *stack) []string {
		if s.param("UploadsBucketName") != "" {
			return nil
		}
		for _, st := range listAt(s.properties("UploadsPolicy"), "PolicyDocument", "Statement") {
			if textAt(st, "Effect") == "Deny" && textAt(st, "Principal") == "*" && textAt(st, "Action") == "s3:PutObject" && textAt(st, "Resource") == "${UploadsBucket.Arn}/*" &&
				textAt(st, "Condition", "Null", "s3:if-none-match") == "true" && textAt(st, "Condition", "Bool", "s3:ObjectCreationOperation") == "true" {
				return nil
			}
		}
		if s.parameters["AllowForm"] == "true" {
			return nil // a form upload cannot carry the condition
		}
		return []string{"a second upload can replace the first"}
	}},
	{"CORS", func(s *stack) (bad []string) {
		uploads := cfn.Lookup(s.properties("UploadsBucket"), "CorsConfiguration", "CorsRules", 0)
		if s.parameters["CorsOrigins"] == "" {
			if uploads != nil && s.param("PublishBoard") != "yes" || cfn.Lookup(s.properties("VariantsBucket"), "CorsConfiguration") != nil || cfn.Lookup(s.properties("Api"), "CorsConfiguration") != nil {
				bad = append(bad, "CORS is on without any origin")
			}
			return bad
		}
		for what, want := range map[string][]string{"AllowedMethods": {"PUT", "POST"}, "AllowedHeaders": {"*"}, "ExposedHeaders": {"ETag", "Location"}, "AllowedOrigins": {s.parameters["CorsOrigins"]}} {
			if got := textsAt(uploads, what); !slices.Equal(got, want) && s.param("UploadsBucketName") == "" {
				bad = append(bad, fmt.Sprintf("uploads: %s is %v, want %v", what, got, want))
			}
		}
		if got := textsAt(s.properties("VariantsBucket"), "CorsConfiguration", "CorsRules", 0, "AllowedMethods"); !slices.Equal(got, []string{"GET", "HEAD"}) && s.param("VariantsBucketName") == "" {
			bad = append(bad, fmt.Sprintf("variants: %v", got))
		}
		if got := textsAt(s.properties("Api"), "CorsConfiguration", "AllowMethods"); !slices.Equal(got, []string{"GET", "POST", "DELETE"}) {
			bad = append(bad, fmt.Sprintf("API: %v", got))
		}
		return bad
	}},
	// Only CloudFront may read variants without a signature, and only if they are public. It may not read manifests, which
	// name owners.
	{"public variants", func(s *stack) (bad []string) {
		base := textAt(s.properties("TokenFunction"), "Environment", "Variables", "PUBLIC_BASE_URL")
		var allowed, denied bool
		for _, st := range listAt(s.properties("VariantsPolicy"), "PolicyDocument", "Statement") {
			switch {
			case textAt(st, "Principal", "Service") != "cloudfront.amazonaws.com":
			case textAt(st, "Effect") == "Allow":
				allowed = strings.HasSuffix(textAt(st, "Condition", "StringEquals", "aws:SourceArn"), ":distribution/${Distribution}")
			default:
				denied = textAt(st, "Resource") == "${VariantsBucket.Arn}/*/manifest.json" && textAt(st, "Action") == "s3:GetObject"
			}
		}
		d := s.properties("Distribution")
		if s.parameters["PublicVariants"] != "yes" {
			if base != "" || allowed || d != nil {
				bad = append(bad, "variants are public although PublicVariants is not yes")
			}
			return bad
		}
		if base != "https://${Distribution.DomainName}" || (!allowed || !denied) && s.param("VariantsBucketName") == "" {
			bad = append(bad, fmt.Sprintf("base %q, CloudFront allowed %v, manifests denied %v", base, allowed, denied))
		}
		if textAt(d, "DistributionConfig", "Origins", 0, "OriginAccessControlId") != "${DistributionAccess.Id}" ||
			textAt(d, "DistributionConfig", "DefaultCacheBehavior", "ViewerProtocolPolicy") != "redirect-to-https" {
			bad = append(bad, "the distribution does not sign its requests, or serves without TLS")
		}
		return bad
	}},
	{"outcome events", func(s *stack) (bad []string) {
		on := cfn.Lookup(s.properties("VariantsBucket"), "NotificationConfiguration", "EventBridgeConfiguration", "EventBridgeEnabled") == true
		r := s.properties("OutcomeRule")
		if want := s.parameters["OutcomeEvents"] != "no"; on != want && s.param("VariantsBucketName") == "" || (r != nil) != want {
			bad = append(bad, fmt.Sprintf("bucket events %[2]v, rule %[3]v, want %[1]v", want, on, r != nil))
		}
		if r != nil && (textAt(r, "EventPattern", "detail", "object", "key", 0, "suffix") != "/manifest.json" || textAt(r, "EventPattern", "detail", "bucket", "name", 0) != "${VariantsBucket}") {
			bad = append(bad, "the rule does not match the manifests")
		}
		return bad
	}},
}

// onlyTLS reports whether a policy of a type denies requests without TLS to the named resource.
func (s *stack) onlyTLS(kind, property, name string, resources ...string) bool {
	for _, p := range s.ofType(kind) {
		if !slices.Contains(textsAt(p, property), "${"+name+"}") {
			continue
		}
		for _, st := range listAt(p, "PolicyDocument", "Statement") {
			if textAt(st, "Effect") == "Deny" && textAt(st, "Principal") == "*" && strings.HasSuffix(textAt(st, "Action"), ":*") &&
				textAt(st, "Condition", "Bool", "aws:SecureTransport") == "false" && slices.Equal(textsAt(st, "Resource"), resources) {
				return true
			}
		}
	}
	return false
}
