package template

import (
	"encoding/json"
	"strings"
	"time"

	"darkroom/deploy/testkit/cfn"
	"darkroom/token-lambda/contract"
)

// variablesNeeded returns what each program's variables must be, from the parameters in their units. All of them: a
// variable that is not here is unknown. notSet lists those that the template leaves alone.
func (s *stack) variablesNeeded() map[string]map[string]variable {
	is := func(text string) variable { return variable{text: text} }
	parameter := func(name string) variable { return is(s.param(name)) }
	lasts := func(name string, unit time.Duration) variable {
		return variable{duration: time.Duration(s.number(name)) * unit}
	}
	size := func(name string) variable {
		return is(textAt(s.template.Section("Mappings"), "Task", s.param("TaskVcpu"), name))
	}
	publicURL, otlp, quotaTable, purges, distribution := "", "", "", "", ""
	if hasQuotas(s) {
		quotaTable = "${QuotaTable}"
	}
	if s.param("PublicVariants") == "yes" {
		publicURL = "https://${Distribution.DomainName}"
		purges, distribution = "${PurgeQueue}", "${Distribution}"
	}
	budget := size("BudgetAlone")
	if s.param("CollectorImage") != "" {
		otlp, budget = "http://127.0.0.1:4318", size("BudgetBesideCollector")
	}
	photos := map[string]variable{"QUEUE_URL": is("${EventsQueue}"), "DEAD_LETTER_QUEUE_URL": is("${EventsDeadLetters}"), "PHOTOS_QUEUE_URL": is("${PhotosQueue}"), "UPLOADS_BUCKET": is("${UploadsBucket}"),
		"VARIANTS_BUCKET": is("${VariantsBucket}"), "VARIANTS": parameter("Variants"), "MAX_BYTES": parameter("MaxBytes"), "MAX_PIXELS": parameter("MaxPixels"),
		"DAMAGED": parameter("Damaged"), "KEEP": parameter("Keep")}
	withPhotos := func(more map[string]variable) map[string]variable {
		for name, v := range photos {
			more[name] = v
		}
		return more
	}
	apiURL := s.param("PublicUrl")
	if domain := s.param("ApiDomain"); apiURL == "" && domain != "" {
		apiURL = "https://" + domain
	}
	tokenLambda := func(wait string) map[string]variable {
		return map[string]variable{"UPLOADS_BUCKET": is("${UploadsBucket}"), "VARIANTS_BUCKET": is("${VariantsBucket}"), "PUBLIC_BASE_URL": is(publicURL), "PUBLIC_URL": is(apiURL),
			"AUTH_ISSUER": parameter("AuthIssuer"), "AUTH_AUDIENCE": parameter("AuthAudience"), "AUTH_JWKS_URL": parameter("AuthJwksUrl"), "AUTH_BOARDS_CLAIM": parameter("AuthBoardsClaim"),
			"AUTH_WRITE_SCOPE": parameter("AuthWriteScope"), "AUTH_READ_SCOPE": parameter("AuthReadScope"), "AUTH_ADMIN_SCOPE": parameter("AuthAdminScope"), "BOARD_DELETE": parameter("BoardDelete"), "TOKEN_TTL": lasts("TokenMinutes", time.Minute), "ID_KEY": is("{{resolve:secretsmanager:${IdKey}}}"), "ERASURE_KEY": parameter("ErasureKey"), "MAX_BYTES": parameter("MaxBytes"),
			"MAX_PIXELS": parameter("MaxPixels"), "MEMORY_BUDGET": budget, "ALLOWED_TYPES": parameter("AllowedTypes"), "BOARD_LIMITS": parameter("BoardLimits"), "QUOTAS": parameter("Quotas"), "QUOTA_TABLE": is(quotaTable), "REQUIRE_SHA256": parameter("RequireSha256"),
			"MAX_WAIT": is(wait), "ALLOW_FORM": parameter("AllowForm"), "METRICS_EMF": is("true"), "OTEL_EXPORTER_OTLP_ENDPOINT": parameter("OtlpEndpoint"), "LOG_LEVEL": parameter("LogLevel"), "LOG_FORMAT": is("json")}
	}
	return map[string]map[string]variable{
		"operator": withPhotos(map[string]variable{"REJECTED_DAYS": parameter("RejectedDays")}),
		"worker": withPhotos(map[string]variable{"PURGE_QUEUE_URL": is(purges), "CDN_DISTRIBUTION": is(distribution), "BOARD_LIMITS": parameter("BoardLimits"), "RENDERS": parameter("TaskVcpu"), "SLOTS": size("Slots"), "VISIBILITY_TIMEOUT": lasts("VisibilitySeconds", time.Second),
			"JOB_TIMEOUT": lasts("JobSeconds", time.Second), "DRAIN_TIMEOUT": lasts("DrainSeconds", time.Second), "PROTECTION_LINGER": lasts("LingerSeconds", time.Second),
			"LISTEN_ADDR":                 is("127.0.0.1:9102"), // what healthcheck asks by default
			"OTEL_EXPORTER_OTLP_ENDPOINT": is(otlp), "LOG_LEVEL": parameter("LogLevel"), "LOG_FORMAT": is("json")}),
		"scaler": {"QUEUE_URL": is("${EventsQueue}"), "PHOTOS_QUEUE_URL": is("${PhotosQueue}"), "ECS_CLUSTER": is("${Cluster}"), "ECS_SERVICE": is("${WorkerService.Name}"), "MIN_TASKS": parameter("MinTasks"),
			"MAX_TASKS": parameter("MaxTasks"), "SECONDS_PER_PHOTO": parameter("SecondsPerPhoto"), "RENDERS": parameter("TaskVcpu"), "SCALE_OBJECTIVE": lasts("FastSeconds", time.Second),
			"LOG_LEVEL": parameter("LogLevel"), "LOG_FORMAT": is("json")},
		"token-lambda": tokenLambda("0s"), "token-lambda that waits": tokenLambda("20s"),
	}
}

