package template

import "fmt"

// hasQuotas reports whether the stack has quotas.
func hasQuotas(s *stack) bool { return s.param("Quotas") != "" }

var quotaRules = []rule{
	// The API finds a counter by its key alone. DynamoDB removes the counters of past days, which would otherwise cost
	// more each day. A table of a fixed capacity would refuse to count during a flood, when it matters.
	{"quotas", func(s *stack) (bad []string) {
		wanted := hasQuotas(s)
		for name := range s.ofType("AWS::DynamoDB::Table") {
			if name != "QuotaTable" || !wanted {
				bad = append(bad, name+" is not needed")
			}
		}
		if !wanted {
			return bad
		}
		bad = append(bad, s.lack("QuotaTable", object{
			"BillingMode":             "PAY_PER_REQUEST",
			"AttributeDefinitions":    []any{object{"AttributeName": "key", "AttributeType": "S"}},
			"KeySchema":               []any{object{"AttributeName": "key", "KeyType": "HASH"}},
			"TimeToLiveSpecification": object{"AttributeName": "expires", "Enabled": true},
		})...)
		for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
			if p := textAt(s.resources, "QuotaTable", policy); p != "Delete" {
				bad = append(bad, fmt.Sprintf("QuotaTable stays behind: its %s is %q", policy, p))
			}
		}
		return bad
	}},
}

// quotaMutants are faults of the table and of what uses it.
var quotaMutants = map[string][]mutant{
	"quotas": {
		{"always", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "HasQuotas")},
		{"fixed capacity", setProperty("QuotaTable", "PROVISIONED", "BillingMode")},
		{"counters kept for ever", setProperty("QuotaTable", false, "TimeToLiveSpecification", "Enabled")},
		{"another attribute of expiry", setProperty("QuotaTable", "ttl", "TimeToLiveSpecification", "AttributeName")},
		{"another key", setProperty("QuotaTable", "id", "KeySchema", 0, "AttributeName")},
		{"a key of numbers", setProperty("QuotaTable", "N", "AttributeDefinitions", 0, "AttributeType")},
		{"left behind", setAt("Retain", "Resources", "QuotaTable", "DeletionPolicy")},
	},
	"permissions": {
		{"token may delete counters", replaced("TokenRole", "dynamodb:UpdateItem", "dynamodb:DeleteItem")},
		{"any table", replaced("TokenRole", `{"Fn::GetAtt":["QuotaTable","Arn"]}`, `"arn:aws:dynamodb:us-east-1:123456789012:table/other"`)},
		{"not allowed to count", setProperty("TokenRole", ref("AWS::NoValue"), "Policies", 0, "PolicyDocument", "Statement", 5, "Fn::If", 1)},
	},
	"what alarms watch": {{"uncounted tokens unnoticed", setAt(nil, "Resources", "QuotaFailuresAlarm")}},
	"alike functions":   {{"quotas of tokens alone", setProperty("WaitFunction", "", "Environment", "Variables", "QUOTAS")}},
}
