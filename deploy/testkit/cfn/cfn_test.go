package cfn

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const text = `
Parameters:
  Kind: {Type: String, Default: a}
  Size: {Type: Number}
Mappings: {M: {a: {V: "1"}, b: {V: "2"}}}
Conditions:
  B: !Equals [!Ref Kind, b]
  NotB: !Not [!Condition B]
  Both: !And [!Condition B, !Condition NotB]
  Either: !Or [!Condition B, !Condition NotB]
Resources:
  One:
    Type: T
    Properties:
      Text: !Sub "${AWS::StackName}-${Size}-${Two.Arn}"
      Own: !Sub ["${x} ${Kind}", {x: !FindInMap [M, !Ref Kind, V]}]
      Att: !GetAtt Two.Arn
      List: [!If [B, 1, !Ref AWS::NoValue], !If [NotB, 2.5, true]]
      Part: !Select [2, !Split ["/", !Ref AWS::StackId]]
      Joined: !Join ["+", [a, !Ref Two]]
      Zones: !GetAZs ""
  Two: {Type: T, Condition: NotB}
  Three: {Type: T, Condition: B}
  Four: {Type: T, Condition: Both}
  Five: {Type: T, Condition: Either}
`

func TestResolve(t *testing.T) {
	tp, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tp.Resolve(map[string]string{"Size": "7"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"One": map[string]any{"Type": "T", "Properties": map[string]any{
			"Text": "stack-name-7-${Two.Arn}", "Own": "1 a", "Att": "${Two.Arn}", "List": []any{2.5},
			"Part": "0a1b2c3d-0000-1111-2222-0123456789ab", "Joined": "a+${Two}", "Zones": map[string]any{"Fn::GetAZs": ""}}},
		"Two":  map[string]any{"Type": "T", "Condition": "NotB"},
		"Five": map[string]any{"Type": "T", "Condition": "Either"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got, err = tp.Resolve(map[string]string{"Size": "7", "Kind": "b"})
	if err != nil {
		t.Fatal(err)
	}
	if one := got["One"].(map[string]any)["Properties"].(map[string]any); one["Own"] != "2 b" || !cmp.Equal(one["List"], []any{1, true}) || got["Two"] != nil || got["Three"] == nil {
		t.Errorf("with b: %v", got)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"no value":    {"", "", "Size has no value"},
		"reference":   {"!Ref Two", "!Ref Seven", "no Seven"},
		"attribute":   {"!GetAtt Two.Arn", "!GetAtt Seven.Arn", "no Seven.Arn"},
		"sub":         {"${x} ${Kind}", "${y}", "no y"},
		"mapping":     {"[M, !Ref Kind, V]", "[M, !Ref Kind, W]", "in the mappings"},
		"condition":   {"Condition: B}", "Condition: C}", "no condition C"},
		"unknown":     {"!Not [", "!Xor [", "unsupported"},
		"anchor":      {"Two: {", "Two: &two {", "supports no aliases"},
		"twice":       {"Three: {", "Two: {", "duplicate key"},
		"no template": {text, "[]", "is not a mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			tp, err := Parse([]byte(strings.Replace(text, c.from, c.to, 1)))
			if err == nil {
				parameters := map[string]string{"Size": "7"}
				if name == "no value" {
					parameters = nil
				}
				_, err = tp.Resolve(parameters)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	tp, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tp.Resolve(map[string]string{"Size": "7", "Colour": "red"}); err == nil || !strings.Contains(err.Error(), "no parameter Colour") {
		t.Errorf("unknown parameter: error %v", err)
	}
}