// apiNeeds are the properties of the API's resources.
func (s *stack) apiNeeds() map[string]object {
	route := func(key string, open bool) object {
		o := object{"ApiId": "${Api}", "RouteKey": key, "Target": "integrations/${" + integrationOf(key) + "}", "AuthorizationType": "NONE"}
		if !open && s.param("JwtAuthorizer") == "yes" {
			o["AuthorizationType"], o["AuthorizerId"] = "JWT", "${ApiAuthorizer}"
		}
		return o
	}
	need := map[string]object{
		"ApiIntegration":     {"ApiId": "${Api}", "IntegrationType": "AWS_PROXY", "IntegrationUri": "${TokenFunction.Arn}", "PayloadFormatVersion": "2.0"},
		"ApiWaitIntegration": {"ApiId": "${Api}", "IntegrationType": "AWS_PROXY", "IntegrationUri": "${WaitFunction.Arn}", "PayloadFormatVersion": "2.0"},
		"ApiOutcome":         route("GET "+contract.OutcomePattern, false), "ApiOutcomes": route("GET "+contract.OutcomesPattern, false),
		"ApiPost": route("POST /v1/{proxy+}", false), "ApiGet": route("GET /v1/{proxy+}", false), "ApiDelete": route("DELETE /v1/{proxy+}", false),
		"ApiHealth": route("GET /healthz", true), "ApiErasureKeys": route("GET "+contract.ErasureKeysPath, true), "ApiDocument": route("GET /openapi.json", true),
		"ApiProblems": route("GET /problems/", true), "ApiProblem": route("GET /problems/{slug}", true),
		// Any stage and route of this API, and no other API.
		"ApiMayCall": {"FunctionName": "${TokenFunction}", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
			"SourceArn": "arn:aws:execute-api:us-east-1:123456789012:${Api}/*"},
		"ApiMayCallWait": {"FunctionName": "${WaitFunction}", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
			"SourceArn": "arn:aws:execute-api:us-east-1:123456789012:${Api}/*"},
		"IdKey":    {"Name": "stack-name-id-key", "GenerateSecretString": object{"PasswordLength": 64, "ExcludePunctuation": true}},
		"ApiStage": {"ApiId": "${Api}", "StageName": "$default", "AutoDeploy": true},
		"Api":      {"ProtocolType": "HTTP"},
	}
	if s.param("JwtAuthorizer") == "yes" {
		need["ApiAuthorizer"] = object{"ApiId": "${Api}", "AuthorizerType": "JWT", "IdentitySource": []any{"$request.header.Authorization"},
			"JwtConfiguration": object{"Issuer": s.param("AuthIssuer"), "Audience": []any{s.param("AuthAudience")}}}
	}
	return need
}

// elsewhere are the properties of these resources that other rules check, or that are only names.
var elsewhere = map[string][]string{"ApiIntegration": {"TimeoutInMillis"}, "ApiWaitIntegration": {"TimeoutInMillis"}, "ApiStage": {"DefaultRouteSettings", "AccessLogSettings"}, "Api": {"Name", "CorsConfiguration"}, "IdKey": {"Description"}, "ApiAuthorizer": {"Name"}}

