// Package cfn reads a CloudFormation template in YAML and resolves it for given parameters.
//
// YAML decoders drop tags such as !Ref and !Sub. This package replaces them by their long form: !Ref X by {"Ref": "X"},
// !Sub T by {"Fn::Sub": T}. Values are map[string]any, []any, string, int, float64 and bool.
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html.
package cfn

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Template is a template before it is resolved.
type Template struct{ Root map[string]any }

// Parse parses a template. YAML that CloudFormation does not accept, such as aliases, is an error.
func Parse(text []byte) (*Template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("cfn: %w", err)
	}
	if len(doc.Content) != 1 {
		return nil, fmt.Errorf("cfn: the template is not exactly one YAML document")
	}
	v, err := value(doc.Content[0])
	if err != nil {
		return nil, err
	}
	root, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("cfn: the template is not a mapping")
	}
	return &Template{root}, nil
}

// Section returns a section such as Parameters, Mappings, Conditions, Resources or Outputs, or nil if there is none.
func (t *Template) Section(name string) map[string]any {
	m, _ := t.Root[name].(map[string]any)
	return m
}

func value(n *yaml.Node) (any, error) {
	v, err := untagged(n)
	if err != nil || !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return v, err
	}
	switch name := n.Tag[1:]; name {
	case "Ref", "Condition":
		return map[string]any{name: v}, nil
	case "GetAtt":
		if s, ok := v.(string); ok {
			resource, attribute, _ := strings.Cut(s, ".")
			v = []any{resource, attribute}
		}
		return map[string]any{"Fn::GetAtt": v}, nil
	default:
		return map[string]any{"Fn::" + name: v}, nil
	}
}

func untagged(n *yaml.Node) (any, error) {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		return nil, fmt.Errorf("cfn: line %d: CloudFormation supports no aliases", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			if _, twice := m[key.Value]; twice {
				return nil, fmt.Errorf("cfn: line %d: duplicate key %s", key.Line, key.Value)
			}
			v, err := value(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[key.Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			v, err := value(c)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	}
	switch n.Tag {
	case "!!int", "!!float", "!!bool":
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, fmt.Errorf("cfn: line %d: %w", n.Line, err)
		}
		return v, nil
	}
	return n.Value, nil
}
