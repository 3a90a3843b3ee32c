package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"darkroom/token-lambda/contract"
)

// readBody returns the body of a POST, which is JSON of at most contract.MaxBody bytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if ct := r.Header.Get("Content-Type"); ct != "" && mediaType(ct) != contract.ContentType {
		return nil, invalid("The Content-Type of the body is %.80q: send JSON as application/json.", ct)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, contract.MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		p := newProblem(contract.ProblemRequestTooLarge,
			fmt.Sprintf("The body is larger than %d bytes. Send fewer uploads in one request.", contract.MaxBody))
		p.limit = contract.MaxBody
		return nil, p
	}
	if err != nil {
		return nil, invalid("The body ended before it was complete: send the request again.").because(err)
	}
	return body, nil
}

// invalid returns the problem of a body that is not the expected JSON. The detail says what is wrong and what would be
// right, in the words of the contract: no error of package encoding/json reaches a client.
func invalid(format string, args ...any) *problem {
	return newProblem(contract.ProblemRequestInvalid, fmt.Sprintf(format, args...))
}

// parseUpload parses the body that creates one upload, which must be one JSON object. It refuses unknown members: a
// client that misspells sha256 must not believe that its digest is checked.
func parseUpload(body []byte) (req contract.UploadRequest, err error) {
	text, err := jsonObject(body)
	if err == nil {
		_, err = readMembers("", text, uploadMembers(&req))
	}
	return req, err
}

// parseBatch parses the body that creates several uploads, as [parseUpload] does.
func parseBatch(body []byte) (req contract.BatchRequest, err error) {
	text, err := jsonObject(body)
	if err != nil {
		return req, err
	}
	_, err = readMembers("", text, members{"uploads": func(path string, value json.RawMessage) error {
		items, err := jsonElements(path, value)
		req.Uploads = make([]contract.UploadRequest, len(items))
		for i, item := range items {
			if err == nil {
				_, err = readMembers(fmt.Sprintf("%s[%d]", path, i), item, uploadMembers(&req.Uploads[i]))
			}
		}
		return err
	}})
	if err == nil && req.Uploads == nil {
		err = invalid("uploads is missing: send a list with 1 to %d of them.", contract.MaxBatch)
	}
	return req, err
}

// members are the members that an object may have. Each reads its value, or returns an error about the path.
type members map[string]func(path string, value json.RawMessage) error

func uploadMembers(up *contract.UploadRequest) members {
	return members{
		"contentType":   func(path string, v json.RawMessage) error { return readString(path, v, &up.ContentType) },
		"contentLength": func(path string, v json.RawMessage) error { return readInteger(path, v, &up.ContentLength) },
		"sha256":        func(path string, v json.RawMessage) error { return readString(path, v, &up.SHA256) },
		"form":          func(path string, v json.RawMessage) error { return readBoolean(path, v, &up.Form) },
		"name":          func(path string, v json.RawMessage) error { return readString(path, v, &up.Name) },
		"metadata":      func(path string, v json.RawMessage) error { return readStrings(path, v, &up.Metadata) },
	}
}

// jsonObject returns the text of the one JSON object that the body must be.
func jsonObject(body []byte) (json.RawMessage, error) {
	rest := bytes.TrimLeft(body, " \t\r\n")
	switch kind := jsonKind(rest); {
	case len(rest) == 0:
		return nil, invalid("The body is empty: send a JSON object.")
	case !utf8.Valid(body):
		return nil, invalid("The body is not UTF-8: send JSON text, encoded as UTF-8.")
	case kind == "":
		return nil, invalid("The body is not JSON: send a JSON object. It begins with %q.", firstRune(rest))
	case kind != "an object":
		return nil, invalid("The body is %s: send a JSON object.", kind)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	var text json.RawMessage
	err := dec.Decode(&text)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax) && strings.Contains(syntax.Error(), "depth"):
		return nil, invalid("The body is nested too deeply: send only the members of the contract.")
	case errors.As(err, &syntax):
		return nil, invalid("The body is not valid JSON: correct it at byte %d.", syntax.Offset)
	case err != nil:
		return nil, invalid("The body ends in the middle of its JSON object: send all of it.")
	}
	if rest := bytes.TrimLeft(body[dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, invalid("The body continues with %q after its JSON object: send one object and nothing else.",
			firstRune(rest))
	}
	return text, nil
}

func firstRune(text []byte) string {
	_, size := utf8.DecodeRune(text)
	return string(text[:size])
}

// jsonKind describes a JSON value by its first byte. It returns "" if no value begins with it.
func jsonKind(value []byte) string {
	if len(value) == 0 {
		return ""
	}
	switch c := value[0]; {
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == 't', c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	case c == '-', c >= '0' && c <= '9':
		return "a number"
	}
	return ""
}

// wrongKind says that the value at path must be something else.
func wrongKind(path, want string, value json.RawMessage) error {
	return invalid("%.99s must be %s, but is %s.", path, want, jsonKind(value))
}

// readMembers reads the object at path, which is valid JSON, and returns the names of its members.
func readMembers(path string, value json.RawMessage, m members) (names []string, err error) {
	where := "The body"
	if path != "" {
		where = path
	}
	return readObject(path, value, func(name, path string, v json.RawMessage) error {
		if m[name] == nil {
			return invalid("%s has the unknown member %.40q. %s", where, name, knownMembers(m))
		}
		return m[name](path, v)
	})
}

// readStrings reads the object at path, whose values must be strings.
func readStrings(path string, value json.RawMessage, into *map[string]string) error {
	*into = map[string]string{}
	_, err := readObject(path, value, func(name, path string, v json.RawMessage) error {
		var s string
		err := readString(path, v, &s)
		(*into)[name] = s
		return err
	})
	return err
}

// readObject calls read for each member of the object at path, which is valid JSON, and returns their names.
func readObject(path string, value json.RawMessage,
	read func(name, path string, value json.RawMessage) error) (names []string, err error) {
	if jsonKind(value) != "an object" {
		return nil, wrongKind(path, "an object", value)
	}
	prefix := ""
	if path != "" {
		prefix = path + "."
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if slices.Contains(names, name) {
			return nil, invalid("%.99s occurs more than once: send it once.", prefix+name)
		}
		if err := read(name, prefix+name, v); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// knownMembers lists the names of m in the order of the contract.
func knownMembers(m members) string {
	if m["uploads"] != nil {
		return "The only one is uploads."
	}
	return "The known ones are contentType, contentLength, sha256, form, name and metadata."
}

// jsonElements returns the elements of the array at path, which is valid JSON.
func jsonElements(path string, value json.RawMessage) ([]json.RawMessage, error) {
	if jsonKind(value) != "an array" {
		return nil, wrongKind(path, "an array", value)
	}
	var elements []json.RawMessage
	return elements, json.Unmarshal(value, &elements)
}

func readString(path string, value json.RawMessage, into *string) error {
	if jsonKind(value) != "a string" {
		return wrongKind(path, "a string", value)
	}
	return json.Unmarshal(value, into)
}

func readBoolean(path string, value json.RawMessage, into *bool) error {
	if jsonKind(value) != "a boolean" {
		return wrongKind(path, "true or false", value)
	}
	*into = value[0] == 't'
	return nil
}

func readInteger(path string, value json.RawMessage, into *int64) error {
	if jsonKind(value) != "a number" {
		return wrongKind(path, "a whole number", value)
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return invalid("%s must be a whole number of at most 64 bits, but is %.40s.", path, value)
	case err != nil:
		return invalid("%s must be a whole number in digits, without a fraction or an exponent, but is %.40s.", path, value)
	}
	*into = n
	return nil
}
