package assemble

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// expander replaces uses by definitions.
type expander struct {
	files       fs.FS
	definitions map[string]*yaml.Node
	used        map[string]bool
	depth       int // uses within uses
}

// mostDepth is more than any source needs, and ends a definition that uses itself.
const mostDepth = 20

// section expands the entries of a section. An entry that uses definitions is replaced by the entries of their
// mappings.
func (e *expander) section(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	var content []*yaml.Node
	seen := map[string]bool{}
	add := func(key, v *yaml.Node) error {
		if seen[key.Value] {
			return fmt.Errorf("%s is there twice", key.Value)
		}
		seen[key.Value] = true
		content = append(content, key, v)
		return nil
	}
	for key, v := range entries(n) {
		several := v.Tag == "!Each"
		all, err := e.node(v)
		if err != nil {
			return fmt.Errorf("%s: %w", key.Value, err)
		}
		for _, v := range all {
			if !several {
				if err := add(key, v); err != nil {
					return err
				}
				continue
			}
			for key, v := range entries(v) {
				if err := add(key, v); err != nil {
					return err
				}
			}
		}
	}
	n.Content = content
	return nil
}

// node returns what a node becomes: itself with everything below it expanded, or what it uses. That is one node, except
// where a list may take several.
func (e *expander) node(n *yaml.Node) ([]*yaml.Node, error) {
	switch n.Tag {
	case "!Use":
		return e.use(n)
	case "!Each":
		return e.useEach(n)
	case "!Json":
		return e.json(n)
	case "!Text":
		text, err := fs.ReadFile(e.files, n.Value)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n.Line, err)
		}
		return []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.LiteralStyle, Value: string(text)}}, nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			all, err := e.node(n.Content[i])
			if err != nil {
				return nil, err
			}
			if len(all) != 1 {
				return nil, fmt.Errorf("line %d: %s takes one value, not %d", n.Content[i].Line, n.Content[i-1].Value, len(all))
			}
			n.Content[i] = all[0]
		}
	case yaml.SequenceNode:
		var content []*yaml.Node
		for _, element := range n.Content {
			uses := element.Tag == "!Use" || element.Tag == "!Each"
			all, err := e.node(element)
			if err != nil {
				return nil, err
			}
			for _, v := range all {
				if uses && v.Kind == yaml.SequenceNode && !tagged(v) {
					content = append(content, v.Content...)
				} else {
					content = append(content, v)
				}
			}
		}
		n.Content = content
	}
	return []*yaml.Node{n}, nil
}

// tagged reports whether a node has one of CloudFormation's tags, such as !Sub.
func tagged(n *yaml.Node) bool {
	return strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!")
}

// use returns the definition that a node uses, with its arguments.
func (e *expander) use(n *yaml.Node) ([]*yaml.Node, error) {
	if n.Kind == yaml.ScalarNode {
		v, err := e.define(n.Line, n.Value, nil)
		return []*yaml.Node{v}, err
	}
	name, arguments := "", map[string]*yaml.Node{}
	for key, v := range entries(n) {
		if key.Value == "Definition" {
			name = v.Value
		} else {
			arguments[key.Value] = v
		}
	}
	v, err := e.define(n.Line, name, arguments)
	if err != nil {
		return nil, err
	}
	// The comments of a use stay with what takes its place.
	if v.HeadComment == "" {
		v.HeadComment = n.HeadComment
	}
	if v.LineComment == "" {
		v.LineComment = n.LineComment
	}
	return []*yaml.Node{v}, nil
}

