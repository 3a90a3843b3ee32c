package settings

import (
	"encoding/json"
	"fmt"
	"strings"
)

// RepeatedMember returns the name of a member that occurs twice in one object of a JSON text, or "" if there is none.
// [json.Unmarshal] would silently keep the later one. Names that differ only in case are the same, as for Unmarshal.
func RepeatedMember(text string) (string, error) {
	return repeatedMember(json.NewDecoder(strings.NewReader(text)))
}

func repeatedMember(dec *json.Decoder) (name string, err error) {
	begin, err := dec.Token()
	if err != nil || begin != json.Delim('{') && begin != json.Delim('[') {
		return "", err
	}
	seen := map[string]bool{}
	for dec.More() {
		if begin == json.Delim('{') {
			member, err := dec.Token()
			if err != nil {
				return "", err
			}
			name := fmt.Sprint(member)
			if seen[strings.ToLower(name)] {
				return name, nil
			}
			seen[strings.ToLower(name)] = true
		}
		if name, err := repeatedMember(dec); err != nil || name != "" {
			return name, err
		}
	}
	_, err = dec.Token() // the end of the object or array
	return "", err
}
