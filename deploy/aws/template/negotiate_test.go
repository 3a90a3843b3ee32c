package template

import (
	"fmt"
	"maps"
	"os"
)

// longestFunction is the most bytes that a function of CloudFront can have:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions
const longestFunction = 10 << 10

// negotiates reports whether CloudFront chooses formats.
func negotiates(s *stack) bool {
	return s.param("PublicVariants") == "yes" && s.param("NegotiateFormat") == "yes"
}

// negotiating adds to the configuration of the variants' distribution the cache behaviour of URLs that name no format.
// The function turns these into the others' URLs, so it has the same cache policy.
func (s *stack) negotiating(config object) object {
	if !negotiates(s) {
		return config
	}
	fixed, _ := config["DefaultCacheBehavior"].(object)
	config["CacheBehaviors"] = []any{object{"PathPattern": "*.auto", "TargetOriginId": fixed["TargetOriginId"], "ViewerProtocolPolicy": fixed["ViewerProtocolPolicy"],
		"AllowedMethods": fixed["AllowedMethods"], "CachePolicyId": fixed["CachePolicyId"], "ResponseHeadersPolicyId": "${NegotiatedHeaders}",
		"FunctionAssociations": []any{object{"EventType": "viewer-request", "FunctionARN": "${NegotiateFunction.FunctionARN}"}}}}
	return config
}

var negotiationRules = []rule{
	// TestNegotiateFunction runs the function.
	{"negotiation", func(s *stack) (bad []string) {
		for _, name := range []string{"NegotiateFunction", "NegotiatedHeaders"} {
			if (s.resources[name] != nil) != negotiates(s) {
				bad = append(bad, fmt.Sprintf("%s is there: %v", name, s.resources[name] != nil))
			}
		}
		if !negotiates(s) || len(bad) > 0 {
			return bad
		}
		code, err := os.ReadFile("source/cloudfront_function.js")
		if err != nil {
			return []string{err.Error()}
		}
		if n := len(textAt(s.properties("NegotiateFunction"), "FunctionCode")); n > longestFunction {
			bad = append(bad, fmt.Sprintf("the function has %d bytes, and CloudFront takes %d", n, longestFunction))
		}
		function := s.properties("NegotiateFunction")
		bad = append(bad, s.lack("NegotiateFunction", object{"Name": function["Name"], "AutoPublish": true, "FunctionCode": string(code),
			"FunctionConfig": object{"Runtime": "cloudfront-js-2.0", "Comment": textAt(function, "FunctionConfig", "Comment")}})...)
		config, _ := s.properties("NegotiatedHeaders")["ResponseHeadersPolicyConfig"].(object)
		// A browser must not show its copy in one format to a page that asks for another. With CorsConfig, CloudFront
		// sets Vary itself, whatever the policy says of it: https://github.com/ttoss/ttoss/pull/1205
		bad = append(bad, s.lack("NegotiatedHeaders", object{"ResponseHeadersPolicyConfig": object{"Name": config["Name"],
			"SecurityHeadersConfig": object{"ContentTypeOptions": object{"Override": true}, "ReferrerPolicy": object{"Override": true, "ReferrerPolicy": "strict-origin-when-cross-origin"},
				"StrictTransportSecurity": object{"Override": true, "AccessControlMaxAgeSec": 31536000}},
			"CustomHeadersConfig": object{"Items": []any{object{"Header": "Vary", "Value": "Accept", "Override": true}, object{"Header": "Access-Control-Allow-Origin", "Value": "*", "Override": true}}}}})...)
		distribution, _ := s.properties("Distribution")["DistributionConfig"].(object)
		if want := s.negotiating(maps.Clone(distribution)); !equal(distribution, want) {
			bad = append(bad, fmt.Sprintf("the cache behaviours are %v, want %v", distribution["CacheBehaviors"], want["CacheBehaviors"]))
		}
		return bad
	}},
}