// useEach returns a definition once for each set of arguments.
func (e *expander) useEach(n *yaml.Node) (all []*yaml.Node, err error) {
	name, of := "", []*yaml.Node(nil)
	for key, v := range entries(n) {
		switch key.Value {
		case "Definition":
			name = v.Value
		case "Of":
			of = v.Content
		default:
			return nil, fmt.Errorf("line %d: !Each takes Definition and Of, not %s", key.Line, key.Value)
		}
	}
	for _, arguments := range of {
		given := map[string]*yaml.Node{}
		for key, v := range entries(arguments) {
			given[key.Value] = v
		}
		v, err := e.define(arguments.Line, name, given)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// define returns a copy of a definition with its arguments, expanded.
func (e *expander) define(line int, name string, arguments map[string]*yaml.Node) (*yaml.Node, error) {
	definition := e.definitions[name]
	if definition == nil {
		return nil, fmt.Errorf("line %d: there is no definition %q", line, name)
	}
	if e.depth++; e.depth > mostDepth {
		return nil, fmt.Errorf("line %d: the definition %s uses itself", line, name)
	}
	defer func() { e.depth-- }()
	e.used[name] = true
	used := map[string]bool{}
	v, err := substitute(definition, arguments, used)
	if err != nil {
		return nil, fmt.Errorf("line %d: definition %s: %w", line, name, err)
	}
	for _, argument := range slices.Sorted(maps.Keys(arguments)) {
		if !used[argument] {
			return nil, fmt.Errorf("line %d: definition %s has no place for %s", line, name, argument)
		}
	}
	if v == nil {
		return nil, fmt.Errorf("line %d: definition %s is empty", line, name)
	}
	all, err := e.node(v)
	if err != nil {
		return nil, fmt.Errorf("definition %s: %w", name, err)
	}
	if len(all) != 1 {
		return nil, fmt.Errorf("line %d: definition %s is %d values, want one", line, name, len(all))
	}
	return all[0], nil
}

var (
	whole  = regexp.MustCompile(`^\$(?:([A-Z][A-Za-z]*)|\(([A-Z][A-Za-z]*)\))$`)
	within = regexp.MustCompile(`\$([A-Z][A-Za-z]*)`)
)

// substitute returns a copy of a node in which arguments take their places, or nil where an optional one is missing. It
// records those that it used.
func substitute(n *yaml.Node, arguments map[string]*yaml.Node, used map[string]bool) (*yaml.Node, error) {
	c := *n
	c.Content = nil
	if n.Kind == yaml.ScalarNode {
		return scalar(&c, arguments, used)
	}
	for i := 0; i < len(n.Content); i++ {
		child, err := substitute(n.Content[i], arguments, used)
		if err != nil {
			return nil, err
		}
		if n.Kind != yaml.MappingNode {
			if child != nil {
				c.Content = append(c.Content, child)
			}
			continue
		}
		i++
		v, err := substitute(n.Content[i], arguments, used)
		if err != nil {
			return nil, err
		}
		if v != nil {
			c.Content = append(c.Content, child, v)
		}
	}
	return &c, nil
}

// scalar substitutes in a text.
func scalar(n *yaml.Node, arguments map[string]*yaml.Node, used map[string]bool) (*yaml.Node, error) {
	if m := whole.FindStringSubmatch(n.Value); m != nil {
		used[m[1]+m[2]] = true
		v := arguments[m[1]+m[2]]
		switch {
		case v == nil && m[2] == "":
			return nil, fmt.Errorf("the argument %s is missing", m[1])
		case v == nil:
			return nil, nil
		}
		if tagged(n) { // such as !Ref $Name
			if v.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("the argument %s is not a text, which %s takes", m[1]+m[2], n.Tag)
			}
			n.Value = v.Value
			return n, nil
		}
		// Each place gets its own copy, because expansion changes nodes.
		return substitute(v, nil, map[string]bool{})
	}
	var err error
	n.Value = within.ReplaceAllStringFunc(n.Value, func(text string) string {
		v := arguments[text[1:]]
		if v == nil || v.Kind != yaml.ScalarNode {
			err = fmt.Errorf("the argument %s is missing, or is not a text", text[1:])
			return text
		}
		used[text[1:]] = true
		return v.Value
	})
	return n, err
}
