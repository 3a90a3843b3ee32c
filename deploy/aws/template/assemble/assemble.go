// Package assemble makes the CloudFormation template from its sources.
//
// The sources are YAML files of one subject each, in the folder source. Each has some of a template's sections:
// Parameters, Rules, Mappings, Conditions, Resources and Outputs. The template has the entries of all files, in the
// order of order.
//
// CloudFormation has neither aliases nor macros of its own that need no Lambda function. So a source may use
// definitions, which are in the section Definitions of any file:
//
//	Definitions:
//	  waiting: { Id: $Id, ReturnData: false, MetricStat: { Stat: $Stat, Period: $(Period) } }
//	Resources:
//	  Alarm: { Metrics: [!Use { Definition: waiting, Id: visible, Stat: Maximum, Period: 60 }] }
//
// $Name is replaced by the argument Name, as a whole value or within a text. A value $(Name) without an argument is
// left out together with its key, or from its list. A definition that is a list takes the place of the one element that
// uses it. "!Use name" is short for a use without arguments. Arguments and definitions may use other definitions. In a
// list, "!Each { Definition: name, Of: [{...}, {...}] }" uses a definition once for each element of Of, and among
// resources the key of such an entry does not matter: the definition is a mapping whose entries take its place.
//
// "!Json value" is the value as JSON in one line, for texts such as the body of a dashboard. "!Text file" is the text
// of a file in the folder.
//
// An unknown definition, an argument that is missing or that nothing uses, and a name that two files define are errors.
package assemble

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// sections are those of a template in their order.
var sections = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs"}

const definitions = "Definitions"

// Template returns the template that the files *.yaml of a folder make, in the order of their names. header is its
// first lines, without comment signs.
func Template(sources fs.FS, header string) ([]byte, error) {
	files, err := fs.Glob(sources, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("assemble: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("assemble: there are no sources")
	}
	e := &expander{files: sources, definitions: map[string]*yaml.Node{}, used: map[string]bool{}}
	merged := map[string]*yaml.Node{}
	where := map[string]string{}
	for _, file := range files {
		text, err := fs.ReadFile(sources, file)
		if err != nil {
			return nil, fmt.Errorf("assemble: %w", err)
		}
		if err := e.merge(merged, where, file, text); err != nil {
			return nil, fmt.Errorf("assemble: %s: %w", file, err)
		}
	}
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range sections {
		section := merged[name]
		if section == nil {
			continue
		}
		if err := e.section(section); err != nil {
			return nil, fmt.Errorf("assemble: %s: %w", name, err)
		}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, section)
	}
	for _, name := range slices.Sorted(maps.Keys(e.definitions)) {
		if !e.used[name] {
			return nil, fmt.Errorf("assemble: nothing uses the definition %s", name)
		}
	}
	var out bytes.Buffer
	for line := range strings.Lines(header) {
		out.WriteString("# " + line)
	}
	out.WriteByte('\n')
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(root); err != nil {
		return nil, fmt.Errorf("assemble: %w", err)
	}
	return out.Bytes(), nil
}

// merge adds the sections of a file.
func (e *expander) merge(merged map[string]*yaml.Node, where map[string]string, file string, text []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return err
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return errors.New("want one YAML document, a mapping")
	}
	for section, v := range entries(doc.Content[0]) {
		if section.Value != definitions && !slices.Contains(sections, section.Value) {
			return fmt.Errorf("line %d: unknown section %s", section.Line, section.Value)
		}
		if v.Kind != yaml.MappingNode {
			if merged[section.Value] != nil {
				return fmt.Errorf("line %d: %s is in %s too", section.Line, section.Value, where[section.Value])
			}
			merged[section.Value], where[section.Value] = v, file
			continue
		}
		for key, entry := range entries(v) {
			name := section.Value + "." + key.Value
			if other, ok := where[name]; ok {
				return fmt.Errorf("line %d: %s is in %s too", key.Line, name, other)
			}
			where[name] = file
			if section.Value == definitions {
				e.definitions[key.Value] = entry
				continue
			}
			if merged[section.Value] == nil {
				merged[section.Value] = &yaml.Node{Kind: yaml.MappingNode}
			}
			merged[section.Value].Content = append(merged[section.Value].Content, key, entry)
		}
	}
	return nil
}

// entries iterates over the keys of a mapping with their values.
func entries(n *yaml.Node) func(func(key, v *yaml.Node) bool) {
	return func(yield func(key, v *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}
