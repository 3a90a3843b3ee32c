package assemble

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// json returns a value as JSON, as a literal text. A scalar with the tag !Number is written without quotation marks,
// because Fn::Sub makes a number of it.
func (e *expander) json(n *yaml.Node) ([]*yaml.Node, error) {
	c := *n
	c.Tag = map[yaml.Kind]string{yaml.MappingNode: "!!map", yaml.SequenceNode: "!!seq"}[n.Kind]
	all, err := e.node(&c)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	if err := writeJSON(&text, all[0]); err != nil {
		return nil, fmt.Errorf("line %d: %w", n.Line, err)
	}
	return []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.LiteralStyle, Value: text.String() + "\n"}}, nil
}

func writeJSON(out *strings.Builder, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		separator := "{"
		for key, v := range entries(n) {
			name, err := json.Marshal(key.Value)
			if err != nil {
				return err
			}
			out.WriteString(separator + string(name) + ": ")
			if err := writeJSON(out, v); err != nil {
				return err
			}
			separator = ", "
		}
		out.WriteString(strings.TrimPrefix(separator+"}", ", "))
	case yaml.SequenceNode:
		separator := "["
		for _, v := range n.Content {
			out.WriteString(separator)
			if err := writeJSON(out, v); err != nil {
				return err
			}
			separator = ", "
		}
		out.WriteString(strings.TrimPrefix(separator+"]", ", "))
	default:
		if n.Tag == "!Number" {
			out.WriteString(n.Value)
			return nil
		}
		var v any
		if err := n.Decode(&v); err != nil {
			return err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		// Go writes <, > and & as \u003c and the like, which make the text longer and harder to read.
		out.WriteString(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text)))
	}
	return nil
}
