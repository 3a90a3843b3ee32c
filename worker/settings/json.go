package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// CheckJSON returns an error for what [json.Unmarshal] takes silently and an operator cannot have meant: a null, which
// it treats as an absent entry, and a member that comes twice, of which it keeps the later one. Names that differ only
// in case are the same, as for Unmarshal. The error begins with the names that lead to the entry. It is also an error
// if the text is not JSON; what comes after the first value is not read.
func CheckJSON(text string) error {
	return checkJSON(json.NewDecoder(strings.NewReader(text)), false)
}

// CheckRepeats is like [CheckJSON], but accepts a null: programs that generate JSON write it for what is not set.
func CheckRepeats(text string) error {
	return checkJSON(json.NewDecoder(strings.NewReader(text)), true)
}

func checkJSON(dec *json.Decoder, nulls bool) error {
	begin, err := dec.Token()
	switch {
	case err != nil:
		return err
	case begin == nil && !nulls:
		return errors.New("null sets nothing: leave the entry out")
	case begin != json.Delim('{') && begin != json.Delim('['):
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		if begin == json.Delim('[') {
			if err := checkJSON(dec, nulls); err != nil {
				return err
			}
			continue
		}
		member, err := dec.Token()
		if err != nil {
			return err
		}
		name := fmt.Sprint(member)
		if seen[strings.ToLower(name)] {
			return fmt.Errorf("%.80q comes twice: want each entry once", name)
		}
		seen[strings.ToLower(name)] = true
		if err := checkJSON(dec, nulls); err != nil {
			return fmt.Errorf("%.80s: %w", name, err)
		}
	}
	_, err = dec.Token() // the end of the object or array
	return err
}
