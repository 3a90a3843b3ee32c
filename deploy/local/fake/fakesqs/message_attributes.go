package fakesqs

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// attribute is a message attribute (Amazon SQS Developer Guide, "Amazon SQS message metadata").
type attribute struct {
	DataType    string  `json:"DataType"`
	StringValue *string `json:"StringValue,omitempty"`
	BinaryValue []byte  `json:"BinaryValue,omitempty"`
}

const maxMessageAttributes = 10

var attributeName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,256}$`)

// checkAttributes checks the attributes of a message against the rules of the Developer Guide.
func checkAttributes(attributes map[string]attribute) error {
	if len(attributes) > maxMessageAttributes {
		return invalidParameter("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes),
			maxMessageAttributes)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		lower := strings.ToLower(name)
		if !attributeName.MatchString(name) || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") ||
			strings.Contains(name, "..") || strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon.") {
			return invalidParameter("The message attribute name %q is invalid.", name)
		}
		if err := attributes[name].check(name); err != nil {
			return err
		}
	}
	return nil
}

func (a attribute) check(name string) error {
	kind, _, _ := strings.Cut(a.DataType, ".")
	switch {
	case a.DataType == "":
		return invalidParameter("The message attribute '%s' must contain a non-empty message attribute type.", name)
	case kind != "String" && kind != "Number" && kind != "Binary" || len(a.DataType) > 256:
		return invalidParameter("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case kind == "Binary" && len(a.BinaryValue) == 0, kind != "Binary" && (a.StringValue == nil || *a.StringValue == ""):
		return invalidParameter("The message attribute '%s' must contain a non-empty message attribute value for message attribute type '%s'.", name, kind)
	case kind == "Binary" && a.StringValue != nil, kind != "Binary" && a.BinaryValue != nil:
		return invalidParameter("The message attribute '%s' has a value that does not match its type '%s'.", name, kind)
	}
	if kind == "Number" {
		if _, err := strconv.ParseFloat(*a.StringValue, 64); err != nil {
			return invalidParameter("Can't cast the value of message (user) attribute '%s' to a number.", name)
		}
	}
	if a.StringValue != nil {
		return checkText(*a.StringValue)
	}
	return nil
}

// checkText checks that s holds only the characters that a message may hold (SendMessage: those of XML 1.0).
func checkText(s string) error {
	if !utf8.ValidString(s) {
		return plainError("InvalidMessageContents", "The message is not UTF-8.")
	}
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return plainError("InvalidMessageContents",
				"Invalid binary character '#x%X' was found in the message, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.", r)
		}
	}
	return nil
}

// value returns the bytes of an attribute's value.
func (a attribute) value() []byte {
	if a.StringValue != nil {
		return []byte(*a.StringValue)
	}
	return a.BinaryValue
}

// size returns the size of a message in bytes as SQS counts it: body, attribute names, types and values.
func (c *content) size() int {
	n := len(c.Body)
	for name, a := range c.Attributes {
		n += len(name) + len(a.DataType) + len(a.value())
	}
	return n
}

// attributesMD5 returns the digest that SDKs check (Developer Guide, "Calculating the MD5 message digest for message
// attributes"), or "" if there are no attributes.
func attributesMD5(attributes map[string]attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	field := func(s []byte) { b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...) }
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		field([]byte(name))
		field([]byte(a.DataType))
		transport := byte(1) // a string
		if a.StringValue == nil {
			transport = 2 // bytes
		}
		b = append(b, transport)
		field(a.value())
	}
	return md5Hex(b)
}

func md5Hex(b []byte) string {
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}

// selectAttributes returns the attributes that a receive asks for: by name, by prefix ("foo.*"), or all ("All", ".*").
func selectAttributes(attributes map[string]attribute, names []string) map[string]attribute {
	selected := map[string]attribute{}
	for name, a := range attributes {
		if slices.ContainsFunc(names, func(want string) bool {
			prefix, wild := strings.CutSuffix(want, ".*")
			return want == "All" || want == name || wild && strings.HasPrefix(name, prefix)
		}) {
			selected[name] = a
		}
	}
	return selected
}