var programRules = []rule{
	{"API", func(s *stack) (bad []string) {
		need := s.apiNeeds()
		for name, properties := range need {
			bad = append(bad, s.lack(name, properties, elsewhere[name]...)...)
		}
		for _, kind := range []string{"Api", "Stage", "Route", "Integration", "Authorizer", "RouteResponse", "Deployment"} {
			for name := range s.ofType("AWS::ApiGatewayV2::" + kind) {
				if need[name] == nil {
					bad = append(bad, name+" is not needed")
				}
			}
		}
		for name := range s.ofType("AWS::Lambda::Permission") {
			if need[name] == nil && name != "ScalerMayStart" {
				bad = append(bad, name+" lets somebody else call the function")
			}
		}
		stage := s.properties("ApiStage")
		settings := object{"ThrottlingRateLimit": s.number("ThrottleRate"), "ThrottlingBurstLimit": s.number("ThrottleBurst"), "DetailedMetricsEnabled": false}
		if got := asNumbers(stage["DefaultRouteSettings"]); !equal(settings, got) {
			bad = append(bad, "the stage limits requests to "+textAt(stage, "DefaultRouteSettings"))
		}
		if textAt(stage, "AccessLogSettings", "DestinationArn") != "${ApiLogs.Arn}" {
			bad = append(bad, "the stage does not log to its own group")
		}
		if !json.Valid([]byte(textAt(stage, "AccessLogSettings", "Format"))) {
			bad = append(bad, "the access log is not JSON")
		}
		for _, field := range []string{"$context.requestId", "$context.routeKey", "$context.status", "$context.responseLatency", "$context.error.message", "$context.authorizer.error"} {
			if !contains(textAt(stage, "AccessLogSettings", "Format"), field) {
				bad = append(bad, "the access log lacks "+field)
			}
		}
		return bad
	}},
	{"function's properties", func(s *stack) (bad []string) {
		timeouts := map[string]int{"TokenFunction": s.number("TokenTimeout"), "WaitFunction": 28}
		for name, a := range apiFunctions {
			need := object{"Runtime": "provided.al2023", "Architectures": []any{lambdaArchitectures[s.param("Architecture")]}, "Handler": "bootstrap", "Code": object{"S3Bucket": s.param("CodeBucket"), "S3Key": s.param("CodeKey")},
				"Role": "${TokenRole.Arn}", "MemorySize": s.number("TokenMemory"), "Timeout": timeouts[name], "LoggingConfig": object{"LogGroup": "${TokenLogs}", "LogFormat": "Text"}}
			if n := s.number(a.concurrency); n > 0 {
				need["ReservedConcurrentExecutions"] = n
			}
			bad = append(bad, s.lackNumbers(name, need, "Description", "Environment")...)
			if e, _ := cfn.Lookup(s.properties(name), "Environment").(object); len(e) != 1 {
				bad = append(bad, name+" has other settings than variables")
			}
		}
		if s.param("FastScaler") == "yes" {
			// A retry of an old start is of no use to a queue that has changed.
			bad = append(bad, s.lack("ScalerRetries", object{"FunctionName": "${ScalerFunction}", "Qualifier": "$LATEST", "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60})...)
			bad = append(bad, s.lack("ScalerMayStart", object{"FunctionName": "${ScalerFunction}", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": "${ScalerTimer.Arn}"})...)
			bad = append(bad, s.lack("ScalerFunction", object{"PackageType": "Image", "Architectures": []any{lambdaArchitectures[s.param("Architecture")]}, "Code": object{"ImageUri": strings.TrimSuffix(s.param("WorkerImage"), ".zstd")},
				"ImageConfig": object{"Command": []any{"scale"}}, "Role": "${ScalerRole.Arn}", "MemorySize": 128, "Timeout": 60, "LoggingConfig": object{"LogGroup": "${ScalerLogs}", "LogFormat": "Text"}},
				"Description", "Environment")...)
		}
		return bad
	}},
	{"CORS of the API", func(s *stack) (bad []string) {
		got := cfn.Lookup(s.properties("Api"), "CorsConfiguration")
		if s.param("CorsOrigins") == "" {
			return nil // the rule "CORS" reports it
		}
		for what, want := range map[string][]string{
			"AllowOrigins": {s.param("CorsOrigins")}, "AllowMethods": {"GET", "POST", "DELETE"},
			"AllowHeaders":  {"authorization", "content-type", "if-none-match", "prefer", "traceparent", "x-request-id"},
			"ExposeHeaders": {"etag", "location", "preference-applied", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"},
		} {
			if !equal(textsAt(got, what), want) {
				bad = append(bad, what+" is "+textAt(got, what))
			}
		}
		if age := numberAt(got, "MaxAge"); age < 60 || age > 86400 || cfn.Lookup(got, "AllowCredentials") != nil {
			bad = append(bad, "pages ask again too often or keep an answer too long, or send cookies")
		}
		return bad
	}},
}
