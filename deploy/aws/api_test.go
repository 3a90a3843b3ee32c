package main

import (
	"fmt"
	"slices"
)

var apiRules = []rule{
	{"function", func(s *stack) (bad []string) {
		f := s.properties("TokenFunction")
		if textAt(f, "Runtime") != "provided.al2023" || textAt(f, "Handler") != "bootstrap" || !slices.Equal(textsAt(f, "Architectures"), []string{"arm64"}) {
			bad = append(bad, "the function does not run the bootstrap on arm64")
		}
		if s.param("TokenConcurrency") != "0" && numberAt(f, "ReservedConcurrentExecutions") < 1 {
			bad = append(bad, "the function can use all of the account's concurrency")
		}
		if textAt(f, "LoggingConfig", "LogFormat") != "Text" {
			bad = append(bad, "Lambda wraps the log lines, which loses the metrics in them")
		}
		return bad
	}},
	// A request may wait for 20 s, and ends 1.5 s before the function's timeout. API Gateway gives up after 30 s:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
	{"timeouts", func(s *stack) (bad []string) {
		function, gateway := numberAt(s.properties("TokenFunction"), "Timeout"), numberAt(s.properties("ApiIntegration"), "TimeoutInMillis")/1000
		if function < 25 || function >= gateway || gateway > 30 {
			bad = append(bad, fmt.Sprintf("function timeout %v s, gateway timeout %v s", function, gateway))
		}
		return bad
	}},
	{"routes", func(s *stack) (bad []string) {
		authorized := "JWT"
		if s.parameters["JwtAuthorizer"] == "no" {
			authorized = "NONE"
		}
		want := map[string]string{"POST /v1/{proxy+}": authorized, "GET /v1/{proxy+}": authorized, "DELETE /v1/{proxy+}": authorized,
			"GET /healthz": "NONE", "GET /openapi.json": "NONE", "GET /problems/": "NONE", "GET /problems/{slug}": "NONE"}
		for name, r := range s.ofType("AWS::ApiGatewayV2::Route") {
			key := textAt(r, "RouteKey")
			if textAt(r, "AuthorizationType") != want[key] || textAt(r, "Target") != "integrations/${ApiIntegration}" || (textAt(r, "AuthorizerId") == "${ApiAuthorizer}") != (want[key] == "JWT") {
				bad = append(bad, fmt.Sprintf("%s: %s with %s %s", name, key, textAt(r, "AuthorizationType"), textAt(r, "AuthorizerId")))
			}
			delete(want, key)
		}
		for key := range want {
			bad = append(bad, "route "+key+" is missing")
		}
		if a := s.properties("ApiAuthorizer"); a != nil && (textAt(a, "JwtConfiguration", "Issuer") != required["AuthIssuer"] || textAt(a, "JwtConfiguration", "Audience", 0) != required["AuthAudience"]) {
			bad = append(bad, "the authorizer and the Lambda accept different tokens")
		}
		if textAt(s.properties("ApiIntegration"), "PayloadFormatVersion") != "2.0" {
			bad = append(bad, "the Lambda reads only payload format 2.0")
		}
		return bad
	}},
	{"throttling", func(s *stack) (bad []string) {
		for name, p := range s.ofType("AWS::ApiGatewayV2::Stage") {
			if numberAt(p, "DefaultRouteSettings", "ThrottlingRateLimit") < 1 || numberAt(p, "DefaultRouteSettings", "ThrottlingBurstLimit") < 1 {
				bad = append(bad, name+" does not limit requests")
			}
		}
		return bad
	}},
}
