package template

import (
	"fmt"

	"darkroom/token-lambda/contract"
)

// apiFunction is one of the API's two functions.
type apiFunction struct {
	integration  string
	concurrency  string  // parameter
	leastTimeout float64 // seconds
}

// apiFunctions run the same program. Waits have a function of their own, so that they take no concurrency from tokens.
var apiFunctions = map[string]apiFunction{
	"TokenFunction": {integration: "ApiIntegration", concurrency: "TokenConcurrency", leastTimeout: 11},
	"WaitFunction":  {integration: "ApiWaitIntegration", concurrency: "WaitConcurrency", leastTimeout: 25},
}

// integrationOf returns the integration that must answer a route.
func integrationOf(route string) string {
	if route == "GET "+contract.OutcomePattern || route == "GET "+contract.OutcomesPattern {
		return apiFunctions["WaitFunction"].integration
	}
	return apiFunctions["TokenFunction"].integration
}

var apiRules = []rule{
	{"function", func(s *stack) (bad []string) {
		for name, a := range apiFunctions {
			f := s.properties(name)
			if textAt(f, "Runtime") != "provided.al2023" || textAt(f, "Handler") != "bootstrap" {
				bad = append(bad, name+" does not run the bootstrap")
			}
			if s.param(a.concurrency) != "0" && numberAt(f, "ReservedConcurrentExecutions") < 1 {
				bad = append(bad, name+" can use all of the account's concurrency")
			}
			if textAt(f, "LoggingConfig", "LogFormat") != "Text" {
				bad = append(bad, "Lambda wraps the log lines of "+name+", which loses the metrics in them")
			}
		}
		return bad
	}},
	// A request takes up to 10 s, and one that waits 20 s more. It ends 0.5 s before the function's timeout, and its wait
	// 1 s earlier. API Gateway gives up after 30 s:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
	{"timeouts", func(s *stack) (bad []string) {
		for name, a := range apiFunctions {
			function, gateway := numberAt(s.properties(name), "Timeout"), numberAt(s.properties(a.integration), "TimeoutInMillis")/1000
			if function < a.leastTimeout || function >= gateway || gateway > 30 {
				bad = append(bad, fmt.Sprintf("timeout of %s %v s, gateway timeout %v s", name, function, gateway))
			}
		}
		return bad
	}},
	// The two functions are one program with one set of settings. Only the function for tokens never waits.
	{"alike functions", func(s *stack) (bad []string) {
		env := environments(s)
		tokens, waits := env["token-lambda"], env["token-lambda that waits"]
		for name := range tokens {
			if name != "MAX_WAIT" && tokens[name] != waits[name] {
				bad = append(bad, fmt.Sprintf("%s is %q for tokens and %q for waits", name, tokens[name], waits[name]))
			}
		}
		if len(tokens) != len(waits) || tokens["MAX_WAIT"] != "0s" || waits["MAX_WAIT"] != "20s" {
			bad = append(bad, fmt.Sprintf("MAX_WAIT is %q for tokens and %q for waits, of %d and %d settings", tokens["MAX_WAIT"], waits["MAX_WAIT"], len(tokens), len(waits)))
		}
		for _, name := range []string{"Code", "Role", "MemorySize", "LoggingConfig", "Runtime", "Architectures"} {
			if one, other := s.properties("TokenFunction")[name], s.properties("WaitFunction")[name]; !equal(one, other) {
				bad = append(bad, fmt.Sprintf("%s is %v for tokens and %v for waits", name, one, other))
			}
		}
		return bad
	}},
	{"routes", func(s *stack) (bad []string) {
		authorized := "JWT"
		if s.parameters["JwtAuthorizer"] == "no" {
			authorized = "NONE"
		}
		want := map[string]string{"POST /v1/{proxy+}": authorized, "GET /v1/{proxy+}": authorized, "DELETE /v1/{proxy+}": authorized,
			"GET " + contract.OutcomePattern: authorized, "GET " + contract.OutcomesPattern: authorized,
			"GET /healthz": "NONE", "GET " + contract.ErasureKeysPath: "NONE", "GET /openapi.json": "NONE", "GET /problems/": "NONE", "GET /problems/{slug}": "NONE"}
		for name, r := range s.ofType("AWS::ApiGatewayV2::Route") {
			key := textAt(r, "RouteKey")
			if textAt(r, "AuthorizationType") != want[key] || textAt(r, "Target") != "integrations/${"+integrationOf(key)+"}" || (textAt(r, "AuthorizerId") == "${ApiAuthorizer}") != (want[key] == "JWT") {
				bad = append(bad, fmt.Sprintf("%s: %s with %s %s", name, key, textAt(r, "AuthorizationType"), textAt(r, "AuthorizerId")))
			}
			delete(want, key)
		}
		for key := range want {
			bad = append(bad, "route "+key+" is missing")
		}
		if a := s.properties("ApiAuthorizer"); a != nil && (textAt(a, "JwtConfiguration", "Issuer") != s.param("AuthIssuer") || textAt(a, "JwtConfiguration", "Audience", 0) != s.param("AuthAudience")) {
			bad = append(bad, "the authorizer and the Lambda accept different tokens")
		}
		for name, a := range apiFunctions {
			if textAt(s.properties(a.integration), "PayloadFormatVersion") != "2.0" {
				bad = append(bad, name+" reads only payload format 2.0")
			}
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
